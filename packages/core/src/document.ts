/** The number of a subject: dense, and stable over every update of its vocabulary. */
export type SubjectId = number;

/** One text to be indexed, or one that people have indexed. */
export interface Document {
  readonly text: string;
  readonly documentId?: string;
  /** Gold subjects: known ids, each once, in the order of the source; absent where the source states none. */
  readonly subjects?: readonly SubjectId[];
  /** Further fields by name, in an object without prototype. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Above 0 and below 1: what the document counts in training beside one that people have indexed; absent: as much as that. */
  readonly weight?: number;
  /** The file that the document was read from, where it has one of its own. */
  readonly path?: string;
}

/** A collection of documents: a lazy stream that can be started again, in constant memory. */
export interface Corpus {
  /** What messages call it: the paths, or `standard input`. */
  readonly name: string;
  documents(): AsyncIterable<Document>;
}
