import type { CsrPattern } from '@catchword/math';
import type { Analyzer } from './analysis.js';
import type { AnswerCache } from './answer-cache.js';
import type { Consultation } from './consultation.js';
import type { Definitions } from './definitions.js';
import type { Corpus, Document, SubjectId } from './document.js';
import type { Explanation } from './explanation.js';
import type { Family } from './family.js';
import type { JsonObject, JsonValue, ModelData } from './model-data.js';
import type { SimilarRecord } from './similar-record.js';
import type { Source } from './source.js';
import type { Checkpoints, HeldOut } from './source-panel.js';
import type { SuggestionBatch } from './suggestion-batch.js';
import type { Vocabulary } from './vocabulary.js';

/** What a backend is given to work with; it never sees a project, a registry or a disk. */
export interface BackendContext {
  readonly projectId: string;
  /** The project's language, as SKOS tags it. */
  readonly language: string;
  readonly vocabulary: Vocabulary;
  /** Of a backend that shows concepts to a model: what they mean; absent where the vocabulary does not say. */
  readonly definitions?: Definitions;
  /** The project's analyzer, for this thread. */
  readonly analyzer: Analyzer;
  /** What projects of one ensemble share in this thread; absent where the project stands alone. */
  readonly family?: Family;
  /** Of an ensemble: its sources, in the order of the configuration. */
  readonly sources?: readonly Source[];
  /** Of a backend that asks services: where their answers are kept for the next time. */
  readonly answers?: AnswerCache;
  /** Of a backend that asks services: `SHARED_STATE_BYTES` that all threads with this project open share, at first zero. */
  readonly sharedState?: SharedArrayBuffer;
}

/** The size of `BackendContext.sharedState`. */
export const SHARED_STATE_BYTES = 1024;

export interface SuggestOptions {
  /** At most so many suggestions a document. */
  readonly limit: number;
  /** Whether the batch is to carry the backend's evidence columns. */
  readonly evidence?: boolean;
  /**
   * Shape (nSubjects): 1 where the backend has to act as if no training record had the subject: an associative one does
   * not suggest it, a lexical one judges it by its labels alone. For training a fusion.
   */
  readonly hidden?: Uint8Array;
  /** Ends what takes long, with the signal's reason; quick backends do not look at it. */
  readonly signal?: AbortSignal;
}

/** Work that takes time says how far it is. */
export interface Progress {
  /** What is being done, for example `matching labels`. */
  readonly stage: string;
  readonly done: number;
  /** Absent where it cannot be known. */
  readonly total?: number;
  /** What is counted, in the plural: `documents`. */
  readonly unit: string;
}

export interface TrainOptions {
  /** Worker threads to use; the result does not depend on it. */
  readonly nJobs: number;
  readonly seed: number;
  /** How much memory what is read from the corpus may take, and the folder for what goes beyond; a backend may need more. */
  readonly scratch?: { readonly memoryBytes: number; readonly folder: string };
  /** Of an ensemble: documents with sources that have not learnt them, all of which it learns from. */
  readonly heldOut?: readonly HeldOut[];
  readonly checkpoints?: Checkpoints;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Something the user should know; training goes on. */
  readonly onWarning?: (message: string) => void;
}

/** A ready model. An untrained one cannot exist. */
export interface Backend {
  /**
   * @param docs after the project's transforms; not modified
   * @returns a row for each document, of at most `limit` suggestions
   */
  suggest(docs: readonly Document[], options: SuggestOptions): SuggestionBatch | Promise<SuggestionBatch>;
  /** @returns one explanation for each subject asked for, in that order */
  explain?(doc: Document, subjectIds: readonly SubjectId[]): readonly Explanation[] | Promise<readonly Explanation[]>;
  /** True where a score is the probability that the subject is right. */
  readonly isCalibrated?: boolean;
  /** @returns the training records most like a document, at most n, by falling similarity; absent where it keeps none */
  similar?(doc: Document, n: number): readonly SimilarRecord[] | Promise<readonly SimilarRecord[]>;
  /**
   * @returns shape (nRecords, nSubjects): the subjects that people gave its training records, those learnt since included;
   *   absent where it keeps none
   */
  assignments?(): CsrPattern;
  /** Suggests for one document and tells what a language model was asked and answered; absent where none is asked. */
  consult?(doc: Document, options: SuggestOptions): Promise<Consultation>;
  /** @returns terms that a document is about and the vocabulary seems to lack; absent where none are looked for */
  newTerms?(doc: Document): readonly string[] | Promise<readonly string[]>;
  /**
   * Takes records in at once, in the order given; `suggest` knows them from then on, and `save` keeps them. A record with the
   * text of one that was learnt before takes its place, and that of training records too where `trainedSubjects` is present.
   *
   * @param notes of each record what `assess` noted before it was learnt, or null to learn it without; absent: `learn` asks itself
   */
  learn?(docs: readonly Document[], notes?: readonly JsonValue[]): void | Promise<void>;
  /**
   * What training records with a document's text say of it, as long as nothing was learnt in their place. Absent where the
   * backend cannot tell: what it was trained on has its say beside what it learns, and stays in the training frequencies.
   *
   * @returns the subjects of each such record, one after the other
   */
  trainedSubjects?(doc: Document): readonly SubjectId[];
  /**
   * Looks at records that have not been learnt, for what can be seen only before: how far it would have been right. Changes
   * nothing. Absent where `learn` needs no notes.
   *
   * @returns a note for each record, as small as can be: it is kept for as long as the record
   */
  assess?(docs: readonly Document[]): readonly JsonValue[] | Promise<readonly JsonValue[]>;
  /** The model as data; `BackendType.load` makes an equal backend from it. */
  save(): ModelData;
  close?(): Promise<void>;
}

/** A parameter as a configuration or the command line gives it. */
export type RawParams = Readonly<Record<string, string | number | boolean>>;

/** What `BackendType.train` gives back besides the model. */
export interface Trained {
  readonly backend: Backend;
  /** Facts for the report and the manifest: counts, figures measured in training. */
  readonly report: JsonObject;
}

/**
 * A kind of backend.
 *
 * @typeParam P its parameters, parsed
 */
export interface BackendType<P = unknown> {
  /** The name in a configuration, for example `mllm`. */
  readonly name: string;
  /** Names of the parameters that it knows, with a line of help each. */
  readonly paramHelp: Readonly<Record<string, string>>;
  /**
   * Reads parameters and fills in defaults.
   *
   * @param raw only keys of `paramHelp`
   * @param problem called for each value that cannot be used; never throws for one
   */
  parseParams(raw: RawParams, problem: (key: string, message: string) => void): P;
  /** @throws {OperationError} if the corpus cannot be learnt from; an abort rejects with the signal's reason */
  train?(context: BackendContext, corpus: Corpus, params: P, options: TrainOptions): Promise<Trained>;
  /** @throws {ModelError} if the data is not a model of this type */
  load?(context: BackendContext, model: ModelData, params: P): Backend;
}
