import { type BackendContext, type JsonObject, type ModelData, ModelError } from '@catchword/core';
import { TreeEnsemble } from '@catchword/learners';
import { type NumericArray, packArrays, StringIndex, StringTable, viewArrays } from '@catchword/math';
import { type CodeRows, rowWidth } from './code-rows.js';
import { FEATURES, N_FEATURES } from './features.js';
import type { LabelTexts } from './label-texts.js';

/** All that a trained backend knows. */
export interface EmbeddingModel {
  /** Of the embedding model: vectors of another one mean something else. */
  readonly modelName: string;
  readonly labelPrefix: string;
  readonly nSubjects: number;
  /** Texts of labels that have a vector, distinct. */
  readonly texts: StringTable;
  /** Shape (nTexts, dimensions). */
  readonly rows: CodeRows;
  /** Shape (dimensions): the mean vector of pieces of text; zeros where none was looked at. */
  readonly background: Float32Array;
  /** Absent where a score is the similarity. */
  readonly trees: TreeEnsemble | undefined;
}

/** @returns shape (nLabels): the row of each label's vector, -1 where its text has none */
export function rowsOfLabels(model: Pick<EmbeddingModel, 'texts'>, { texts, textOf }: LabelTexts): Int32Array {
  const index = StringIndex.build(model.texts);
  const found = Int32Array.from(texts, (text) => index.find(text));
  return Int32Array.from(textOf, (t) => found[t] as number);
}

/** The model as data. */
export function saveEmbeddingModel(model: EmbeddingModel): ModelData {
  const { modelName, labelPrefix, nSubjects, texts, rows, background, trees } = model;
  const arrays: Record<string, NumericArray> = {
    'labels.textBytes': texts.bytes,
    'labels.textOffsets': texts.offsets,
    'labels.codes': rows.codes,
    'labels.scales': rows.scales,
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
    const texts = readTexts(arrays);
    const dimensions = countIn(meta, 'dimensions');
    const rows = readRows(arrays, texts.length, dimensions);
    const { background } = arrays;
    if (
      !(background instanceof Float32Array) ||
      background.length !== dimensions ||
      !background.every(Number.isFinite)
    ) {
      throw new RangeError('its mean vector is not one of its dimensions');
    }
    return {
      modelName: textIn(meta, 'modelName'),
      labelPrefix: textIn(meta, 'labelPrefix'),
      ...{ nSubjects, texts, rows, background },
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

type Arrays = Readonly<Record<string, NumericArray>>;

function readTexts(arrays: Arrays): StringTable {
  const bytes = arrays['labels.textBytes'];
  const offsets = arrays['labels.textOffsets'];
  if (!(bytes instanceof Uint8Array) || !(offsets instanceof Uint32Array) || offsets.length === 0) {
    throw new RangeError('its labels are not texts');
  }
  for (let i = 1; i < offsets.length; i++) {
    if ((offsets[i] as number) < (offsets[i - 1] as number)) throw new RangeError('its labels are out of order');
  }
  if (offsets[0] !== 0 || offsets.at(-1) !== bytes.length) throw new RangeError('its labels are cut off');
  return new StringTable(bytes, offsets);
}

function readRows(arrays: Arrays, n: number, dimensions: number): CodeRows {
  const codes = arrays['labels.codes'];
  const scales = arrays['labels.scales'];
  const width = rowWidth(dimensions);
  if (!(codes instanceof Int8Array) || codes.length !== n * width) throw new RangeError('its vectors are cut off');
  if (!(scales instanceof Float32Array) || scales.length !== n) throw new RangeError('its scales are cut off');
  if (!scales.every((scale) => scale >= 0 && scale <= 1)) throw new RangeError('its scales are not between 0 and 1');
  return { n, dimensions, width, codes, scales };
}

function readTrees(arrays: Arrays, meta: JsonObject): TreeEnsemble {
  if (typeof meta.base !== 'number' || !Number.isFinite(meta.base)) throw new RangeError('its base is not a number');
  const own: Record<string, NumericArray> = {};
  for (const [name, array] of Object.entries(arrays)) {
    if (name.startsWith('trees.')) own[name.slice('trees.'.length)] = array;
  }
  return TreeEnsemble.fromArrays(own, N_FEATURES, meta.base);
}

function countIn(meta: JsonObject, key: string): number {
  const value = meta[key];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new RangeError(`its ${key} is not a whole number`);
  }
  return value;
}

function textIn(meta: JsonObject, key: string): string {
  const value = meta[key];
  if (typeof value !== 'string') throw new RangeError(`its ${key} is not a text`);
  return value;
}
