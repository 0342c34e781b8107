import { finished } from 'node:stream/promises';
import { IndexingError, InputError } from '@catchword/core';
import { newlines, syntaxError } from './syntax-error.js';
import type { RdfReader, TripleSink } from './triple-sink.js';

const FORMAT = 'JSON-LD';
/** Objects and arrays inside each other; the parser's cost grows with the square of it. */
const MAX_DEPTH = 100;
/** Characters handed over at once, of one line. The parser does not say where it stands. */
const SLICE = 1 << 14;

/**
 * Reads JSON-LD with jsonld-streaming-parser, flat or expanded or with an embedded context.
 *
 * An object's @context has to come before its other members, as serializers write it.
 * Nothing is fetched from the network: a context that is named by an address is an error.
 *
 * @param baseIri what relative IRIs start from
 */
export async function jsonLdReader(path: string, baseIri: string, sink: TripleSink): Promise<RdfReader> {
  const { JsonLdParser } = await import('jsonld-streaming-parser');
  let failure: Error | undefined;
  let refused: InputError | undefined;
  let line = 1;
  const parser = new JsonLdParser({
    baseIRI: baseIri,
    // Without these the parser keeps the whole document to find a late @context, in time that grows with its square.
    streamingProfile: true,
    streamingProfileAllowOutOfOrderPlainType: true,
    documentLoader: {
      load: async (url: string) => {
        refused = new InputError(
          'input-invalid',
          `Cannot read ${path}: its @context is at ${url}, which is not fetched`,
          {
            hint: 'Write the context into the file, or convert the file to Turtle or expanded JSON-LD.',
            context: { path, url },
          },
        );
        throw refused;
      },
    },
  });
  parser.on('error', (error: Error) => {
    failure ??= error;
  });
  parser.on('data', ({ subject, predicate, object }) => {
    if (subject.termType !== 'NamedNode' && subject.termType !== 'BlankNode') return;
    const subjectName = subject.termType === 'BlankNode' ? `_:${subject.value}` : subject.value;
    if (object.termType === 'Literal') {
      sink.literal(subjectName, predicate.value, object.value, object.language.toLowerCase());
    } else if (object.termType === 'NamedNode') sink.resource(subjectName, predicate.value, object.value);
    else if (object.termType === 'BlankNode') sink.resource(subjectName, predicate.value, `_:${object.value}`);
  });
  const fail = (cause: Error, slice: string): never => {
    if (refused) throw refused;
    if (IndexingError.is(cause)) throw cause;
    if (/out-of-order (?:context|type)/.test(cause.message)) {
      throw syntaxError(
        path,
        line,
        'its @context comes after what it explains, which would hold all of the file in memory',
        {
          format: FORMAT,
          hint: `Put it first, for example: jq '{"@context"} + .' ${path} > reordered.jsonld`,
          cause,
        },
      );
    }
    const at = /^Unexpected (.+) at position (\d+) in state (\w+)/.exec(cause.message);
    if (!at) throw syntaxError(path, line, cause.message, { format: FORMAT, cause });
    const before = Buffer.from(slice).subarray(0, Number(at[2])).toString();
    throw syntaxError(path, line + newlines(before), `unexpected ${at[1]}`, { format: FORMAT, cause });
  };
  const nesting = new Nesting();
  return {
    write: async (text) => {
      for (let from = 0; from < text.length; ) {
        const lineEnd = text.indexOf('\n', from);
        let to = Math.min(lineEnd < 0 ? text.length : lineEnd + 1, from + SLICE);
        if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++; // keep surrogates together
        const slice = text.slice(from, to);
        const deepAt = nesting.follow(slice);
        if (deepAt >= 0) {
          const problem = `objects and arrays are nested more than ${MAX_DEPTH} deep`;
          throw syntaxError(path, line + newlines(slice.slice(0, deepAt)), problem, { format: FORMAT });
        }
        await new Promise<void>((resolve) => parser.write(slice, () => resolve()));
        if (failure) fail(failure, slice);
        line += newlines(slice);
        from = to;
      }
    },
    end: async () => {
      parser.end();
      await finished(parser).catch((error: Error) => {
        failure ??= error;
      });
      if (nesting.depth > 0) {
        throw syntaxError(path, line, 'it ends inside an open object or array', {
          format: FORMAT,
          hint: 'The file seems to be cut off: fetch it again.',
        });
      }
      if (failure) fail(failure, '');
    },
  };
}

/** Follows how deep objects and arrays are nested. */
class Nesting {
  depth = 0;
  private inString = false;
  private escaped = false;

  /** @returns where the text goes too deep, or -1 */
  follow(text: string): number {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (c === 0x5c) this.escaped = true;
        else if (c === 0x22) this.inString = false;
      } else if (c === 0x22) this.inString = true;
      else if (c === 0x7b || c === 0x5b) {
        if (++this.depth > MAX_DEPTH) return i;
      } else if (c === 0x7d || c === 0x5d) this.depth--;
    }
    return -1;
  }
}
