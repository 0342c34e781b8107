import { expect, test } from 'vitest';
import { ByteOutput } from './byte-output.js';

test('what is put in is taken in its order, once, also where an array was too small for it', () => {
  const output = new ByteOutput(8);
  output.append(Uint8Array.of(1, 2, 3));
  const first = output.take();
  output.append(Uint8Array.of(4, 5, 6));
  expect(output.length).toBe(3);
  const at = output.reserve(40); // does not fit beside what was not taken
  output.bytes.fill(7, at, at + 40);
  expect([...output.take()]).toEqual([4, 5, 6, ...new Array(40).fill(7)]);
  expect([...first]).toEqual([1, 2, 3]);
  expect(output.take()).toHaveLength(0);
  output.append(Uint8Array.of(8));
  expect([...first, ...output.take()]).toEqual([1, 2, 3, 8]);
});
