import type { Question } from '@catchword/core';
import type { Budget } from '../client/budget.js';
import type { EndpointError } from '../client/endpoint-error.js';

/** A text and its candidates, as a model is to see them. */
export interface ReadingTask {
  /** As much as is shown. */
  readonly text: string;
  /** Shape (n), a line for each candidate, in the order of the sources. */
  readonly candidates: readonly string[];
  readonly examples: readonly string[];
  readonly budget: Budget;
  readonly signal?: AbortSignal | undefined;
}

/** What a model makes of the candidates of one text. */
export interface CandidateReading {
  /** Shape (n): how well each fits, 0 to 1; NaN where nothing was said of it. */
  readonly values: Float64Array;
  readonly questions: readonly Question[];
  /** What went wrong, also where other questions were answered. */
  readonly failure?: EndpointError;
}

/** A model that reads texts with their candidates. */
export interface CandidateReader {
  /** Names the model, for messages. */
  readonly name: string;
  /** Does not reject for what a model, its service or the network does; only with the signal's reason after an abort. */
  read(task: ReadingTask): Promise<CandidateReading>;
  close?(): Promise<void>;
}
