/**
 * Takes the triples of a vocabulary file one by one; every RDF reader speaks to it.
 *
 * A blank node is written `_:name`. Strings are the sink's only while the call lasts: it copies what it keeps.
 */
export interface TripleSink {
  /** A triple whose object is an IRI or a blank node. */
  resource(subject: string, predicate: string, object: string): void;
  /** @param language the tag in lower case, or '' */
  literal(subject: string, predicate: string, value: string, language: string): void;
  prefix(name: string, uri: string): void;
}

/** Where a reader stands, for messages about what is being read. */
export interface RdfReader {
  /** @throws {InputError} `input-invalid` with path and line at a syntax error */
  write(text: string): void | Promise<void>;
  end(): void | Promise<void>;
}
