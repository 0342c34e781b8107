import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readCsv, readLines } from './index.js';

test('the example of the README', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-readme-'));
  writeFileSync(join(folder, 'records.tsv.gz'), gzipSync('one\ntwo\n'));
  writeFileSync(join(folder, 'records.csv'), 'text,id\n"a, b",1\n');
  const out: unknown[] = [];
  for await (const { lines, firstLine } of readLines(join(folder, 'records.tsv.gz'))) {
    lines.forEach((line, i) => {
      out.push([firstLine + i, line]);
    });
  }
  for await (const { header, rows } of readCsv(join(folder, 'records.csv'))) {
    for (const { fields, line } of rows) out.push([line, header[0], fields[0]]);
  }
  expect(out).toEqual([
    [1, 'one'],
    [2, 'two'],
    [2, 'text', 'a, b'],
  ]);
  rmSync(folder, { recursive: true });
});
