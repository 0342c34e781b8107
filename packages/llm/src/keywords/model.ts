import { type BackendContext, type JsonObject, type JsonValue, type ModelData, ModelError } from '@catchword/core';
import { TreeEnsemble } from '@catchword/learners';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { type Arrays, type LabelVectors, labelArrays, readLabelVectors } from '../embedding/label-vectors.js';
import { FEATURES, N_FEATURES } from './keyword-candidates.js';

/** What training has taught. */
export interface KeywordModel {
  /** Of the language model that wrote the keywords. */
  readonly modelName: string;
  readonly nSubjects: number;
  /** Absent where a fixed rule scores. */
  readonly trees: TreeEnsemble | undefined;
  /** Absent where keywords are mapped by label alone. */
  readonly labels?: LabelVectors | undefined;
}

export function saveKeywordModel({ modelName, nSubjects, trees, labels }: KeywordModel): ModelData {
  const meta = {
    ...{ modelName, nSubjects, features: FEATURES.map(({ name }) => name), base: trees ? trees.base : null },
    ...(labels
      ? {
          labels: {
            ...{ modelName: labels.modelName, labelPrefix: labels.labelPrefix },
            dimensions: labels.rows.dimensions,
          },
        }
      : undefined),
  };
  return { meta, pack: packArrays({ ...trees?.toArrays(), ...(labels ? labelArrays(labels) : undefined) }) };
}

/** @throws {ModelError} `model-incompatible`, `model-damaged` */
export function loadKeywordModel(context: BackendContext, { meta, pack }: ModelData): KeywordModel {
  const hint = `Train the project again: catchword train ${context.projectId} <corpus>`;
  const names = Array.isArray(meta.features) ? (meta.features as readonly unknown[]) : [];
  if (names.length !== N_FEATURES || FEATURES.some(({ name }, i) => name !== names[i])) {
    const message = 'The stored llm_keywords model asks for other features than this version has';
    throw new ModelError('model-incompatible', message, { hint });
  }
  try {
    const { modelName, nSubjects, base } = meta;
    if (typeof modelName !== 'string') throw new RangeError('its modelName is not a text');
    if (typeof nSubjects !== 'number' || !Number.isInteger(nSubjects) || nSubjects < 0) {
      throw new RangeError('its nSubjects is not a whole number');
    }
    const known = context.vocabulary.nSubjects;
    if (nSubjects > known) {
      throw new ModelError(
        'model-incompatible',
        `The stored llm_keywords model belongs to another vocabulary: it knows ${nSubjects} subjects, the vocabulary has ${known}`,
        { hint },
      );
    }
    const arrays = viewArrays(pack);
    const labels = meta.labels === undefined ? undefined : labelsOf(arrays, meta.labels);
    return { modelName, nSubjects, trees: base === null ? undefined : treesOf(arrays, base), labels };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `The stored llm_keywords model cannot be used: ${cause.message}`;
    throw new ModelError('model-damaged', message, { hint, cause });
  }
}

function labelsOf(arrays: Arrays, meta: JsonValue): LabelVectors {
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) throw new RangeError('its labels are none');
  return readLabelVectors(arrays, meta as JsonObject);
}

function treesOf(arrays: Readonly<Record<string, NumericArray>>, base: unknown): TreeEnsemble {
  if (typeof base !== 'number' || !Number.isFinite(base)) throw new RangeError('its base is not a number');
  return TreeEnsemble.fromArrays(arrays, N_FEATURES, base);
}
