import type { SuggestOptions } from './backend.js';
import type { Corpus, Document } from './document.js';
import type { ModelData } from './model-data.js';
import type { Source } from './source.js';
import type { SuggestionBatch } from './suggestion-batch.js';

/** Documents that all sources of an ensemble are asked about. */
export interface SourceQuestion {
  readonly docs: readonly Document[];
  readonly options: SuggestOptions;
}

/** What the sources of an ensemble said of some documents. */
export interface SourceAnswers {
  /** One for each source, in their order; absent where a source failed. */
  readonly batches: readonly (SuggestionBatch | undefined)[];
  /** For people: which sources were left out, and why; and what the sources warn of themselves. */
  readonly warnings: readonly string[];
}

/** The sources of an ensemble, ready to be asked about many documents. */
export interface SourcePanel {
  readonly sources: readonly Source[];
  /** Asks in threads where there are any; answers come in the order of the questions. */
  answers(questions: AsyncIterable<SourceQuestion>): AsyncIterable<SourceAnswers>;
  close(): Promise<void>;
}

/** Documents, and sources that have not learnt them: what a fusion is trained on. */
export interface HeldOut {
  /** Tells it from the others of the same training, for example `fold 2 of 5`. */
  readonly name: string;
  readonly corpus: Corpus;
  /** Opens the sources, which may mean to train them. */
  open(): Promise<SourcePanel>;
}

/** Parts of a long training that a training after a kill need not do again. */
export interface Checkpoints {
  /** @returns what was saved under the name by an equal training, or undefined */
  load(name: string): Promise<ModelData | undefined>;
  save(name: string, data: ModelData): Promise<void>;
}
