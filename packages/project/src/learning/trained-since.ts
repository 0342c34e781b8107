import { contentHash, holds } from '@catchword/math';
import type { ProjectFiles } from '../project-files.js';
import type { SuggesterParts } from '../suggester.js';
import type { JournalItem, LearntEntry } from './project-journal.js';

/** @returns entries that the model has to learn: not undone, nor among the documents that it was trained on since */
export function counting(items: readonly JournalItem[], { model }: Pick<ProjectFiles, 'model'>): LearntEntry[] {
  const trained = model && { created: model.created, documents: model.trainDocuments };
  return items.filter(({ entry, isUndone }) => !isUndone && !isTrained(trained, entry)).map(({ entry }) => entry);
}

/** When a model was trained, and on which texts. */
export interface TrainedOn {
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Content hashes, ascending. */
  readonly documents: Float64Array;
}

function isTrained(trained: TrainedOn | undefined, { time, text }: LearntEntry): boolean {
  return trained !== undefined && time < trained.created && holds(trained.documents, contentHash(text));
}

/** @returns the parts of an ensemble that is to learn some entries: no source learns what it was trained on since */
export function skippingTrained(parts: SuggesterParts, entries: readonly LearntEntry[]): SuggesterParts {
  const sources = parts.sources.map((source) => {
    const trained = entries.filter((entry) => isTrained(source.trained, entry));
    return { ...source, skip: Float64Array.from(trained, ({ text }) => contentHash(text)) };
  });
  return { ...parts, sources };
}
