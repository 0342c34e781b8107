import type { JsonObject } from '@catchword/core';
import { type NumericArray, StringIndex, StringTable } from '@catchword/math';
import { type CodeRows, rowWidth } from './code-rows.js';
import type { LabelTexts } from './label-texts.js';

/** Labels with their vectors, as a model keeps them. */
export interface LabelVectors {
  /** Of the embedding model: vectors of another one mean something else. */
  readonly modelName: string;
  readonly labelPrefix: string;
  /** Texts of labels that have a vector, distinct. */
  readonly texts: StringTable;
  /** Shape (nTexts, dimensions). */
  readonly rows: CodeRows;
}

/** @returns shape (nLabels): the row of each label's vector, -1 where its text has none */
export function rowsOfLabels(vectors: Pick<LabelVectors, 'texts'>, { texts, textOf }: LabelTexts): Int32Array {
  const index = StringIndex.build(vectors.texts);
  const found = Int32Array.from(texts, (text) => index.find(text));
  return Int32Array.from(textOf, (t) => found[t] as number);
}

export type Arrays = Readonly<Record<string, NumericArray>>;

/** The arrays of a model that hold labels and vectors; the rest is for its description. */
export function labelArrays({ texts, rows }: LabelVectors): Record<string, NumericArray> {
  return {
    'labels.textBytes': texts.bytes,
    'labels.textOffsets': texts.offsets,
    'labels.codes': rows.codes,
    'labels.scales': rows.scales,
  };
}

/**
 * Opens what `labelArrays` gave; arrays are views.
 *
 * @param meta with `modelName`, `labelPrefix` and `dimensions`
 * @throws {RangeError} for what is damaged
 */
export function readLabelVectors(arrays: Arrays, meta: JsonObject): LabelVectors {
  const texts = readTexts(arrays);
  const rows = readRows(arrays, texts.length, countIn(meta, 'dimensions'));
  return { modelName: textIn(meta, 'modelName'), labelPrefix: textIn(meta, 'labelPrefix'), texts, rows };
}

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

/** @throws {RangeError} */
export function countIn(meta: JsonObject, key: string): number {
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
