import type { SubjectId } from './document.js';

/** A stretch of the text that speaks for a subject. */
export interface TextEvidence {
  /** Positions in the text, in UTF-16 code units; end is one past the last. */
  readonly start: number;
  readonly end: number;
  /** The label that was matched; of a term, the term as the model knows it. */
  readonly label: string;
  /** How: `label` word for word, `form` another form of its words, `words` its words apart, `part` some of its words, `compound` inside a longer word or the other way round, `related` by a neighbour in the thesaurus; `term`: not a label, but a term that records with the subject have; `meaning`: a passage whose meaning is near to the label's. */
  readonly kind: 'label' | 'form' | 'words' | 'part' | 'compound' | 'related' | 'term' | 'meaning';
}

/** How much one feature moved the score. */
export interface Contribution {
  readonly feature: string;
  /** In words, for people: "the label is in the first sentence". */
  readonly text: string;
  /** The feature's value; null where it is missing. */
  readonly value: number | null;
  /** On the explanation's scale, positive speaks for the subject. */
  readonly weight: number;
}

/** What one source of an ensemble gave a subject. */
export interface SourceShare {
  readonly projectId: string;
  /** Null where the source does not suggest it, or failed. */
  readonly score: number | null;
  /** From 1. */
  readonly rank: number | null;
  /** The source's own reasons. */
  readonly contributions: readonly Contribution[];
  /** As an explanation's. */
  readonly scale?: Explanation['scale'] | undefined;
}

/** A training record that speaks for a subject. */
export interface RecordEvidence {
  /** Absent where the record has none. */
  readonly documentId?: string;
  readonly title: string;
  /** In (0, 1]. */
  readonly similarity: number;
  /** Present and true where record and document are nearly the same text. */
  readonly nearDuplicate?: boolean;
}

/** Why a subject was suggested for a document. */
export interface Explanation {
  readonly subjectId: SubjectId;
  readonly score: number;
  readonly evidence: readonly TextEvidence[];
  /** By falling absolute weight. */
  readonly contributions: readonly Contribution[];
  /** Of an ensemble: a share for each source, in their order. */
  readonly sources?: readonly SourceShare[];
  /** What the contributions' weights are: log odds (unless told), or parts of the score. */
  readonly scale?: 'log-odds' | 'share' | undefined;
  /** Training records that the score comes from, by falling similarity; absent where a backend does not compare records. */
  readonly records?: readonly RecordEvidence[];
}
