import type { ProgramName } from '../harness/indexing-program.js';
import type { Quality } from '../harness/quality.js';
import type { Machine } from '../harness/result-lines.js';
import type { ProgramRun } from '../harness/run-program.js';

/** A line of results; `round` counts from 1. */
export type ResultLine =
  | { readonly kind: 'start'; readonly machine: Machine; readonly annif: string; readonly options: object }
  | { readonly kind: 'skipped'; readonly what: string; readonly why: string }
  | (Measured & { readonly kind: 'load-vocab'; readonly vocabulary: string; readonly run: ProgramRun })
  | (Measured & {
      readonly kind: 'train';
      readonly nDocs: number;
      readonly run: ProgramRun;
      readonly modelBytes: number;
    })
  | (Measured & {
      readonly kind: 'index';
      readonly test: string;
      readonly nDocs: number;
      /** How often the file was given in one run. */
      readonly copies: number;
      readonly run: ProgramRun;
      readonly oneDocument: ProgramRun;
      /** Documents a second after process start: (documents − 1) / (seconds for all − seconds for one). */
      readonly docsPerSecond: number;
      /** The same by processor time, which other work on the machine disturbs less. */
      readonly docsPerCpuSecond: number | null;
    })
  | (Measured & { readonly kind: 'suggest'; readonly run: ProgramRun })
  | (Measured & {
      readonly kind: 'quality';
      readonly test: string;
      readonly evaluator: 'evaluate.py' | 'catchword eval';
      readonly quality: Quality;
    });

interface Measured {
  readonly program: ProgramName;
  readonly set: string;
  readonly round: number;
}
