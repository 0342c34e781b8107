import { IndexingError } from '@catchword/core';
import type { RdfXmlParser as Parser } from 'rdfxml-streaming-parser';
import { newlines, syntaxError } from './syntax-error.js';
import type { RdfReader, TripleSink } from './triple-sink.js';

const FORMAT = 'RDF/XML';
/** Elements inside each other; thesauri need fewer than ten. */
const MAX_DEPTH = 1000;
/** In characters. Protégé and OWL tools declare namespaces as entities; nothing needs more. */
const MAX_DOCTYPE = 1 << 16;
const MAX_ENTITY = 512;
/** Characters before the first element. */
const MAX_PROLOG = 1 << 20;

/**
 * Reads RDF/XML with rdfxml-streaming-parser; memory does not grow with the file.
 *
 * Entities may only stand for short plain text, as namespaces do: those that lead to other entities or to files are
 * refused, so that a file cannot unfold itself in memory. An external DTD is never fetched.
 *
 * @param baseIri what relative IRIs start from where the file has no xml:base
 */
export async function rdfXmlReader(path: string, baseIri: string, sink: TripleSink): Promise<RdfReader> {
  const { RdfXmlParser } = await import('rdfxml-streaming-parser');
  let depth = 0;
  let nElements = 0;
  let failure: Error | undefined;

  /** Hands triples straight to the sink instead of through a stream of objects. */
  class DirectParser extends RdfXmlParser {
    protected override emitTriple(...[subject, predicate, object]: Parameters<Parser['emitTriple']>): void {
      if (subject.termType !== 'NamedNode' && subject.termType !== 'BlankNode') return;
      const subjectName = subject.termType === 'BlankNode' ? `_:${subject.value}` : subject.value;
      if (object.termType === 'Literal') sink.literal(subjectName, predicate.value, object.value, object.language);
      else if (object.termType === 'NamedNode') sink.resource(subjectName, predicate.value, object.value);
      else if (object.termType === 'BlankNode') sink.resource(subjectName, predicate.value, `_:${object.value}`);
    }

    protected override onTag(tag: Parameters<Parser['onTag']>[0]): void {
      if (++depth > MAX_DEPTH) throw this.newParseError(`elements are nested more than ${MAX_DEPTH} deep`);
      if (nElements++ === 0) for (const [prefix, uri] of Object.entries(tag.ns)) sink.prefix(prefix, uri);
      super.onTag(tag);
    }

    protected override onCloseTag(): void {
      depth--;
      super.onCloseTag();
    }

    /** The parser keeps the last run of text only; CDATA sections make several of one label. */
    protected override onText(text: string): void {
      const tag = (this as unknown as OpenTags).activeTagStack.at(-1);
      super.onText(tag?.text !== undefined && !tag.childrenStringTags ? tag.text + text : text);
    }

    protected override onDoctype(doctype: string): void {
      const problem = doctypeProblem(doctype);
      if (problem) throw this.newParseError(problem);
      super.onDoctype(doctype);
    }
  }

  const parser = new DirectParser({ baseIRI: baseIri, trackPosition: true, allowDuplicateRdfIds: true });
  parser.on('error', (error: Error) => {
    failure ??= error;
  });
  let nRead = 0;
  let lastLine = 1;
  const fail = (cause: Error): never => {
    if (IndexingError.is(cause)) throw cause;
    const found = /^(?:Line )?(\d+)(?: column |:)\d+: /.exec(cause.message);
    const line = found ? Number(found[1]) : lastLine;
    throw syntaxError(path, line, cause.message.slice(found?.[0].length ?? 0), { format: FORMAT, cause });
  };
  return {
    write: (text) => {
      parser._transform(text, 'utf8', (error) => {
        failure ??= error ?? undefined;
      });
      if (failure) fail(failure);
      lastLine += newlines(text);
      nRead += text.length;
      if (nElements === 0 && nRead > MAX_PROLOG) {
        throw syntaxError(path, lastLine, `there is no element in the first ${MAX_PROLOG} characters`, {
          format: FORMAT,
        });
      }
    },
    end: () => {
      if (nElements === 0) throw syntaxError(path, lastLine, 'it holds no XML element', { format: FORMAT });
      if (depth > 0) {
        throw syntaxError(path, lastLine, `it ends inside ${depth} open element${depth > 1 ? 's' : ''}`, {
          format: FORMAT,
          hint: 'The file seems to be cut off: fetch it again.',
        });
      }
    },
  };
}

/** The part of the parser's state that its declarations keep private. */
interface OpenTags {
  readonly activeTagStack: readonly { readonly text?: string; readonly childrenStringTags?: readonly string[] }[];
}

/** @returns why the document type may not be read, or undefined */
function doctypeProblem(doctype: string): string | undefined {
  if (doctype.length > MAX_DOCTYPE) return `its DOCTYPE has more than ${MAX_DOCTYPE} characters`;
  for (const [, name = '', rest = ''] of doctype.matchAll(/<!ENTITY\s+(\S+)\s+([^>]*)/g)) {
    if (name === '%') return 'its DOCTYPE defines a parameter entity, which is not read';
    if (/^(?:SYSTEM|PUBLIC)\b/.test(rest)) return `its entity "${name}" stands for another file, which is not read`;
    if (/[&%]/.test(rest)) return `its entity "${name}" is made of other entities, which is not read`;
    if (rest.length > MAX_ENTITY) return `its entity "${name}" has more than ${MAX_ENTITY} characters`;
  }
  return undefined;
}
