import { type Backend, type IndexingError, type JsonObject, type ModelData, ModelError } from '@catchword/core';
import { expect } from 'vitest';
import { type BackendCase, parsedParams, trainCase } from '../backend-case.js';
import type { Check } from './check.js';
import { DAMAGES, modelBytes, storedModel } from './model-bytes.js';
import { expectOrdered, rowsOf } from './suggestion-checks.js';

/** Checks of `Backend.save`, `BackendType.load` and `BackendType.parseParams`. */
export const MODEL_CHECKS: readonly Check[] = [
  {
    name: 'a model that was saved and loaded suggests the same and is saved the same',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const saved = backend.save();
      // Another analyzer, as in another process.
      const { context } = await makeCase();
      const loaded = load({ ...each, context }, storedModel(saved));
      expect(rowsOf(await loaded.suggest(each.documents, { limit: 1000 }))).toEqual(
        rowsOf(await backend.suggest(each.documents, { limit: 1000 })),
      );
      expect(modelBytes(loaded.save())).toEqual(modelBytes(saved));
    },
  },
  {
    name: 'two loaded models share an analyzer without disturbing each other',
    run: async (makeCase) => {
      const each = await makeCase();
      const saved = (await trainCase(each)).backend.save();
      const [a, b] = [load(each, saved), load(each, saved)];
      for (const doc of each.documents) {
        const fromA = rowsOf(await a.suggest([doc], { limit: 20 }));
        expect(rowsOf(await b.suggest([doc], { limit: 20 }))).toEqual(fromA);
      }
    },
  },
  {
    name: 'a model of another vocabulary is refused where it cannot fit',
    run: async (makeCase) => {
      const each = await makeCase();
      const saved = (await trainCase(each)).backend.save();
      const error = failureOf(() => load({ ...each, context: each.other }, saved));
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ code: 'model-incompatible' });
      expect((error as IndexingError).hint).toBeTruthy();
    },
  },
  {
    name: 'a model serves a vocabulary that has grown',
    run: async (makeCase) => {
      const each = await makeCase();
      const { context, text, newId } = each.grown;
      const loaded = load({ ...each, context }, (await trainCase(each)).backend.save());
      const batch = await loaded.suggest([{ text }, ...each.documents], { limit: 10 });
      expect(batch.nSubjects).toBe(context.vocabulary.nSubjects);
      expectOrdered(batch, 10);
      const suggested = batch.row(0).map(({ subjectId }) => subjectId);
      if (each.reachesUntrained) expect(suggested, 'suggestions for a text on the new concept').toContain(newId);
    },
  },
  {
    name: 'damaged arrays give a ModelError',
    run: async (makeCase) => {
      const each = await makeCase();
      const saved = (await trainCase(each)).backend.save();
      const accepted: string[] = [];
      for (const place of saved.pack.places) {
        for (const [damage, apply] of Object.entries(DAMAGES)) {
          if (place.length === 0 && damage !== 'is missing' && damage !== 'has another type') continue;
          const damaged = { meta: saved.meta, pack: apply(saved.pack, place) };
          const error = failureOf(() => load(each, damaged));
          if (!(error instanceof ModelError)) accepted.push(`${place.name} ${damage}: ${error ?? 'accepted'}`);
        }
      }
      expect(accepted).toEqual([]);
    },
  },
  {
    name: 'damaged facts give a ModelError, or change nothing',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const saved = backend.save();
      const expected = rowsOf(await backend.suggest(each.documents, { limit: 20 }));
      for (const key of Object.keys(saved.meta)) {
        for (const value of [undefined, null, 'x', [], {}, -1, 1e300]) {
          const { [key]: _, ...others } = saved.meta;
          const meta: JsonObject = value === undefined ? others : { ...others, [key]: value };
          await expectRefusedOrHarmless(each, { ...saved, meta }, expected);
        }
      }
      expect(failureOf(() => load(each, { ...saved, meta: {} }))).toBeInstanceOf(ModelError);
    },
  },
  {
    name: 'parameters: defaults are good, bad values are each reported, and none throws',
    run: async (makeCase) => {
      const { type, badParams } = await makeCase();
      const reported: string[] = [];
      const report = (key: string, message: string) => {
        expect(message, `the message about ${key}`).toContain(key);
        reported.push(key);
      };
      const defaults = type.parseParams({}, report);
      expect(reported, 'problems of the defaults').toEqual([]);
      expect(Object.keys(type.paramHelp)).toEqual(expect.arrayContaining(Object.keys(badParams)));
      expect(type.parseParams(badParams, report), 'what bad values fall back to').toEqual(defaults);
      expect(reported.toSorted()).toEqual(Object.keys(badParams).toSorted());
      const oddities = [
        '',
        ' ',
        'x',
        '\u0000',
        '1e999',
        'NaN',
        Number.NaN,
        Number.POSITIVE_INFINITY,
        -1,
        0,
        true,
        '0x10',
      ];
      for (const key of Object.keys(type.paramHelp)) {
        for (const value of oddities) type.parseParams({ [key]: value }, () => undefined);
      }
    },
  },
];

function load<P>(each: BackendCase<P>, model: ModelData): Backend {
  if (!each.type.load) throw new Error(`backend ${each.type.name} cannot be loaded`);
  return each.type.load(each.context, model, parsedParams(each));
}

function failureOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function expectRefusedOrHarmless<P>(each: BackendCase<P>, model: ModelData, expected: unknown): Promise<void> {
  let loaded: Backend;
  try {
    loaded = load(each, model);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    return;
  }
  const rows = rowsOf(await loaded.suggest(each.documents, { limit: 20 }));
  for (const { score } of rows.flat()) expect(score).toBeGreaterThan(0);
  expect(rows.map((row) => row.length)).toHaveLength((expected as unknown[]).length);
}
