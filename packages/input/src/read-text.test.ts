import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf } from './read-text.js';

async function* pieces(bytes: Buffer, size: number) {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function joined(bytes: Buffer, size: number): Promise<string> {
  let text = '';
  for await (const piece of textOf(pieces(bytes, size), 'x.ttl')) text += piece;
  return text;
}

test('textOf gives the same text whatever the size of the pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), async (text, size) => {
      fc.pre(!text.startsWith('\ufeff'));
      expect(await joined(Buffer.from(text), size)).toBe(text);
    }),
  );
});

test('textOf drops a byte-order mark', async () => {
  expect(await joined(Buffer.from('\ufeffa\n'), 100)).toBe('a\n');
});

test('textOf names the line of bytes that are not UTF-8', async () => {
  const bytes = Buffer.concat([Buffer.from('a\nä\n'.repeat(50)), Buffer.from([0xe4, 0x0a])]);
  for (const size of [1, 7, 1000]) {
    await expect(joined(bytes, size)).rejects.toMatchObject({ code: 'encoding-invalid', context: { line: 101 } });
  }
  await expect(joined(Buffer.from([0x61, 0xc3]), 10)).rejects.toMatchObject({ code: 'encoding-invalid' });
});
