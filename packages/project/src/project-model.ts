import { type ModelData, ModelError } from '@catchword/core';
import { viewArrays } from '@catchword/math';
import { readModelFolder, type SharedBuffers } from '@catchword/storage';
import {
  type ModelRecord,
  OWN_ARRAYS,
  parseModelRecord,
  TRAIN_DOCUMENTS,
  TRAIN_FREQUENCY,
  TRAIN_RECORDS,
} from './model-record.js';
import type { StoredVocabulary } from './vocabulary-store.js';

/** A project's model, read from its folder. */
export interface ProjectModel {
  readonly record: ModelRecord;
  /** Hexadecimal SHA-256 of the manifest, which names the arrays by theirs: it tells this model from every other. */
  readonly sha256: string;
  /** When it was stored, ISO 8601 in UTC. */
  readonly created: string;
  /** What the backend wrote. */
  readonly data: ModelData;
  /** Training documents of each subject that the vocabulary had then. */
  readonly trainFrequency: Uint32Array;
  /** Content hashes of the training documents, ascending; empty where a model tells none. */
  readonly trainDocuments: Float64Array;
  /** `recordHash`es of the training documents, ascending; empty where a model tells none. */
  readonly trainRecords: Float64Array;
}

/** What the project is set to now, for comparison with what the model was trained with. */
export interface ModelSettings {
  readonly projectId: string;
  readonly backend: string;
  readonly analyzer: string;
  readonly stored: StoredVocabulary;
}

/**
 * Reads a model and makes sure that it fits the project's backend and vocabulary.
 *
 * @param onWarning called where it fits although something changed since it was trained
 * @throws {ModelError} `model-damaged`; `model-incompatible` where backend or vocabulary are others than it was trained with
 */
export async function readProjectModel(
  folder: string,
  settings: ModelSettings,
  onWarning: (message: string) => void,
  buffers?: SharedBuffers,
): Promise<ProjectModel> {
  const { manifest, data } = await readModelFolder(folder, {
    kind: 'project',
    forKernels: true,
    ...(buffers ? { buffers } : undefined),
  });
  const record = parseModelRecord(data.meta, folder);
  checkFit(record, settings, onWarning);
  const arrays = viewArrays(data.pack);
  const places = data.pack.places.filter(({ name }) => !OWN_ARRAYS.includes(name));
  const frequency = arrays[TRAIN_FREQUENCY];
  const documents = arrays[TRAIN_DOCUMENTS];
  const records = arrays[TRAIN_RECORDS];
  return {
    record,
    sha256: manifest.sha256,
    created: manifest.created,
    data: { meta: record.model, pack: { ...data.pack, places } },
    trainFrequency: frequency instanceof Uint32Array ? frequency : new Uint32Array(0),
    trainDocuments: documents instanceof Float64Array ? documents : new Float64Array(0),
    trainRecords: records instanceof Float64Array ? records : new Float64Array(0),
  };
}

function checkFit(record: ModelRecord, settings: ModelSettings, onWarning: (message: string) => void): void {
  const { projectId, stored } = settings;
  const refuse = (why: string) =>
    new ModelError('model-incompatible', `Cannot use the model of project "${projectId}": ${why}`, {
      hint: `Train it again: catchword train ${projectId} CORPUS`,
      context: { projectId },
    });
  if (record.backend !== settings.backend) {
    throw refuse(`it was trained for backend ${record.backend}, and the project has ${settings.backend} now`);
  }
  const trained = record.vocabulary;
  if (trained.id !== stored.id) {
    throw refuse(`it was trained with vocabulary "${trained.id}", and the project has "${stored.id}" now`);
  }
  const { nSubjects, fingerprint } = stored.vocabulary;
  if (trained.nSubjects > nSubjects) {
    throw refuse(`it knows ${trained.nSubjects} subjects, and vocabulary "${stored.id}" has ${nSubjects}`);
  }
  if (trained.fingerprint !== fingerprint) {
    if (trained.lineage !== stored.lineage) {
      throw refuse(`vocabulary "${stored.id}" was built anew since, and its subjects have other numbers`);
    }
    onWarning(
      `Project "${projectId}" was trained with an earlier version of vocabulary "${stored.id}"; it works on, and training it again may improve it`,
    );
  }
  if (record.analyzer !== settings.analyzer) {
    onWarning(
      `Project "${projectId}" was trained with analyzer ${record.analyzer} and now has ${settings.analyzer}; train it again`,
    );
  }
}
