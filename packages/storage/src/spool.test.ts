import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Spool } from './spool.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(spool: Spool): number[] {
  const sums: number[] = [];
  let n = 0;
  let sum = 0;
  for (const chunk of spool.chunks()) {
    for (const value of chunk) sum += value * ((n++ % 7) + 1);
  }
  sums.push(n, sum);
  return sums;
}

test('Spool gives back what was written, as often as asked, from memory and from its file', () => {
  const nValues = 1_000_000;
  const values = Uint32Array.from({ length: nValues }, (_, i) => (i * 2654435761) >>> 0);
  const all = new Spool({ memoryBytes: 1 << 30, folder });
  const little = new Spool({ memoryBytes: 3 << 20, folder });
  try {
    for (const spool of [all, little]) {
      spool.push(7);
      spool.pushAll(values);
      expect(spool.length).toBe(nValues + 1);
    }
    expect(all.fileBytes).toBe(0);
    expect(little.fileBytes).toBeGreaterThanOrEqual(1 << 20);
    expect(read(little)).toEqual(read(all));
    expect(read(little)).toEqual(read(all));
    expect(readdirSync(folder)).toEqual([]); // unlinked: a kill leaves nothing behind
  } finally {
    all.dispose();
    little.dispose();
  }
});

test('Spool says so where its file cannot be made', () => {
  const spool = new Spool({ memoryBytes: 0, folder: join(folder, 'missing') });
  expect(() => spool.pushAll(new Uint32Array(1 << 19))).toThrow(expect.objectContaining({ code: 'write-failed' }));
});
