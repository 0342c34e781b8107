import type { BackendContext, BackendType, Corpus, Progress, RawParams, SubjectId, Transform } from '@catchword/core';
import { type JsonObject, OperationError } from '@catchword/core';
import type { CorpusReport } from '@catchword/corpus';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { withFolderLock, writeModelFolder } from '@catchword/storage';
import { parseBackendParams } from './backend-params.js';
import {
  type ModelRecord,
  modelRecordToJson,
  TRAIN_FREQUENCY,
  type TrainReport,
  type VocabularyRecord,
} from './model-record.js';
import { threadCount } from './suggest-stream.js';
import { TrainingCorpus } from './training-corpus.js';

/** Documents to learn from; a corpus that counts what it leaves out is asked for its counts. */
export type CountingCorpus = Corpus & { report?(): CorpusReport };

export interface TrainProjectOptions {
  /** Worker threads, 0 = one for each processor; the model does not depend on it. */
  readonly nJobs?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
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
  readonly isUsable: (id: SubjectId) => boolean;
  readonly nUsable: number;
}

/**
 * Trains and stores a model; the old one stays until the new one is written and read back, and for good where training
 * fails or is aborted.
 */
export async function trainProject(
  training: Training,
  corpus: CountingCorpus,
  options: TrainProjectOptions,
): Promise<TrainReport> {
  const { type, context, folder } = training;
  const { projectId } = context;
  if (!type.train) {
    throw new OperationError(
      'not-supported',
      `Not supported: backend "${type.name}" of project "${projectId}" is not trained`,
    );
  }
  const params = parseBackendParams(type, training.params, projectId);
  const train = type.train.bind(type);
  return withFolderLock(folder, async () => {
    const started = performance.now();
    const { signal, onProgress, onWarning, seed = 0 } = options;
    const { vocabulary } = context;
    const wrapped = new TrainingCorpus(corpus, training.transform, vocabulary.nSubjects, training.isUsable, signal);
    const { backend, report: details } = await train(context, wrapped, params, {
      nJobs: threadCount(options.nJobs ?? 0),
      seed,
      ...(signal ? { signal } : undefined),
      ...(onProgress ? { onProgress } : undefined),
      ...(onWarning ? { onWarning } : undefined),
    });
    try {
      signal?.throwIfAborted();
      const { counts } = wrapped;
      const model = backend.save();
      const arrays: Record<string, NumericArray> = viewArrays(model.pack);
      if (TRAIN_FREQUENCY in arrays)
        throw new TypeError(`backend ${type.name} may not name an array ${TRAIN_FREQUENCY}`);
      const pack = packArrays({ ...arrays, [TRAIN_FREQUENCY]: counts.frequency });
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
        params: JSON.parse(JSON.stringify(params)) as JsonObject,
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
    } finally {
      await backend.close?.();
    }
  });
}

function skippedDocuments(report: CorpusReport | undefined, nWithoutUsableSubject: number): Record<string, number> {
  return {
    withoutSubjects: report?.nWithoutSubjects ?? 0,
    withoutKnownSubject: (report?.nWithoutKnownSubject ?? 0) + nWithoutUsableSubject,
    invalid: report?.nInvalid ?? 0,
  };
}
