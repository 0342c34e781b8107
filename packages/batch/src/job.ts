import type { MarcWriteReport } from '@catchword/marc';

/**
 * `open`: not finished – somebody works on it, or it was interrupted; `cancelling`: whoever works on it will stop;
 * `partial`: finished, and some documents are set aside.
 */
export type JobState = 'open' | 'cancelling' | 'cancelled' | 'partial' | 'done';

/** What belongs together in a job: inputs whose results go to the same files, or a folder whose documents have a file each. */
export interface UnitPlan {
  readonly kind: 'file' | 'folder';
  /** Files and folders, as they were named. */
  readonly paths: readonly string[];
  /** Where results go, absolute: one file, or with triage three; none for a folder. The first is a file of records where the format is. */
  readonly outputs: readonly string[];
}

/** All that decides what a job writes, apart from inputs and model. Equal plans are the same job. */
export interface JobPlan {
  readonly projectId: string;
  readonly units: readonly UnitPlan[];
  readonly limit: number | 'auto';
  readonly threshold: number;
  readonly language: string;
  /** What the names of result files end with. */
  readonly suffix: string;
  /** `marc` and `marcxml`: the records that were read, with suggestions as headings. */
  readonly format: 'jsonl' | 'csv' | 'tsv' | 'marc' | 'marcxml';
  readonly gzip: boolean;
  readonly includeDocument: boolean;
  /** As they were typed, for example `mllm.trees=80`. */
  readonly backendParams: readonly string[];
  /** The file that says how MARC records become documents. */
  readonly marcMapping?: string;
  /** How headings of records are written, where the mapping is not to decide. */
  readonly dialect?: 'standard' | 'dnb';
  /** The first documents of each unit. */
  readonly docsLimit?: number;
  readonly acceptAbove?: number;
  readonly reviewAbove?: number;
}

/** A job as the database has it. */
export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly plan: JobPlan;
  /** The folder that the paths of the plan start at. */
  readonly cwd: string;
  /** Write over results that were there before the job. */
  readonly force: boolean;
  /** Of the model, its vocabulary and what it has learnt. */
  readonly modelVersion: string;
  /** A checksum of the project's settings. */
  readonly settings: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly finished: string | undefined;
  /** How long it was worked on, all runs together. */
  readonly seconds: number;
  readonly report: JobReport | undefined;
}

/** Where a unit stands in its inputs: all before it is settled. */
export interface InputPosition {
  /** Which of the unit's paths. */
  readonly source: number;
  /** Documents of that path that are settled. */
  readonly documents: number;
  /** Of a folder: the last file that is settled. */
  readonly path: string | undefined;
  /** A checksum over the documents of that path. */
  readonly chain: string;
}

/** How far a result file is. */
export interface ResultLengths {
  /** Bytes of the part file. */
  readonly part: number;
  /** Bytes of the file of text that waits to be compressed, and which of two it is. */
  readonly waiting: number;
  readonly waitingFile: number;
  /** Bytes before compression. */
  readonly text: number;
}

/** `finishing`: results are whole and take their final names. */
export type UnitState = 'waiting' | 'running' | 'finishing' | 'done';

/** Counts of documents and suggestions. */
export interface UnitCounts {
  /** Documents that are settled, those that failed included. */
  readonly documents: number;
  readonly suggestions: number;
  readonly withoutSuggestion: number;
  /** Documents by confidence, or by best score where there is none: ten bins from 0 to 1. */
  readonly histogram: readonly number[];
  /** Whether there was a confidence. */
  readonly hasConfidence: boolean;
  /** Documents for each output: one number, or with triage three. */
  readonly outputs: readonly number[];
  /** Result files of a folder that were there and are kept. */
  readonly kept: number;
  /** What became of records, once their file is written, and what that file is then. */
  readonly records?: MarcWriteReport & { readonly size: number; readonly mtimeMs: number };
}

/** A unit of a job as the database has it. */
export interface Unit {
  readonly n: number;
  readonly plan: UnitPlan;
  readonly state: UnitState;
  readonly position: InputPosition;
  readonly lengths: readonly ResultLengths[];
  readonly counts: UnitCounts;
  /** Documents that the inputs seem to hold, where that is known. */
  readonly expected: number | undefined;
}

/** A document that has no result. */
export interface Failure {
  readonly unit: number;
  /** Where it stands: the path, and its number there from 1; 0 for a file of a folder. */
  readonly source: number;
  readonly document: number;
  readonly path: string;
  /** A checksum of the document; empty where it could not be read. */
  readonly checksum: string;
  /** Where in the text of each result file its piece belongs. */
  readonly offsets: readonly number[];
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
}

/** What came of a job. */
export interface JobReport {
  readonly documents: number;
  readonly failed: number;
  readonly kept: number;
  readonly suggestionsPerDocument: number;
  readonly withoutSuggestion: number;
  /** What the histogram counts. */
  readonly measure: 'confidence' | 'best score';
  readonly histogram: readonly number[];
  /** Documents that were taken over, are to be looked at, and were left; only with triage. */
  readonly triage?: { readonly accept: number; readonly review: number; readonly leave: number };
  /** Only where records are written. */
  readonly records?: MarcWriteReport;
  /** The most frequent subjects, most frequent first. */
  readonly subjects: readonly { readonly uri: string; readonly label: string; readonly documents: number }[];
  readonly seconds: number;
  readonly documentsPerSecond: number;
}

/** Bins of the histogram. */
export const HISTOGRAM_BINS = 10;

export const NO_COUNTS: UnitCounts = {
  documents: 0,
  suggestions: 0,
  withoutSuggestion: 0,
  histogram: new Array<number>(HISTOGRAM_BINS).fill(0),
  hasConfidence: false,
  outputs: [],
  kept: 0,
};

export const START: InputPosition = { source: 0, documents: 0, path: undefined, chain: '' };
