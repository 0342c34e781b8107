import type { Backend, Document, SuggestionBatch } from '@catchword/core';
import { expect } from 'vitest';
import { type BackendCase, trainCase } from '../backend-case.js';
import type { Check } from './check.js';
import { frozen } from './frozen.js';
import { modelBytes } from './model-bytes.js';

/** Texts that a backend may meet and that say nothing, or too much. */
export const ODD_TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  'white space': ' \t\r\n\u00a0\u2028',
  'unknown words': 'zxqvw brrkt mmnplo',
  punctuation: '.,;:!?…—()[]{}"\'„“/\\|@#%&*+=<>',
  'NUL characters': 'so\u0000il \u0000 water\u0000',
  'lone surrogates': '\ud800 soil \udc00water\udfff \ud83d',
  'control characters': '\u0001eu \u0007 \u001b[31mwater\u001b[0m \ufeff',
  'a mebibyte without a space': 'x'.repeat(1 << 20),
  'a mebibyte of words': 'soil water bees Boden Wasser maaperä '.repeat(Math.ceil((1 << 20) / 37)),
};

/** Checks of `Backend.suggest` and `Backend.explain`. */
export const SUGGESTION_CHECKS: readonly Check[] = [
  {
    name: 'a batch gives what its documents give one by one, in any order',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const together = rowsOf(await backend.suggest(each.documents, { limit: 20 }));
      expect(together).toHaveLength(each.documents.length);
      expect(together.flat().length, 'suggestions for the documents of the case').toBeGreaterThan(0);
      for (const i of each.documents.keys()) {
        const [alone] = rowsOf(await backend.suggest([each.documents[i] as Document], { limit: 20 }));
        expect(alone).toEqual(together[i]);
      }
      const backwards = rowsOf(await backend.suggest(each.documents.toReversed(), { limit: 20 }));
      expect(backwards.toReversed()).toEqual(together);
    },
  },
  {
    name: 'evidence stands beside each suggestion where it is asked for, and changes none',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const bare = await backend.suggest(each.documents, { limit: 20 });
      const batch = await backend.suggest(each.documents, { limit: 20, evidence: true });
      expect(bare.evidence).toBeUndefined();
      expect(rowsOf(batch)).toEqual(rowsOf(bare));
      if (!batch.evidence) return; // a backend need not have any
      const { names, values } = batch.evidence;
      expect(new Set(names).size).toBe(names.length);
      expect(values).toHaveLength(names.length * batch.subjectIds.length);
      const [first] = each.documents;
      const alone = await backend.suggest(first ? [first] : [], { limit: 20, evidence: true });
      expect(alone.evidence?.values).toEqual(values.slice(0, alone.evidence?.values.length));
    },
  },
  {
    name: 'hidden subjects are judged without records: an associative backend gives none, a lexical one goes on',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const { nSubjects } = each.context.vocabulary;
      const batch = await backend.suggest(each.documents, { limit: 20 });
      const nothingHidden = new Uint8Array(nSubjects);
      expect(rowsOf(await backend.suggest(each.documents, { limit: 20, hidden: nothingHidden }))).toEqual(
        rowsOf(batch),
      );
      const allHidden = await backend.suggest(each.documents, { limit: 20, hidden: nothingHidden.fill(1) });
      if (!each.reachesUntrained) expect(allHidden.subjectIds).toHaveLength(0);
      else expect(allHidden.subjectIds.length).toBeGreaterThan(0);
    },
  },
  {
    name: 'no documents give no rows',
    run: async (makeCase) => {
      const { backend } = await trainCase(await makeCase());
      expect((await backend.suggest([], { limit: 10 })).nDocs).toBe(0);
    },
  },
  {
    name: 'odd texts give rows, no exception, and do not disturb their neighbours',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const sane = each.documents[0] as Document;
      const [expected] = rowsOf(await backend.suggest([sane], { limit: 20 }));
      for (const [name, text] of Object.entries(ODD_TEXTS)) {
        const batch = await backend.suggest([{ text }, sane], { limit: 20 });
        expectOrdered(batch, 20);
        expect(rowsOf(batch)[1], `the row after one of ${name}`).toEqual(expected);
      }
    },
  },
  {
    name: 'rows are ordered, scores in (0, 1], no subject twice, and a smaller limit gives a beginning',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const all = await backend.suggest(each.documents, { limit: each.context.vocabulary.nSubjects });
      expectOrdered(all, each.context.vocabulary.nSubjects);
      for (const limit of [0, 1, 2, 3, 5, 10, 1_000_000]) {
        const batch = await backend.suggest(each.documents, { limit });
        expectOrdered(batch, limit);
        expect(rowsOf(batch)).toEqual(rowsOf(all).map((row) => row.slice(0, limit)));
      }
    },
  },
  {
    name: 'suggesting modifies neither documents nor model',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      const before = modelBytes(backend.save());
      const documents = each.documents.map((doc) =>
        frozen({ ...doc, subjects: [0, 1], metadata: { title: 'water' }, path: 'a.txt' }),
      );
      const rows = rowsOf(await backend.suggest(frozen(documents), frozen({ limit: 10 })));
      expect(rows, 'suggestions must not depend on gold subjects').toEqual(
        rowsOf(await backend.suggest(each.documents, { limit: 10 })),
      );
      expect(modelBytes(backend.save())).toEqual(before);
    },
  },
  {
    name: 'explanations answer each subject asked for, with the score suggested and places in the text',
    run: async (makeCase) => {
      const each = await makeCase();
      const { backend } = await trainCase(each);
      if (!backend.explain) return;
      for (const doc of each.documents) await expectExplained(backend, each, doc);
    },
  },
  {
    name: 'odd texts can be explained',
    run: async (makeCase) => {
      const { backend, context } = await trainCase(await makeCase()).then(async ({ backend }) => ({
        backend,
        context: (await makeCase()).context,
      }));
      if (!backend.explain) return;
      const ids = Array.from({ length: context.vocabulary.nSubjects }, (_, id) => id);
      for (const text of Object.values(ODD_TEXTS)) {
        const explanations = await backend.explain({ text }, ids);
        expect(explanations.map(({ subjectId }) => subjectId)).toEqual(ids);
        for (const { evidence } of explanations) expectPlaces(evidence, text);
      }
    },
  },
];

