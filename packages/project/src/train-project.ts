import type {
  BackendContext,
  BackendType,
  Checkpoints,
  Corpus,
  Family,
  HeldOut,
  JsonObject,
  ModelData,
  Progress,
  RawParams,
  SubjectId,
  Trained,
  Transform,
} from '@catchword/core';
import { OperationError } from '@catchword/core';
import type { CorpusReport } from '@catchword/corpus';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { withFolderLock, writeModelFolder } from '@catchword/storage';
import { parseBackendParams } from './backend-params.js';
import {
  type ModelRecord,
  modelRecordToJson,
  OWN_ARRAYS,
  TRAIN_DOCUMENTS,
  TRAIN_FREQUENCY,
  TRAIN_RECORDS,
  type TrainReport,
  type VocabularyRecord,
} from './model-record.js';
import { threadCount } from './suggest-stream.js';
import { joinCounts, TrainingCorpus, type TrainingCounts } from './training-corpus.js';

/** Documents to learn from; a corpus that counts what it leaves out is asked for its counts. */
export type CountingCorpus = Corpus & { report?(): CorpusReport };

export interface TrainProjectOptions {
  /** Worker threads, 0 = one for each processor; the model does not depend on it. */
  readonly nJobs?: number;
  readonly seed?: number;
  /** Memory for what is read from the corpus, and the folder for what goes beyond. */
  readonly scratch?: { readonly memoryBytes: number; readonly folder: string };
  /** What is shared with projects that are trained on the same corpus. */
  readonly family?: Family;
  readonly signal?: AbortSignal;
  /** Told of each source that an ensemble had to have trained. */
  readonly onSourceTrained?: (report: TrainReport) => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (message: string) => void;
}

/** What a training needs of its project. */
export interface Training {
  readonly type: BackendType;
  readonly context: BackendContext;
  readonly transform: Transform;
  readonly analyzerSpec: string;
  readonly transformSpec: string;
  readonly params: RawParams;
  readonly folder: string;
  readonly vocabulary: VocabularyRecord;
  /** What decides which documents the backend sees, and how: equal for projects that see the same. */
  readonly corpusKey: string;
  readonly isUsable: (id: SubjectId) => boolean;
  readonly nUsable: number;
}

/** @returns the corpus as the project learns from it; the same one for all of a family to which it looks the same */
export function trainingCorpus(training: Training, corpus: Corpus, options: TrainProjectOptions): TrainingCorpus {
  const { transform, context, isUsable, corpusKey } = training;
  const make = () => new TrainingCorpus(corpus, transform, context.vocabulary.nSubjects, isUsable, options.signal);
  return options.family ? options.family.once(corpus, corpusKey, make) : make();
}

/** A model that was learnt and not stored. */
export interface LearntModel {
  readonly params: JsonObject;
  readonly model: ModelData;
  /** The backend's own facts. */
  readonly details: JsonObject;
  readonly counts: TrainingCounts;
}

/** Of an ensemble: what it learns from instead of the corpus alone. */
export interface EnsembleTraining {
  /** Its documents, as `TrainingCorpus`es, and sources that have not learnt them. */
  readonly heldOut: readonly (HeldOut & { readonly corpus: TrainingCorpus })[];
  readonly checkpoints?: Checkpoints;
}

/** @throws {OperationError} `not-supported` if the backend cannot be trained */
export function checkTrainable({ type, context }: Pick<Training, 'type' | 'context'>): void {
  if (type.train) return;
  throw new OperationError(
    'not-supported',
    `Not supported: backend "${type.name}" of project "${context.projectId}" is not trained`,
  );
}

/** Trains a model in memory. @throws as `BackendType.train` */
export async function learn(
  training: Training,
  corpus: TrainingCorpus,
  options: TrainProjectOptions,
  ensemble?: EnsembleTraining,
): Promise<LearntModel> {
  const { type, context } = training;
  checkTrainable(training);
  const params = parseBackendParams(type, training.params, context.projectId);
  const { signal, onProgress, onWarning, scratch, seed = 0 } = options;
  const trained = await type.train?.(context, corpus, params, {
    nJobs: threadCount(options.nJobs ?? 0),
    seed,
    ...ensemble,
    ...(scratch ? { scratch } : undefined),
    ...(signal ? { signal } : undefined),
    ...(onProgress ? { onProgress } : undefined),
    ...(onWarning ? { onWarning } : undefined),
  });
  const { backend, report: details } = trained as Trained;
  try {
    signal?.throwIfAborted();
    const { nSubjects } = context.vocabulary;
    const counts = ensemble
      ? joinCounts(
          ensemble.heldOut.map((each) => each.corpus.counts),
          nSubjects,
        )
      : corpus.counts;
    return { params: JSON.parse(JSON.stringify(params)) as JsonObject, model: backend.save(), details, counts };
  } finally {
    await backend.close?.();
  }
}

/**
 * Trains and stores a model; the old one stays until the new one is written and read back, and for good where training
 * fails or is aborted.
 */
export async function trainProject(
  training: Training,
  corpus: CountingCorpus,
  options: TrainProjectOptions,
  ensemble?: EnsembleTraining,
): Promise<TrainReport> {
  const { type, context, folder } = training;
  const { projectId } = context;
  checkTrainable(training);
  parseBackendParams(type, training.params, projectId);
  return withFolderLock(folder, async () => {
    const started = performance.now();
    const { seed = 0 } = options;
    const wrapped = trainingCorpus(training, corpus, options);
    const { params, model, details, counts } = await learn(training, wrapped, options, ensemble);
    const arrays: Record<string, NumericArray> = viewArrays(model.pack);
    for (const name of OWN_ARRAYS) {
      if (name in arrays) throw new TypeError(`backend ${type.name} may not name an array ${name}`);
    }
    const own = {
      [TRAIN_FREQUENCY]: counts.frequency,
      [TRAIN_DOCUMENTS]: counts.contentHashes,
      ...(ensemble ? undefined : { [TRAIN_RECORDS]: wrapped.recordHashes }),
    };
    const pack = packArrays({ ...arrays, ...own });
    const nSubjectsSeen = counts.frequency.reduce((n, documents) => n + (documents > 0 ? 1 : 0), 0);
    const report: TrainReport = {
      projectId,
      backend: type.name,
      nDocuments: counts.nDocuments,
      skipped: skippedDocuments(corpus.report?.(), counts.nWithoutUsableSubject),
      nSubjectsSeen,
      nSubjectsUnseen: training.nUsable - nSubjectsSeen,
      seconds: (performance.now() - started) / 1000,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      modelBytes: pack.buffer.byteLength,
      details,
    };
    const record: ModelRecord = {
      backend: type.name,
      params,
      seed,
      language: context.language,
      analyzer: training.analyzerSpec,
      transform: training.transformSpec,
      vocabulary: training.vocabulary,
      report,
      model: model.meta,
    };
    await writeModelFolder(folder, { kind: 'project', meta: modelRecordToJson(record), pack });
    return report;
  });
}

function skippedDocuments(report: CorpusReport | undefined, nWithoutUsableSubject: number): Record<string, number> {
  return {
    withoutSubjects: report?.nWithoutSubjects ?? 0,
    withoutKnownSubject: (report?.nWithoutKnownSubject ?? 0) + nWithoutUsableSubject,
    invalid: report?.nInvalid ?? 0,
  };
}
