import { ModelError } from '@catchword/core';
import { packArrays, viewArrays } from '@catchword/math';
import { expectOrdered, parsedParams, tinyCase, trainCase } from '@catchword/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mllm } from './backend.js';

const tiny = await tinyCase(mllm, {
  language: 'de',
  analyzer: 'snowball(german)',
  params: { min_samples_leaf: 2, trees: 5 },
  badParams: {},
  reachesUntrained: true,
});
const { meta, pack } = (await trainCase(tiny)).backend.save();

function load(arrays: ReturnType<typeof viewArrays>) {
  if (!mllm.load) throw new Error('mllm cannot be loaded');
  return mllm.load(tiny.context, { meta, pack: packArrays(arrays) }, parsedParams(tiny));
}

test('a model with one number changed is refused, or suggests something in finite time', async () => {
  const names = pack.places.filter(({ length }) => length > 0).map(({ name }) => name);
  const number = fc.oneof(fc.constantFrom(0, 1, 2, 0xffff, 0xffffffff, -1, Number.NaN), fc.nat(300));
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.nat(), number, async (name, at, value) => {
      const arrays = viewArrays(packArrays(viewArrays(pack)));
      const array = arrays[name];
      array[at % array.length] = value;
      try {
        expectOrdered(await load(arrays).suggest(tiny.documents, { limit: 20 }), 20);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
        refused++;
      }
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(50);
});

test.each([
  ['labels.variantSubject', 10_000, /variantSubject/],
  ['labels.variantLabel', 10_000, /variantLabel/],
  ['labels.nodeVariants', 10_000, /nodeVariants/],
  ['labels.keyPtr', 10_000, /keyPtr/],
  ['labels.termSlots', 10_000, /termSlots/],
  ['labels.forwardTerms', 10_000, /forwardTerms/],
])('the message names %s where a number in it leads nowhere', (name, value, message) => {
  const arrays = viewArrays(packArrays(viewArrays(pack)));
  arrays[name][1] = value;
  expect(() => load(arrays)).toThrow(message);
});
