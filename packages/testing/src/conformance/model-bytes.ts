import { createHash } from 'node:crypto';
import type { ModelData } from '@catchword/core';
import { type ArrayPack, type ArrayPlace, packArrays, viewArrays } from '@catchword/math';
import { expect } from 'vitest';

/** A model in a form that two of can be compared: its facts, where its arrays lie, and a hash of each. */
export function modelBytes({ meta, pack }: ModelData): unknown {
  const arrays = viewArrays(pack);
  const hashes = pack.places.map(({ name, type, length }) => {
    const array = arrays[name];
    if (!array) throw new Error(`array ${name} cannot be viewed`);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    return [name, type, length, createHash('sha256').update(bytes).digest('hex')];
  });
  return { meta: JSON.parse(JSON.stringify(meta)), hashes };
}

/** What a model is after it was written to a folder and read: facts through JSON, arrays in other memory. */
export function storedModel({ meta, pack }: ModelData): ModelData {
  const stored = JSON.parse(JSON.stringify(meta));
  expect(stored, 'facts of a model that JSON cannot hold').toEqual(meta);
  return { meta: stored, pack: packArrays(viewArrays(pack)) };
}

/** Ways to damage one array of a model, by name. */
export const DAMAGES: Readonly<Record<string, (pack: ArrayPack, place: ArrayPlace) => ArrayPack>> = {
  'is missing': (pack, place) => ({ ...pack, places: pack.places.filter((each) => each !== place) }),
  'has another type': (pack, place) => {
    const type = place.type === 'uint8' ? 'int8' : 'uint8';
    return { ...pack, places: pack.places.map((each) => (each === place ? { ...place, type } : each)) };
  },
  'is cut off': (pack, place) => ({
    ...pack,
    places: pack.places.map((each) => (each === place ? { ...place, length: place.length - 1 } : each)),
  }),
  'is longer than the file': (pack, place) => ({
    ...pack,
    places: pack.places.map((each) => (each === place ? { ...place, offset: pack.buffer.byteLength } : each)),
  }),
};
