import type { Backend, BackendContext } from '@catchword/core';
import { SUBJECT_ACTIVE } from '@catchword/core';
import {
  corpusOf,
  grownVocabulary,
  NEW_CONCEPT_TEXTS,
  TINY_CONCEPTS,
  TINY_LANGUAGES,
  tinyDocuments,
  tinyVocabulary,
  updatedBy,
} from '@catchword/testing';
import { createAnalyzer } from '@catchword/text';
import type { SkosVocabulary } from '@catchword/vocabulary';
import { beforeAll, describe, expect, test } from 'vitest';
import { mllm } from './backend.js';
import { sampleVocabulary } from './sample-vocabulary.test.reader.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};
const params = mllm.parseParams({ min_samples_leaf: 5, trees: 40 }, (key) => {
  throw new Error(key);
});

async function contextOf(vocabulary: SkosVocabulary, language: string): Promise<BackendContext> {
  const analyzer = await createAnalyzer(ANALYZERS[language] ?? 'simple', { language });
  return { projectId: `reach-${language}`, language, vocabulary, analyzer };
}

/** Trains on records made of labels: about each active subject, but the last `nUntrained` ones. */
async function trained(context: BackendContext, nUntrained = 0): Promise<Backend> {
  if (!mllm.train) throw new Error('mllm cannot be trained');
  const documents = tinyDocuments(context.vocabulary, context.language);
  const corpus = corpusOf(documents.slice(0, documents.length - 3 * nUntrained));
  return (await mllm.train(context, corpus, params, { nJobs: 1, seed: 1 })).backend;
}

function reload(backend: Backend, context: BackendContext): Backend {
  if (!mllm.load) throw new Error('mllm cannot be loaded');
  return mllm.load(context, backend.save(), params);
}

async function suggested(backend: Backend, text: string, limit = 1000): Promise<number[]> {
  return (await backend.suggest([{ text }], { limit })).row(0).map(({ subjectId }) => subjectId);
}

describe.each(Object.keys(ANALYZERS))('every concept of the sample vocabulary in %s', (language) => {
  let context: BackendContext;
  let backend: Backend;

  beforeAll(async () => {
    context = await contextOf(await sampleVocabulary(), language);
    backend = await trained(context, 40);
  });

  test('is suggested for a text that is its preferred label, mostly first', async () => {
    const { vocabulary } = context;
    const missing: string[] = [];
    let nActive = 0;
    let nFirst = 0;
    for (let id = 0; id < vocabulary.nSubjects; id++) {
      const label = vocabulary.label(id, language);
      if (vocabulary.status[id] !== SUBJECT_ACTIVE || label === undefined) continue;
      nActive++;
      const ids = await suggested(backend, label);
      if (!ids.includes(id)) missing.push(label);
      if (ids[0] === id) nFirst++;
    }
    expect(missing).toEqual([]);
    expect(nActive).toBeGreaterThan(150);
    expect(nFirst / nActive).toBeGreaterThan(0.8);
  });

  test('is suggested for a text on it, with evidence that is the label', async () => {
    const { vocabulary } = context;
    for (let id = 0; id < vocabulary.nSubjects; id++) {
      const label = vocabulary.label(id, language);
      if (vocabulary.status[id] !== SUBJECT_ACTIVE || label === undefined) continue;
      const text = `Xxxx yyyy: zzzz. Qqqq ${label} vvvv, wwww. Xxxx.`;
      const [explanation] = (await backend.explain?.({ text }, [id])) ?? [];
      const words = label.replace(/[)\]]$/, '');
      const own = explanation?.evidence.find(({ start, end }) => text.slice(start, end) === words);
      expect([label, own]).toEqual([
        label,
        { label, kind: 'label', start: text.indexOf(words), end: expect.any(Number) },
      ]);
    }
  });

  test('is explained as it was scored, with evidence, contributions in order and places in the text', async () => {
    const texts = tinyDocuments(context.vocabulary, language).map(({ text }) => text);
    const text = texts.filter((_, i) => i % 7 === 0).join('\n\n');
    const row = (await backend.suggest([{ text }], { limit: 1000 })).row(0);
    expect(row.length, 'more than are scored by all trees').toBeGreaterThan(60);
    const explanations =
      (await backend.explain?.(
        { text },
        row.map(({ subjectId }) => subjectId),
      )) ?? [];
    for (const [i, { score, evidence, contributions }] of explanations.entries()) {
      expect([i, Math.fround(score)]).toEqual([i, row[i]?.score]);
      expect(evidence).not.toEqual([]);
      expect(contributions).not.toEqual([]);
      const weights = contributions.map(({ weight }) => Math.abs(weight));
      expect(weights).toEqual(weights.toSorted((a, b) => b - a));
      for (const { start, end, kind, label } of evidence) {
        const words = text.slice(start, end);
        expect(words).toBe(words.trim());
        expect(words).not.toBe('');
        if (kind === 'label') expect(label.toLowerCase()).toContain(words.toLowerCase());
      }
      const places = evidence.map(({ start, end }) => [start, end]);
      expect(places).toEqual(places.toSorted(([a, b], [c, d]) => (a ?? 0) - (c ?? 0) || (b ?? 0) - (d ?? 0)));
    }
  });
});

