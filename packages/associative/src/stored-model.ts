import { type BackendContext, type JsonObject, type ModelData, ModelError } from '@catchword/core';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { sharedVectorizer, type TfidfVectorizer, type VectorSettings } from '@catchword/text';

/** Parts of a model by name, each with its arrays by name. */
export type ModelParts = Readonly<Record<string, Readonly<Record<string, NumericArray>>>>;

/** The model as data: an array of part `a` named `b` is stored as `a.b`. */
export function modelData(meta: JsonObject, parts: ModelParts): ModelData {
  const arrays: Record<string, NumericArray> = {};
  for (const [part, named] of Object.entries(parts)) {
    for (const [name, array] of Object.entries(named)) arrays[`${part}.${name}`] = array;
  }
  return { meta, pack: packArrays(arrays) };
}

/** The facts of a model that tell its vectorizer; its arrays are the part `vectors`. */
export function vectorizerFacts(vectorizer: TfidfVectorizer, fingerprint: string): JsonObject {
  const { ngram, minDf, sublinearTf, titleWeight, charNgram } = vectorizer.settings;
  return {
    vectors: { ngram, minDf, sublinearTf, titleWeight, charNgram: charNgram ? [...charNgram] : null },
    fingerprint,
  };
}

/** Reads what `modelData` wrote; whatever is not as it should be is a RangeError, which `readStoredModel` explains. */
export class StoredModel {
  readonly meta: JsonObject;
  private readonly arrays: Readonly<Record<string, NumericArray>>;

  constructor({ meta, pack }: ModelData) {
    this.meta = meta;
    this.arrays = viewArrays(pack);
  }

  /** The arrays of a part, by name. */
  part(name: string): Record<string, NumericArray> {
    const found: Record<string, NumericArray> = {};
    for (const [key, array] of Object.entries(this.arrays)) {
      if (key.startsWith(`${name}.`)) found[key.slice(name.length + 1)] = array;
    }
    return found;
  }

  /** A number of the facts. */
  number(key: string, low: number, high: number): number {
    return numberIn(this.meta, key, low, high);
  }

  /** A count of the facts. */
  count(key: string): number {
    const value = this.number(key, 0, Number.MAX_SAFE_INTEGER);
    if (!Number.isInteger(value)) throw new RangeError(`its ${key} is not a whole number`);
    return value;
  }

  /** Opens the vectorizer, which projects of one family share. */
  vectorizer(context: BackendContext): { vectorizer: TfidfVectorizer; fingerprint: string } {
    const { vectors, fingerprint } = this.meta;
    if (typeof fingerprint !== 'string') throw new RangeError('its fingerprint of the vectors is not a text');
    const arrays = this.part('vectors');
    return { vectorizer: sharedVectorizer(context, settingsOf(vectors), arrays, fingerprint), fingerprint };
  }
}

/**
 * Opens a model.
 *
 * @param nSubjects the vocabulary's
 * @param open throws a RangeError where the model is damaged
 * @throws {ModelError} `model-damaged`; `model-incompatible` if the model knows more subjects than the vocabulary
 */
export function readStoredModel<T>(
  backend: string,
  context: BackendContext,
  data: ModelData,
  open: (stored: StoredModel) => T,
): T {
  const hint = `Train the project again: catchword train ${context.projectId} <corpus>`;
  try {
    const stored = new StoredModel(data);
    const known = stored.count('nSubjects');
    const { nSubjects } = context.vocabulary;
    if (known > nSubjects) {
      throw new ModelError(
        'model-incompatible',
        `The stored ${backend} model belongs to another vocabulary: it knows ${known} subjects, the vocabulary has ${nSubjects}`,
        { hint },
      );
    }
    return open(stored);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError('model-damaged', `The stored ${backend} model cannot be used: ${cause.message}`, {
      hint,
      cause,
    });
  }
}

function settingsOf(vectors: unknown): VectorSettings {
  if (typeof vectors !== 'object' || vectors === null) throw new RangeError('its settings of vectors are missing');
  const facts = vectors as JsonObject;
  const { sublinearTf, charNgram } = facts;
  if (typeof sublinearTf !== 'boolean') throw new RangeError('its sublinearTf is not true or false');
  const settings = {
    ngram: numberIn(facts, 'ngram', 1, 100),
    minDf: numberIn(facts, 'minDf', 1, Number.MAX_SAFE_INTEGER),
    sublinearTf,
    titleWeight: numberIn(facts, 'titleWeight', 0, 1e6),
  };
  if (!Array.isArray(charNgram)) return settings;
  return { ...settings, charNgram: [Number(charNgram[0]), Number(charNgram[1])] };
}

function numberIn(object: JsonObject, key: string, low: number, high: number): number {
  const value = object[key];
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw new RangeError(`its ${key} is not a number from ${low} to ${high}`);
  }
  return value;
}
