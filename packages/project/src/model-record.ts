import { type JsonObject, ModelError } from '@catchword/core';

/** The vocabulary that a model was trained with. */
export interface VocabularyRecord {
  readonly id: string;
  readonly fingerprint: string;
  /** Equal as long as subject ids mean the same: all updates of one vocabulary share it. */
  readonly lineage: string;
  readonly nSubjects: number;
}

/** What came of a training. */
export interface TrainReport {
  readonly projectId: string;
  readonly backend: string;
  /** Documents that were learnt from. */
  readonly nDocuments: number;
  /** Documents and lines that were not, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Subjects that may be suggested and stand on at least one document, and those that stand on none. */
  readonly nSubjectsSeen: number;
  readonly nSubjectsUnseen: number;
  readonly seconds: number;
  /** The largest memory of the process so far. */
  readonly peakRssMiB: number;
  readonly modelBytes: number;
  /** The backend's own facts. */
  readonly details: JsonObject;
}

/** What the manifest of a project's model tells besides its arrays. */
export interface ModelRecord {
  readonly backend: string;
  readonly params: JsonObject;
  readonly seed: number;
  readonly language: string;
  readonly analyzer: string;
  readonly transform: string;
  readonly vocabulary: VocabularyRecord;
  readonly report: TrainReport;
  /** The backend's own. */
  readonly model: JsonObject;
}

/** The array that a project adds to its backend's: shape (nSubjects), training documents of each subject. */
export const TRAIN_FREQUENCY = 'trainFrequency';

/** The array that tells which documents a project was trained on: their `contentHash`es, ascending. */
export const TRAIN_DOCUMENTS = 'trainDocuments';

/** The array that tells which subjects they had: their `recordHash`es, ascending; not of an ensemble. */
export const TRAIN_RECORDS = 'trainRecords';

/** All arrays that a project adds. */
export const OWN_ARRAYS: readonly string[] = [TRAIN_FREQUENCY, TRAIN_DOCUMENTS, TRAIN_RECORDS];

export function modelRecordToJson(record: ModelRecord): JsonObject {
  return record as unknown as JsonObject;
}

/** @throws {ModelError} `model-damaged` if what the manifest holds is not a project's record */
export function parseModelRecord(meta: JsonObject, folder: string): ModelRecord {
  const record = meta as unknown as ModelRecord;
  const isText = (value: unknown) => typeof value === 'string';
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const isRecord =
    isText(record.backend) &&
    isText(record.analyzer) &&
    isText(record.transform) &&
    isText(record.language) &&
    isObject(record.params) &&
    isObject(record.model) &&
    isObject(record.report) &&
    isObject(record.vocabulary) &&
    isText(record.vocabulary.id) &&
    isText(record.vocabulary.fingerprint) &&
    isText(record.vocabulary.lineage) &&
    Number.isInteger(record.vocabulary.nSubjects);
  if (isRecord) return record;
  throw new ModelError(
    'model-damaged',
    `Cannot read the model in ${folder}: its manifest does not describe a project`,
    {
      hint: 'Train the project again.',
      context: { folder },
    },
  );
}
