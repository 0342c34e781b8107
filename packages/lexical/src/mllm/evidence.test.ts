import { tinyCase, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { mllm } from './backend.js';

test('mllm judges hidden subjects as if no record had them, and shows what it knows of all', async () => {
  const each = await tinyCase(mllm, {
    language: 'en',
    analyzer: 'snowball(english)',
    params: { min_samples_leaf: 2, trees: 30 },
    badParams: {},
    reachesUntrained: true,
  });
  const { backend } = await trainCase(each);
  const hidden = new Uint8Array(each.context.vocabulary.nSubjects).fill(1);
  const column = async (name: string, options: { hidden?: Uint8Array }) => {
    const { evidence } = await backend.suggest(each.documents, { limit: 20, evidence: true, ...options });
    const { names = [], values = new Float32Array(0) } = evidence ?? {};
    const at = names.indexOf(name);
    return Array.from({ length: values.length / names.length }, (_, k) => values[k * names.length + at] ?? -1);
  };
  expect(Math.max(...(await column('subjectFrequency', {})))).toBeGreaterThan(0);
  expect(new Set(await column('subjectFrequency', { hidden }))).toEqual(new Set([0]));
  expect((await column('keyphraseness', { hidden })).every(Number.isNaN)).toBe(true);
});
