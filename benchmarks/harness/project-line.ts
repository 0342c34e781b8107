import type { ProgramName } from './indexing-program.js';
import type { Quality } from './quality.js';
import type { Regime } from './regimes.js';
import type { Machine } from './result-lines.js';
import type { ProgramRun } from './run-program.js';

/** What a project's training took. */
export interface Training {
  readonly nDocs: number;
  readonly run: ProgramRun;
  /** Its own files, without those of its sources. */
  readonly modelBytes: number;
  /** The `sources` setting that `hyperopt` found. */
  readonly sources?: string;
  /** Of the program, where its models depend on it. */
  readonly version?: string;
  readonly at: string;
}

/** What suggesting for a test file took. */
export interface Suggesting {
  readonly nDocs: number;
  /** How often the test file stood in the file that was indexed. */
  readonly copies: number;
  readonly run: ProgramRun;
  readonly oneDocument: ProgramRun;
  /**
   * Documents a second after process start: (documents − 1) / (seconds for all − seconds for one); null where other work on
   * the machine made one document take longer than all.
   */
  readonly docsPerSecond: number | null;
  readonly docsPerCpuSecond: number | null;
  readonly at: string;
}

/** A line of results of a benchmark that compares projects. */
export type ProjectLine =
  | { readonly kind: 'start'; readonly machine: Machine; readonly annif: string; readonly options: object }
  | Unmeasured
  | MeasuredProject;

/** What could not be measured: since something is not there, or since a program failed. */
export interface Unmeasured {
  readonly kind: 'skipped' | 'failed';
  readonly what: string;
  readonly why: string;
}

/** A project of one program on one test file. */
export interface MeasuredProject {
  readonly kind: 'project';
  readonly program: ProgramName;
  readonly set: string;
  readonly regime: Regime;
  readonly project: string;
  /** Of the project in the configuration. */
  readonly id: string;
  readonly test: string;
  readonly round: number;
  readonly training: Training;
  /** Its own model and those of its sources, their sources included. */
  readonly bytesWithSources: number;
  readonly suggesting: Suggesting;
  /** Where the suggestions are. */
  readonly predictions: string;
  /** By the independent evaluator; null where it is not there. */
  readonly quality: Quality | null;
  /** By `catchword eval`. */
  readonly ownQuality?: Quality;
}
