import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Journal } from './journal.js';

const NOVEMBER = new Date('2026-11-30T12:00:00Z');
const DECEMBER = new Date('2026-12-01T12:00:00Z');

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'catchword-journal-')), 'feedback');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

async function entries(journal: Journal, after?: string) {
  const all = [];
  for await (const entry of journal.read(after)) all.push(entry);
  return all;
}

const values = async (journal: Journal, after?: string) => (await entries(journal, after)).map(({ value }) => value);

/** The lines that reading passes over, by name of the file. */
async function places(journal: Journal) {
  const found: string[] = [];
  for await (const _ of journal.read('', (place) => found.push(basename(place))));
  return found;
}

describe('Journal', () => {
  test('gives back what was added, in order, from any entry on, month by month', async () => {
    const journal = new Journal(folder);
    expect(await values(journal)).toEqual([]);
    await Promise.all([1, 2, 3].map((n) => journal.append({ n, text: 'ä\n' }, NOVEMBER)));
    await journal.append({ n: 4 }, DECEMBER);
    const all = await entries(journal);
    expect(all.map(({ value }) => (value as { n: number }).n)).toEqual([1, 2, 3, 4]);
    for (const [i, { cursor }] of all.entries()) expect((await values(journal, cursor)).length).toBe(3 - i);
    expect(readdirSync(folder).sort()).toEqual(['2026-11.jsonl', '2026-12.jsonl']);
  });

  test('passes over a line that was cut short, and the next one stands by itself', async () => {
    const journal = new Journal(folder);
    await journal.append({ n: 1 }, NOVEMBER);
    appendFileSync(join(folder, '2026-11.jsonl'), '{"n": 2, "te');
    expect(await values(journal)).toEqual([{ n: 1 }]);
    expect(await places(journal)).toEqual(['2026-11.jsonl:2']);
    await journal.append({ n: 3 }, NOVEMBER);
    expect(await values(journal)).toEqual([{ n: 1 }, { n: 3 }]);
    expect(await places(journal)).toEqual(['2026-11.jsonl:2']);
  });

  test('adds several at once, whatever byte a crash cuts them at', async () => {
    const journal = new Journal(folder);
    const nBytes = await journal.appendAll([{ n: 1 }, { n: 2, text: 'ä' }, { n: 3 }], NOVEMBER);
    const path = join(folder, '2026-11.jsonl');
    const whole = readFileSync(path);
    expect(await journal.size()).toBe(whole.length);
    expect(nBytes).toBe(whole.length);
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut));
      const nWhole = whole.subarray(0, cut).filter((byte) => byte === 10).length;
      expect(await values(journal)).toHaveLength(nWhole);
      expect(await places(journal)).toHaveLength(cut === 0 || whole[cut - 1] === 10 ? 0 : 1);
      const grown = await journal.append({ n: 4 }, NOVEMBER);
      expect(await journal.size()).toBe(cut + grown);
      expect((await values(journal)).at(-1)).toEqual({ n: 4 });
    }
  });

  test('reads lines larger than a block, and passes over other files', async () => {
    const journal = new Journal(folder);
    await journal.append({ text: 'x'.repeat(200_000) }, NOVEMBER);
    await journal.append({ n: 2 }, NOVEMBER);
    writeFileSync(join(folder, 'notes.txt'), '{"n": 9}\n');
    const all = await values(journal);
    expect(all.length).toBe(2);
    expect((all[0] as { text: string }).text.length).toBe(200_000);
  });

  test('several that add at the same time do not mix their lines', async () => {
    const journals = Array.from({ length: 4 }, () => new Journal(folder));
    const text = 'y'.repeat(10_000);
    await Promise.all(journals.flatMap((j, i) => [0, 1, 2, 3].map((n) => j.append({ i, n, text }, NOVEMBER))));
    const all = (await values(journals[0] as Journal)) as { i: number; n: number }[];
    expect(all.length).toBe(16);
    for (const i of [0, 1, 2, 3]) expect(all.filter((e) => e.i === i).map((e) => e.n)).toEqual([0, 1, 2, 3]);
  });

  test('tells where it cannot write', async () => {
    const file = join(folder, '..', 'file');
    writeFileSync(file, '');
    await expect(new Journal(join(file, 'x')).append({}, NOVEMBER)).rejects.toMatchObject({ code: 'write-failed' });
    expect(existsSync(folder)).toBe(false);
  });
});
