import { EventEmitter } from 'node:events';
import { newlines, syntaxError } from './syntax-error.js';
import type { RdfReader, TripleSink } from './triple-sink.js';

/**
 * Characters without the end of a triple: the parser looks at an open literal again with each piece of text, so that
 * one that is never closed would cost the square of its length.
 */
const MAX_UNFINISHED = 1 << 23;

/** The formats of n3's parser, by its names for them. */
export type TurtleFamily = 'Turtle' | 'N-Triples' | 'N-Quads' | 'TriG' | 'N3';

/**
 * Reads Turtle and its relatives with n3; memory does not grow with the file.
 *
 * Graphs of N-Quads and TriG are read as one; what stands inside a formula of N3 is passed over.
 *
 * @param baseIri what relative IRIs start from
 */
export async function turtleReader(
  path: string,
  format: TurtleFamily,
  baseIri: string,
  sink: TripleSink,
): Promise<RdfReader> {
  const { Parser } = await import('n3');
  const input = new EventEmitter();
  const isLineFormat = format === 'N-Triples' || format === 'N-Quads';
  const parser = new Parser({
    format: format === 'N3' ? 'text/n3' : format,
    blankNodePrefix: 'b-',
    ...(isLineFormat ? undefined : { baseIRI: baseIri }),
  });
  let failure: Error | undefined;
  let nUnfinished = 0;
  let line = 1;
  parser.parse(
    input as never, // n3 asks of a stream no more than its events
    (error, quad) => {
      if (error) {
        failure ??= error;
        return;
      }
      nUnfinished = 0;
      if (!quad || (format === 'N3' && quad.graph.termType === 'BlankNode')) return;
      const { subject, predicate, object } = quad;
      if (subject.termType !== 'NamedNode' && subject.termType !== 'BlankNode') return;
      const subjectName = subject.id;
      if (object.termType === 'Literal') sink.literal(subjectName, predicate.value, object.value, object.language);
      else if (object.termType === 'NamedNode' || object.termType === 'BlankNode') {
        sink.resource(subjectName, predicate.value, object.id);
      }
    },
    (prefix, iri) => sink.prefix(prefix, iri.value),
  );
  const check = () => {
    if (!failure) return;
    const at = (failure as { context?: { line?: number } }).context?.line;
    const problem = failure.message.replace(/ on line \d+\.?$/, '');
    throw syntaxError(path, at, problem, { format, cause: failure });
  };
  return {
    write: (text) => {
      nUnfinished += text.length;
      input.emit('data', text);
      check();
      line += newlines(text);
      if (nUnfinished > MAX_UNFINISHED) {
        const problem = `no triple ends in the last ${MAX_UNFINISHED} characters`;
        throw syntaxError(path, line, problem, { format, hint: 'A quotation mark may be missing before.' });
      }
    },
    end: () => {
      input.emit('end');
      check();
    },
  };
}
