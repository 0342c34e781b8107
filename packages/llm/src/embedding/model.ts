import { type BackendContext, type JsonObject, type ModelData, ModelError } from '@catchword/core';
import { TreeEnsemble } from '@catchword/learners';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { FEATURES, N_FEATURES } from './features.js';
import { type Arrays, countIn, type LabelVectors, labelArrays, readLabelVectors } from './label-vectors.js';

/** All that a trained backend knows. */
export interface EmbeddingModel extends LabelVectors {
  readonly nSubjects: number;
  /** Shape (dimensions): the mean vector of pieces of text; zeros where none was looked at. */
  readonly background: Float32Array;
  /** Absent where a score is the similarity. */
  readonly trees: TreeEnsemble | undefined;
}

/** The model as data. */
export function saveEmbeddingModel(model: EmbeddingModel): ModelData {
  const { modelName, labelPrefix, nSubjects, rows, background, trees } = model;
  const arrays: Record<string, NumericArray> = {
    ...labelArrays(model),
    background,
  };
  for (const [name, array] of Object.entries(trees?.toArrays() ?? {})) arrays[`trees.${name}`] = array;
  const meta = {
    modelName,
    labelPrefix,
    nSubjects,
    dimensions: rows.dimensions,
    features: FEATURES.map(({ name }) => name),
    base: trees ? trees.base : null,
  };
  return { meta, pack: packArrays(arrays) };
}

/**
 * Opens a model; arrays are views.
 *
 * @throws {ModelError} `model-incompatible`, `model-damaged`
 */
export function loadEmbeddingModel(context: BackendContext, { meta, pack }: ModelData): EmbeddingModel {
  const hint = `Train the project again: catchword train ${context.projectId} <corpus>`;
  const incompatible = (message: string) => new ModelError('model-incompatible', message, { hint });
  const names = Array.isArray(meta.features) ? (meta.features as readonly unknown[]) : [];
  if (names.length !== N_FEATURES || FEATURES.some(({ name }, i) => name !== names[i])) {
    throw incompatible('The stored embedding model asks for other features than this version has');
  }
  try {
    const nSubjects = countIn(meta, 'nSubjects');
    if (nSubjects > context.vocabulary.nSubjects) {
      throw incompatible(
        `The stored embedding model belongs to another vocabulary: it knows ${nSubjects} subjects, the vocabulary has ${context.vocabulary.nSubjects}`,
      );
    }
    const arrays = viewArrays(pack);
    const vectors = readLabelVectors(arrays, meta);
    const { dimensions } = vectors.rows;
    const { background } = arrays;
    if (
      !(background instanceof Float32Array) ||
      background.length !== dimensions ||
      !background.every(Number.isFinite)
    ) {
      throw new RangeError('its mean vector is not one of its dimensions');
    }
    return {
      ...vectors,
      ...{ nSubjects, background },
      trees: meta.base === null ? undefined : readTrees(arrays, meta),
    };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError('model-damaged', `The stored embedding model cannot be used: ${cause.message}`, {
      hint,
      cause,
    });
  }
}

function readTrees(arrays: Arrays, meta: JsonObject): TreeEnsemble {
  if (typeof meta.base !== 'number' || !Number.isFinite(meta.base)) throw new RangeError('its base is not a number');
  const own: Record<string, NumericArray> = {};
  for (const [name, array] of Object.entries(arrays)) {
    if (name.startsWith('trees.')) own[name.slice('trees.'.length)] = array;
  }
  return TreeEnsemble.fromArrays(own, N_FEATURES, meta.base);
}
