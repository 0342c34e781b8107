import { IndexingError, type JsonObject, type JsonValue, type ModelData, ModelError } from '@catchword/core';
import { type ArrayPack, type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { hasModel, readModelFolder, withFolderLock, writeModelFolder } from '@catchword/storage';
import type { SuggesterParts } from '../suggester.js';
import type { SourceParts } from '../suggester-source.js';
import type { LearntModel } from './suggester-learning.js';

const KIND = 'learnt';

/** The model after so many entries of the journal, so that they need not be learnt again at every start. */
export interface LearntFold {
  /** Of the state, see `learntKey`. */
  readonly key: string;
  /** Entries that are in it. */
  readonly n: number;
  readonly model: LearntModel;
}

/**
 * Stores a fold in place of the one before. It can be made again from the stored model and the journal at any time.
 *
 * @throws {OperationError} `locked`, `write-failed`
 */
export async function writeFold(folder: string, { key, n, model }: LearntFold): Promise<void> {
  const arrays: Record<string, NumericArray> = {};
  const meta = { key, n, root: flatten(model, '', arrays) };
  await withFolderLock(folder, () => writeModelFolder(folder, { kind: KIND, meta, pack: packArrays(arrays) }));
}

/**
 * @param onWarning told where there is one that cannot be used
 * @returns undefined where there is none
 */
export async function readFold(folder: string, onWarning: (message: string) => void): Promise<LearntFold | undefined> {
  if (!(await hasModel(folder))) return undefined;
  try {
    const { data } = await readModelFolder(folder, { kind: KIND });
    const { key, n, root } = data.meta;
    if (typeof key !== 'string' || !Number.isInteger(n)) throw damaged(folder);
    return { key, n: n as number, model: unflatten(root, '', data.pack, viewArrays(data.pack), folder) };
  } catch (error) {
    if (!IndexingError.is(error)) throw error;
    onWarning(`${error.message}; what was learnt is taken from the journal instead`);
    return undefined;
  }
}

/** @returns the parts with models that have learnt, those of sources included */
export function withFold(
  parts: SuggesterParts,
  { model, trainFrequency, known, sources }: LearntModel,
): SuggesterParts {
  return {
    ...parts,
    model,
    trainFrequency: trainFrequency ?? parts.trainFrequency,
    learnt: { records: [], known },
    sources: parts.sources.map((source, s): SourceParts => {
      const own = sources[s];
      return own && !('failure' in source.parts) ? { ...source, parts: withFold(source.parts, own) } : source;
    }),
  };
}

/** Puts the arrays under their names with a prefix. @returns the facts */
function flatten(learnt: LearntModel, prefix: string, arrays: Record<string, NumericArray>): JsonObject {
  const { model, trainFrequency, known, sources } = learnt;
  for (const [name, array] of Object.entries(viewArrays(model.pack))) arrays[`${prefix}model/${name}`] = array;
  if (trainFrequency) arrays[`${prefix}trainFrequency`] = trainFrequency;
  arrays[`${prefix}hashes`] = known.hashes;
  arrays[`${prefix}indptr`] = known.indptr;
  arrays[`${prefix}subjects`] = known.subjects;
  return {
    model: model.meta,
    sources: sources.map((source, s): JsonValue => (source ? flatten(source, `${prefix}${s}/`, arrays) : null)),
  };
}

function unflatten(
  node: JsonValue | undefined,
  prefix: string,
  pack: ArrayPack,
  arrays: Readonly<Record<string, NumericArray>>,
  folder: string,
): LearntModel {
  const { model: meta, sources } = (node ?? {}) as { model?: JsonObject; sources?: JsonValue };
  const [hashes, indptr, subjects, trainFrequency] = ['hashes', 'indptr', 'subjects', 'trainFrequency'].map(
    (name) => arrays[`${prefix}${name}`],
  );
  const isWhole =
    hashes instanceof Float64Array &&
    indptr instanceof Uint32Array &&
    subjects instanceof Uint32Array &&
    indptr.length === hashes.length + 1 &&
    indptr[hashes.length] === subjects.length &&
    (trainFrequency === undefined || trainFrequency instanceof Uint32Array);
  if (!isWhole || typeof meta !== 'object' || !Array.isArray(sources)) throw damaged(folder);
  const start = `${prefix}model/`;
  const places = pack.places
    .filter(({ name }) => name.startsWith(start))
    .map((place) => ({ ...place, name: place.name.slice(start.length) }));
  const model: ModelData = { meta, pack: { buffer: pack.buffer, places } };
  return {
    model,
    known: { hashes, indptr, subjects },
    ...(trainFrequency ? { trainFrequency } : undefined),
    sources: sources.map((source, s) =>
      source === null ? undefined : unflatten(source, `${prefix}${s}/`, pack, arrays, folder),
    ),
  };
}

function damaged(folder: string): ModelError {
  return new ModelError('model-damaged', `Cannot read what was learnt in ${folder}: it is not what was written`);
}
