/** The id of a token that the analyzer leaves out: too short, or without a letter. */
export const NO_TERM = 0;

/**
 * A text as numbers. The arrays belong to the analyzer and are overwritten by its next `analyze`.
 *
 * Every token of the text stands in it, in order, also those left out, so that neighbours can be told.
 */
export interface Analysis {
  readonly nTokens: number;
  /** Per token the id of its lower-cased surface form, 1 and up. */
  readonly surfaces: Uint32Array;
  /** Per token the id of its term (stem or lemma), 1 and up; NO_TERM where it is left out. */
  readonly terms: Uint32Array;
  /** Per token its first and one-past-last position in the text, in UTF-16 code units. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly nSentences: number;
  /** Shape (nSentences + 1): the token that each sentence begins with, and nTokens. */
  readonly sentenceStarts: Uint32Array;
}

/** Turns text into interned terms. An analyzer is not safe to share between threads; its spec makes an equal one. */
export interface Analyzer {
  /** As written in a configuration, for example `snowball(english)`. */
  readonly spec: string;
  /** BCP 47 primary language of the project; rules of sentence ends follow it. */
  readonly language: string;
  /** Counts how often the tables of surfaces and terms were emptied to bound memory: ids of other epochs mean nothing. */
  readonly epoch: number;
  /** Highest surface id and term id in use, for side tables. */
  readonly nSurfaces: number;
  readonly nTerms: number;
  analyze(text: string): Analysis;
  /** @returns the lower-cased token with the surface id */
  surface(surfaceId: number): string;
  /** @returns the stem or lemma with the term id */
  term(termId: number): string;
  /** @returns the id of a stem or lemma, interned if new */
  termId(term: string): number;
  /** @returns the terms of a text as strings, those left out omitted: for display and tests */
  terms(text: string): string[];
}

/** Documents in, documents out; whatever it does not change is kept, ids and metadata included. */
export interface Transform {
  readonly spec: string;
  apply(text: string, metadata: Readonly<Record<string, string>> | undefined): string;
}
