import { expect, test } from 'vitest';
import { Family } from './family.js';

test('Family.once makes a thing once for each scope and key', () => {
  const family = new Family();
  const [a, b] = [{}, {}];
  let made = 0;
  const make = () => ++made;
  expect([
    family.once(a, 'x', make),
    family.once(a, 'x', make),
    family.once(a, 'y', make),
    family.once(b, 'x', make),
  ]).toEqual([1, 1, 2, 3]);
});