/** The rows of a batch as objects. */
export function rowsOf(batch: SuggestionBatch) {
  return Array.from({ length: batch.nDocs }, (_, i) => batch.row(i));
}

/** Expects what `SuggestionBatch` promises. */
export function expectOrdered(batch: SuggestionBatch, limit: number): void {
  for (const row of rowsOf(batch)) {
    expect(row.length).toBeLessThanOrEqual(limit);
    expect(new Set(row.map(({ subjectId }) => subjectId)).size, 'different subjects of a row').toBe(row.length);
    for (const [i, { subjectId, score }] of row.entries()) {
      expect(subjectId).toBeLessThan(batch.nSubjects);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
      const before = row[i - 1];
      const inOrder = !before || before.score > score || (before.score === score && before.subjectId < subjectId);
      expect(inOrder, `${JSON.stringify(before)} before ${JSON.stringify(row[i])}`).toBe(true);
    }
  }
}

async function expectExplained<P>(backend: Backend, { context }: BackendCase<P>, doc: Document): Promise<void> {
  const suggested = (await backend.suggest([doc], { limit: 1_000_000 })).row(0);
  const scores = new Map(suggested.map(({ subjectId, score }) => [subjectId, score]));
  const ids = Array.from({ length: context.vocabulary.nSubjects }, (_, id) => id).toReversed();
  const explanations = (await backend.explain?.(frozen({ ...doc }), ids)) ?? [];
  expect(explanations.map(({ subjectId }) => subjectId)).toEqual(ids);
  for (const { subjectId, score, evidence, contributions } of explanations) {
    expect(Math.fround(score), `the score explained of subject ${subjectId}`).toBe(scores.get(subjectId) ?? 0);
    const weights = contributions.map(({ weight }) => Math.abs(weight));
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    for (const { feature, text, weight } of contributions) {
      expect(Number.isFinite(weight)).toBe(true);
      expect([feature, text]).not.toContain('');
    }
    expectPlaces(evidence, doc.text);
  }
}

function expectPlaces(evidence: readonly { start: number; end: number }[], text: string): void {
  for (const { start, end } of evidence) {
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(text.length);
  }
}
