import type { Backend, Document, JsonValue } from '@catchword/core';
import { expect } from 'vitest';
import { type BackendCase, parsedParams, trainCase } from '../backend-case.js';
import type { Check } from './check.js';
import { frozen } from './frozen.js';
import { modelBytes, storedModel } from './model-bytes.js';
import { expectOrdered, ODD_TEXTS, rowsOf } from './suggestion-checks.js';

/** Checks of `Backend.learn` and `Backend.assess`; a backend without them passes. */
export const LEARNING_CHECKS: readonly Check[] = [
  {
    name: 'learning, then suggesting, gives what the saved model gives after loading, and both learn on alike',
    run: learningCheck(async (each, backend) => {
      const records = recordsOf(each);
      const before = rowsOf(await backend.suggest(each.documents, { limit: 20 }));
      await backend.learn?.(records);
      const after = rowsOf(await backend.suggest(each.documents, { limit: 20 }));
      expect(after, 'suggestions before learning').not.toEqual(before);
      const loaded = loadedFrom(each, backend);
      expect(rowsOf(await loaded.suggest(each.documents, { limit: 20 }))).toEqual(after);
      expect(modelBytes(loaded.save())).toEqual(modelBytes(backend.save()));
      const again = records.map(({ text }, i): Document => ({ text: `${text} ${i}`, subjects: [i % 3] }));
      for (const model of [backend, loaded]) await model.learn?.(again);
      expect(modelBytes(loaded.save())).toEqual(modelBytes(backend.save()));
    }),
  },
  {
    name: 'records learnt one after the other are learnt as at once, with notes as without; assessing changes nothing',
    run: learningCheck(async (each, backend) => {
      const records = frozen(recordsOf(each));
      const untouched = modelBytes(backend.save());
      const notes = frozen([...((await backend.assess?.(records)) ?? records.map(() => null))]);
      expect(notes).toHaveLength(records.length);
      expect(modelBytes(backend.save())).toEqual(untouched);
      const stored = JSON.parse(JSON.stringify(notes)) as JsonValue[];
      expect(stored, 'notes that JSON cannot hold').toEqual(notes);
      const [atOnce, oneByOne, withNotes] = [0, 1, 2].map(() => loadedFrom(each, backend)) as [
        Backend,
        Backend,
        Backend,
      ];
      await atOnce.learn?.(records);
      for (const [i, record] of records.entries()) await oneByOne.learn?.([record], [stored[i] as JsonValue]);
      await withNotes.learn?.(records, stored);
      expect(modelBytes(oneByOne.save())).toEqual(modelBytes(withNotes.save()));
      expect(modelBytes(atOnce.save())).toEqual(modelBytes(withNotes.save()));
      expect(rowsOf(await oneByOne.suggest(each.documents, { limit: 20 }))).toEqual(
        rowsOf(await atOnce.suggest(each.documents, { limit: 20 })),
      );
    }),
  },
  {
    name: 'odd records are learnt without harm: no subjects, no words, foreign notes, new subjects',
    run: learningCheck(async (each, backend) => {
      const { context, text, newId } = each.grown;
      const grown = each.type.load?.(context, storedModel(backend.save()), parsedParams(each)) as Backend;
      const odd = Object.values(ODD_TEXTS).map((oddText): Document => ({ text: oddText, subjects: [1] }));
      const records = [...odd, { text: 'water' }, { text: 'soil', subjects: [] }, { text, subjects: [newId, 0] }];
      await grown.learn?.(
        records,
        records.map((_, i) => [null, 'x', [['y']], { z: 1 }, -1][i % 5] as JsonValue),
      );
      const batch = await grown.suggest([{ text }, ...each.documents], { limit: 10 });
      expectOrdered(batch, 10);
      expect(batch.nSubjects).toBe(context.vocabulary.nSubjects);
      const loaded = each.type.load?.(context, storedModel(grown.save()), parsedParams(each)) as Backend;
      expect(rowsOf(await loaded.suggest([{ text }, ...each.documents], { limit: 10 }))).toEqual(rowsOf(batch));
    }),
  },
];

/** A check that passes where the case's backend does not learn. */
function learningCheck(run: <P>(each: BackendCase<P>, backend: Backend) => Promise<void>): Check['run'] {
  return async (makeCase) => {
    const each = await makeCase();
    const { backend } = await trainCase(each);
    if (backend.learn) await run(each, backend);
  };
}

/** Records in words that the backend was trained with. */
function recordsOf<P>({ documents, context }: BackendCase<P>): Document[] {
  const { nSubjects } = context.vocabulary;
  return documents.slice(0, 6).map(({ text }, i, all) => ({
    text: `${text} ${all[(i + 1) % all.length]?.text}`,
    subjects: [(7 * i) % nSubjects, (11 * i + 5) % nSubjects].filter((id, k, ids) => ids.indexOf(id) === k),
    documentId: `learnt ${i}`,
  }));
}

function loadedFrom<P>(each: BackendCase<P>, backend: Backend): Backend {
  return each.type.load?.(each.context, storedModel(backend.save()), parsedParams(each)) as Backend;
}
