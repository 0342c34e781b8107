import {
  type Corpus,
  type Document,
  OperationError,
  type Progress,
  type RawParams,
  type SourceQuestion,
  type SubjectId,
  type SuggestionBatch,
  type Transform,
} from '@catchword/core';
import { Evaluator } from '@catchword/evaluation';
import { CandidateTable, type ExponentsCheck, ensemble, SOURCE_LIMIT, tuneWeights } from '@catchword/fusion';
import { createTransform, transformDocument } from '@catchword/text';
import { parseBackendParams } from './backend-params.js';
import { formatSources, type SourceSpec } from './config/index.js';
import { openPanel } from './open-panel.js';
import type { Project, ProjectServices } from './project.js';
import { readSources } from './read-sources.js';
import { threadCount } from './suggest-stream.js';
import { OverlapCorpus, tellLanguages } from './train-ensemble.js';
import { nothingToEvaluate, withUsableSubjects } from './usable-subjects.js';

/** How the weights of an ensemble's sources are looked for. */
export interface HyperoptOptions {
  readonly nTrials: number;
  /** The metric that is to be high, by Annif's name; one that is not a count. */
  readonly metric: string;
  /** The metric sees so many suggestions a document, as in `evaluate`. */
  readonly limit: number;
  /** Whether exponents are looked for too, and taken where they help. */
  readonly exponents: boolean;
  /** Worker threads for asking the sources, 0 = one for each processor. */
  readonly nJobs: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (message: string) => void;
}

/** What a search for weights found. */
export interface HyperoptReport {
  readonly nDocs: number;
  readonly metric: string;
  readonly score: number;
  /** The setting to be pasted into the configuration. */
  readonly sources: string;
  /** In the order tried; the weights of a trial add up to 1. */
  readonly trials: readonly { readonly value: number; readonly sources: readonly SourceSpec[] }[];
  /** Held-out figures with exponents and without; null where no exponents were looked for. */
  readonly exponents: ExponentsCheck | null;
}

const QUESTION_DOCS = 16;

/**
 * Looks for the weights of an ensemble's sources that suit indexed documents best. The sources are asked once.
 *
 * @param params of the ensemble, as configured
 * @throws {OperationError} `not-supported` where the project is no ensemble of weights; `corpus-empty`;
 *   `operation-failed` where a source fails; `not-trained`; after an abort the signal's reason
 */
export async function tuneEnsemble(
  project: Project,
  services: ProjectServices,
  params: RawParams,
  corpus: Corpus,
  options: HyperoptOptions,
): Promise<HyperoptReport> {
  const { id, config } = project;
  if (config.backend !== ensemble.name) {
    const message = `Not supported project '${id}': Hyperparameter optimization not supported by backend`;
    const hint = 'Weights are looked for in projects with backend=ensemble.';
    throw new OperationError('not-supported', message, { hint, context: { projectId: id } });
  }
  const { metric, seed = 0, signal, onProgress, onWarning = services.onWarning } = options;
  const combination = parseBackendParams(ensemble, params, id);
  tellLanguages(project, services, onWarning);
  const { vocabulary, allowed } = await project.vocabulary();
  const { nSubjects } = vocabulary;
  const { sources } = config;
  const transform = await createTransform(config.transform, { language: config.language });
  const advice = 'weights that are found on them trust it too much. Look for the weights on other documents';
  const documents = new OverlapCorpus(corpus, project, services, onWarning, advice);
  const table = new CandidateTable(nSubjects, sources.length, combination);
  const gold: (readonly SubjectId[])[] = [];
  const parts = await readSources(sources, vocabulary, services, 'refuse');
  const panel = await openPanel(parts, nSubjects, threadCount(options.nJobs), onWarning);
  try {
    const usable = withUsableSubjects(documents, (subject) => allowed[subject] === 1);
    for await (const { batches, warnings } of panel.answers(questions(usable, transform, gold, signal))) {
      const present = batches.filter((batch): batch is SuggestionBatch => batch !== undefined);
      if (present.length < sources.length) {
        throw new OperationError('operation-failed', `Cannot weigh sources that fail: ${warnings.join('; ')}`);
      }
      table.add(present, allowed);
      onProgress?.({ stage: 'asking the sources', done: table.nDocs, unit: 'documents' });
      signal?.throwIfAborted();
    }
  } finally {
    await panel.close();
  }
  if (table.nDocs === 0) throw nothingToEvaluate(corpus);
  const { best, trials, check } = await tuneWeights(
    table.nDocs,
    (weights, docs) => {
      const evaluator = new Evaluator({ nSubjects });
      evaluator.add(
        table.combine(weights, docs, options.limit),
        Array.from(docs, (doc) => gold[doc] ?? []),
      );
      return evaluator.finish({ nResamples: 0 }).metrics.get(metric) as number;
    },
    { nTrials: options.nTrials, start: sources, exponents: options.exponents && combination.combine === 'mean', seed },
    async (done) => {
      onProgress?.({ stage: 'trying weights', done, total: options.nTrials, unit: 'trials' });
      if (done % 8 === 0) await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
      signal?.throwIfAborted();
    },
  );
  const specs = (weights: (typeof best)['weights']) =>
    weights.map(({ weight, exponent }, s) => ({ projectId: sources[s]?.projectId ?? '', weight, exponent }));
  return {
    nDocs: table.nDocs,
    metric,
    score: best.value,
    sources: formatSources(specs(best.weights), 4),
    trials: trials.map(({ value, weights }) => ({ value, sources: specs(weights) })),
    exponents: check ?? null,
  };
}

/** @param gold gets the gold subjects of each document that is asked about */
async function* questions(
  documents: AsyncIterable<Document>,
  transform: Transform,
  gold: (readonly SubjectId[])[],
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceQuestion> {
  const options = { limit: SOURCE_LIMIT };
  let docs: Document[] = [];
  for await (const doc of documents) {
    signal?.throwIfAborted();
    gold.push(doc.subjects ?? []);
    docs.push(transformDocument(doc, transform));
    if (docs.length < QUESTION_DOCS) continue;
    yield { docs, options };
    docs = [];
  }
  if (docs.length > 0) yield { docs, options };
}