describe.each(TINY_LANGUAGES)('a model in %s serves a vocabulary that was updated since', (language) => {
  let old: Backend;

  beforeAll(async () => {
    old = await trained(await contextOf(tinyVocabulary(), language));
  });

  test('a concept that was added is suggested at once, and first', async () => {
    const vocabulary = grownVocabulary();
    const backend = reload(old, await contextOf(vocabulary, language));
    const text = NEW_CONCEPT_TEXTS[language] ?? '';
    expect((await suggested(backend, text))[0]).toBe(vocabulary.nSubjects - 1);
    expect(await suggested(old, text)).not.toContain(vocabulary.nSubjects - 1);
  });

  test('a concept that was removed or deprecated is suggested no more', async () => {
    const before = tinyVocabulary();
    const [roses, honey] = ['roses', 'honey'].map((label) => before.idOfLabel(label, 'en'));
    const concepts = TINY_CONCEPTS.filter(({ pref }) => pref.en !== 'roses').map((each) =>
      each.pref.en === 'honey' ? { ...each, deprecated: true } : each,
    );
    const backend = reload(old, await contextOf(updatedBy(before, concepts).vocabulary, language));
    const text = [roses, honey, before.idOfLabel('bees', 'en')]
      .map((id) => before.label(id ?? -1, language))
      .join('. ');
    expect(await suggested(old, text)).toEqual(expect.arrayContaining([roses, honey]));
    const ids = await suggested(backend, text);
    expect(ids).toContain(before.idOfLabel('bees', 'en'));
    expect(ids).not.toContain(roses);
    expect(ids).not.toContain(honey);
  });

  test('a concept that was relabelled is found by its new label', async () => {
    const before = tinyVocabulary();
    const concepts = TINY_CONCEPTS.map((each) =>
      each.pref.en === 'honey' ? { ...each, pref: { en: 'nectarine', de: 'nectarine', fi: 'nectarine' } } : each,
    );
    const { vocabulary, changes } = updatedBy(before, concepts);
    const backend = reload(old, await contextOf(vocabulary, language));
    expect(changes.relabelled).toEqual([before.idOfLabel('honey', 'en')]);
    expect(await suggested(backend, 'Nectarine')).toEqual(changes.relabelled);
  });

  test('a deprecated concept was never suggested', async () => {
    expect(await suggested(old, 'Phlogiston. Flogiston.')).toEqual([]);
  });
});

test('a language is found however its tag is written', async () => {
  const concepts = TINY_CONCEPTS.map(({ uri, pref }) => ({ uri, pref: { 'en-gb': pref.en ?? '' } }));
  const { vocabulary } = updatedBy(tinyVocabulary(), concepts);
  const model = await trained(await contextOf(tinyVocabulary(), 'en'));
  const british = reload(model, { ...(await contextOf(vocabulary, 'en')), language: 'en-GB' });
  expect(await suggested(british, 'Roses')).toContain(vocabulary.idOfLabel('roses', 'en-GB'));
});
