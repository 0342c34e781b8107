import type { Corpus, Progress, SuggestionBatch } from '@catchword/core';
import { bestSetSize, type Evaluation, Evaluator, GRID_LIMIT, type GridResult, LimitGrid } from '@catchword/evaluation';
import type { Project } from './project.js';
import { CALIBRATED_POOL, type SuggestionFilter } from './suggester.js';
import { nothingToEvaluate, withUsableSubjects } from './usable-subjects.js';

export interface EvaluateOptions extends SuggestionFilter {
  /** Worker threads, 0 = one for each processor. */
  readonly nJobs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Figures beyond Annif's need so many suggestions, whatever the limit. */
const FURTHER_LIMIT = 20;

/**
 * Suggests for indexed documents and compares with their subjects.
 *
 * @throws {OperationError} `corpus-empty` if no document has a subject that may be suggested; else as `suggest`
 */
export async function evaluateProject(project: Project, corpus: Corpus, options: EvaluateOptions): Promise<Evaluation> {
  const { limit, threshold, nJobs, signal, onProgress } = options;
  const { allowed } = await project.vocabulary();
  const trainFrequency = await project.trainFrequency();
  const { suggester } = await project.opened();
  const { isCalibrated } = suggester;
  const filter = project.capped(options);
  const evaluator = new Evaluator({
    nSubjects: trainFrequency.length,
    ...(filter.limit === 'auto' ? undefined : { limit: filter.limit }),
    threshold,
    trainFrequency,
    isCalibrated,
  });
  if (limit === 'auto') suggester.requireCalibrated();
  let done = 0;
  const usable = withUsableSubjects(corpus, (id) => allowed[id] === 1);
  const stream = project.suggestStream(usable, {
    limit: Math.max(limit === 'auto' ? 0 : limit, isCalibrated ? CALIBRATED_POOL : FURTHER_LIMIT),
    threshold: 0,
    nJobs,
    ...(signal ? { signal } : undefined),
  });
  for await (const { docs, suggestions } of stream) {
    const gold = docs.map((doc) => doc.subjects ?? []);
    evaluator.add(suggestions, gold, limit === 'auto' ? autoLimits(suggestions, filter.atMost) : undefined);
    done += docs.length;
    onProgress?.({ stage: 'evaluating', done, unit: 'documents' });
  }
  if (done === 0) throw nothingToEvaluate(corpus);
  return evaluator.finish();
}

/**
 * Measures suggestions under many limits and thresholds.
 *
 * @throws as `evaluateProject`
 */
export async function measureLimits(
  project: Project,
  corpus: Corpus,
  options: Omit<EvaluateOptions, 'limit' | 'threshold'>,
): Promise<GridResult> {
  const { onProgress, ...streamOptions } = options;
  const { allowed } = await project.vocabulary();
  const grid = new LimitGrid();
  let done = 0;
  const usable = withUsableSubjects(corpus, (id) => allowed[id] === 1);
  for await (const { docs, suggestions } of project.suggestStream(usable, {
    ...streamOptions,
    limit: GRID_LIMIT,
    threshold: 0,
  })) {
    grid.add(
      suggestions,
      docs.map((doc) => doc.subjects ?? []),
    );
    done += docs.length;
    onProgress?.({ stage: 'suggesting', done, unit: 'documents' });
  }
  if (done === 0) throw nothingToEvaluate(corpus);
  return grid.finish();
}

/** @returns for each document the size of its best set */
function autoLimits({ indptr, scores, nDocs }: SuggestionBatch, atMost = Number.POSITIVE_INFINITY): Uint32Array {
  return Uint32Array.from({ length: nDocs }, (_, i) =>
    Math.min(bestSetSize(scores, indptr[i] as number, indptr[i + 1] as number), atMost),
  );
}
