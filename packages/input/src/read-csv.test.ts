import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { CsvRow } from './read-csv.js';
import { csvOf, readCsv } from './read-csv.js';
import { linesOf } from './read-lines.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function table(content: string | Buffer, onProblem?: (what: string, line: number) => void) {
  const path = join(folder, 'table.csv');
  writeFileSync(path, content);
  let header: readonly string[] = [];
  const rows: CsvRow[] = [];
  for await (const batch of readCsv(path, onProblem ? { onProblem } : {})) {
    header = batch.header;
    rows.push(...batch.rows);
  }
  return { header, rows, fields: rows.map((row) => row.fields), lines: rows.map((row) => row.line) };
}

test('readCsv reads quotes, line ends inside them, and blank lines, and numbers the rows', async () => {
  const read = await table('a,b,"c ""d"""\n"1\n2, 3",x,\n\n4,,"5"\n"6\n\n\n7",8,9\n10,11,12');
  expect(read.header).toEqual(['a', 'b', 'c "d"']);
  expect(read.fields).toEqual([
    ['1\n2, 3', 'x', ''],
    ['4', '', '5'],
    ['6\n\n\n7', '8', '9'],
    ['10', '11', '12'],
  ]);
  expect(read.lines).toEqual([2, 5, 6, 10]);
});

test('readCsv reads CRLF, a byte-order mark, gzip, a header alone', async () => {
  expect((await table('\ufeffa,b\r\n"1\r\n2",3\r\n')).fields).toEqual([['1\n2', '3']]);
  expect((await table('\ufeff"a",b\n1,2\n')).header).toEqual(['a', 'b']);
  expect((await table(gzipSync('a,b\n1,2'))).fields).toEqual([['1', '2']]);
  expect(await table('a,b')).toMatchObject({ header: ['a', 'b'], rows: [] });
});

test('readCsv fills short rows, cuts empty fields beyond the header, and names longer rows', async () => {
  const problems: string[] = [];
  const read = await table('a,b\n1\n1,2,,\n1,2,3\n4,5\n', (what, line) => problems.push(`${line}: ${what}`));
  expect(read.rows).toEqual([
    { fields: ['1', ''], line: 2, nMissing: 1 },
    { fields: ['1', '2'], line: 3, nMissing: 0 },
    { fields: ['4', '5'], line: 5, nMissing: 0 },
  ]);
  expect(problems).toEqual(['4: the row has 3 fields but the header 2']);
  await expect(table('a,b\n1,2,3\n')).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('table.csv, line 2: the row has 3 fields but the header 2'),
  });
});

test('readCsv names the row with a quote that is never closed, and a field that goes on after its quote', async () => {
  await expect(table('a,b\n1,2\n"3,4\n5,6\n', () => undefined)).rejects.toMatchObject({
    message: expect.stringContaining('line 3: a quote that is opened in this row is never closed'),
  });
  const problems: string[] = [];
  const read = await table('a,b\n"x"y",1\n2,3\n', (what, line) => problems.push(`${line}: ${what}`));
  expect(problems).toEqual(['2: a quoted field of the row goes on after its closing quote']);
  expect(read.fields).toEqual([['2', '3']]);
  await expect(table('')).rejects.toMatchObject({ message: expect.stringContaining('it has no header row') });
});

test('readCsv reads back what was written, however the bytes are cut', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'ä') });
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field, field)), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
      const bytes = Buffer.from(['x,y,z', ...rows.map((row) => row.map(quoted).join(','))].join('\n'));
      const cut = async function* () {
        for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
      };
      const found: string[][] = [];
      const at: number[] = [];
      for await (const batch of csvOf(linesOf(cut(), 'x'), 'x')) {
        for (const row of batch.rows) {
          found.push([...row.fields]);
          at.push(row.line);
        }
      }
      expect(found).toEqual(rows);
      let line = 2;
      for (const [i, row] of rows.entries()) {
        expect(at[i]).toBe(line);
        line += 1 + row.join('').split('\n').length - 1;
      }
    }),
  );
});

test('readCsv reads a field of 20 MB over many lines without parsing it again and again', async () => {
  const text = 'a line of text, with a comma\n'.repeat(700_000);
  const read = await table(`text,id\n"${text}",1\nlast,2\n`);
  expect(read.rows[0]?.fields[0]?.length).toBe(text.length);
  expect(read.lines).toEqual([2, 700_003]);
});
