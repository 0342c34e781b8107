import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { MARCXML_BEGINNING, MARCXML_END } from './convert-record.js';
import type { Heading } from './headings.js';
import { parseMarcMapping } from './marc-mapping.js';
import { openMarc } from './marc-pieces.js';
import type { MarcFormat, MarcPlace } from './marc-record.js';
import { inChunks, iso2709Of, marcxmlOf, SAMPLE, type SampleField } from './sample-records.test.fixture.js';
import { type HeadingSource, type WriteMarcOptions, writeMarc } from './write-records.js';
import { emptyMarcWriteReport } from './write-report.js';

const MAPPING = parseMarcMapping({ headings: { source: 'yso/fin', agency: 'FI-X' } }, () => undefined);
const ORIGIN = { projectId: 'yso-fi', modelId: 'abc1', date: '20261127' };
const N_RECORDS = 4000;

/** Of an earlier run: they make way. */
const OWN: SampleField[] = [
  ['245', '10$aVanha'],
  ['650', ' 7$81\\p$aold$2yso/fin'],
  ['883', '0 $81\\p$acatchword yso-fi@abc0$c0.9000$d20250101$qFI-X'],
];
const LONG: SampleField[] = Array.from({ length: 10 }, () => ['520', `  $a${'x'.repeat(9_980)}`]);
const fieldsOf = (i: number): readonly SampleField[] => {
  if (i % 1000 === 500) return LONG;
  if (i % 5 === 1) return OWN;
  return [...SAMPLE, ['520', `  $a${i} ${'sisältö '.repeat(i % 60)}`]];
};

/** Broken records, MARC-8, records with no room for headings, and what stands between records are among them. */
function isoFile(): Buffer {
  const parts = Array.from({ length: N_RECORDS }, (_, i) => {
    if (i % 97 === 13) return Buffer.from('00030 this is no record at all\x1d');
    if (i % 97 === 14) return Buffer.concat([Buffer.from('\r\n'), iso2709Of([['245', '10$aK\xe8ase']], ' ')]);
    return iso2709Of(fieldsOf(i));
  });
  return Buffer.concat([...parts, Buffer.from('\n00123 cut off')]);
}

function xmlFile(): Buffer {
  const parts = Array.from({ length: N_RECORDS }, (_, i) => {
    if (i % 97 === 13) return '<record><leader>x</leader><datafield tag="24"></datafield></record>';
    if (i % 97 === 14) return '<!-- a remark -->';
    if (i % 97 === 15) return marcxmlOf([['520', `  $a${'ä'.repeat(5000)}`]]); // too long for ISO 2709
    return marcxmlOf(fieldsOf(i));
  });
  return Buffer.from(MARCXML_BEGINNING + parts.join('\n') + MARCXML_END);
}

const FILES: Readonly<Record<MarcFormat, Buffer>> = { iso2709: isoFile(), marcxml: xmlFile() };

const headingsOf = (i: number): Heading[] | undefined => {
  if (i % 11 === 3) return undefined;
  return Array.from({ length: i % 4 }, (_, k) => ({
    uri: `http://example.org/${(i + k) % 701}`,
    label: k === 1 && i % 9 === 0 ? 'kissat' : `käsite ${(i + k) % 701}`,
    notation: undefined,
    tag: k === 2 ? '651' : '650',
    confidence: 1 / (1 + (i % 17) + k),
    ...(i % 7 === 0 ? { modelId: `m${i % 3}` } : undefined),
    ...(i % 13 === 0 ? { decision: k === 0 ? ('accepted' as const) : ('added' as const) } : undefined),
  }));
};

/** @param ready is waited for after some records, so that others surely take part */
async function written(
  from: MarcFormat,
  options: Partial<WriteMarcOptions>,
  limit = Infinity,
  ready?: Promise<unknown>,
) {
  const problems: [string, MarcPlace][] = [];
  const report = emptyMarcWriteReport();
  const asked: number[] = [];
  const headings: HeadingSource = {
    async next({ place }) {
      if (asked.length === 500) await ready;
      if (asked.length >= limit) return { done: true, value: undefined };
      asked.push(place.number);
      return { value: headingsOf(place.number) };
    },
  };
  const onProblem = (problem: string, place: MarcPlace) => problems.push([problem, place]);
  const stream = await openMarc(inChunks(FILES[from], 1 << 16), 'file');
  const all = { format: from, mapping: MAPPING, origin: ORIGIN, onProblem, ...options };
  const runs: Buffer[] = [];
  for await (const run of writeMarc(stream, headings, all, report)) runs.push(run);
  return { bytes: Buffer.concat(runs), report, problems, asked };
}

/** @returns threads that are started from now on, each when it has answered first, and how often they answer */
function watchThreads(nThreads: number, onReady: (thread: Worker) => void = () => undefined) {
  let nStarted = 0;
  const counts = { nAnswers: 0 };
  const ready = new Promise<void>((resolve) => {
    let nReady = 0;
    const watch = (thread: Worker) => {
      if (++nStarted === nThreads) process.off('worker', watch);
      thread.on('message', () => counts.nAnswers++);
      void once(thread, 'message').then(() => {
        onReady(thread);
        if (++nReady === nThreads) resolve();
      });
    };
    process.on('worker', watch);
  });
  return { ready, counts };
}

describe.each([
  ['iso2709', 'iso2709', {}],
  ['iso2709', 'iso2709', { recordsAlone: true }],
  ['iso2709', 'marcxml', {}],
  ['marcxml', 'marcxml', {}],
  ['marcxml', 'marcxml', { recordsAlone: true }],
  ['marcxml', 'iso2709', {}],
] as [MarcFormat, MarcFormat, Partial<WriteMarcOptions>][])('from %s to %s, %o', (from, format, more) => {
  test.each([
    [2, Infinity],
    [4, Infinity],
    [2, 2987],
  ])('%i threads write what one writes, up to record %d', async (nJobs, limit) => {
    const alone = await written(from, { format, ...more }, limit);
    const { ready, counts } = watchThreads(nJobs - 1);
    const shared = await written(from, { format, ...more, nJobs, threadsAfterMs: 0 }, limit, ready);
    expect(counts.nAnswers).toBeGreaterThan(nJobs); // more than that they are ready
    expect(shared.bytes.equals(alone.bytes)).toBe(true);
    expect({ ...shared, bytes: 0 }).toEqual({ ...alone, bytes: 0 });
    expect([alone.report.nBroken > 0, alone.report.nHeadingsRemoved > 0, alone.report.nPresent > 0]).toEqual([
      true,
      true,
      true,
    ]);
    expect(alone.problems.length > 0).toBe(format === 'iso2709');
  });
});

test('no thread is started for little work, nor where each change is to be told', async () => {
  let nStarted = 0;
  const count = () => nStarted++;
  process.on('worker', count);
  await written('iso2709', { nJobs: 2, threadsAfterMs: 60_000 });
  const changes: number[] = [];
  const onChange: WriteMarcOptions['onChange'] = (_record, _headed, { number }) => changes.push(number);
  const { report } = await written('iso2709', { nJobs: 2, threadsAfterMs: 0, onChange });
  process.off('worker', count);
  expect([nStarted, changes.length]).toEqual([0, report.nChanged]);
});

test('a thread that dies ends the writing', async () => {
  const { ready } = watchThreads(1, (thread) => void thread.terminate());
  const dying = written('iso2709', { nJobs: 2, threadsAfterMs: 0 }, Infinity, ready);
  await expect(dying).rejects.toThrow('The thread that writes records ended: a worker thread stopped with exit code 1');
});

test('what the headings throw ends the writing, and the threads', async () => {
  const stream = await openMarc(inChunks(FILES.iso2709, 1 << 16), 'file');
  let exited: Promise<unknown> | undefined;
  const { ready } = watchThreads(1, (thread) => {
    exited = once(thread, 'exit');
  });
  const headings: HeadingSource = {
    async next({ place: { number } }) {
      if (number === 1000) await ready;
      if (number === 3900) throw new RangeError('no more');
      return { value: headingsOf(number) };
    },
  };
  const options = { format: 'iso2709', mapping: MAPPING, origin: ORIGIN, nJobs: 2, threadsAfterMs: 0 } as const;
  const writing = async () => {
    for await (const _ of writeMarc(stream, headings, options, emptyMarcWriteReport()));
  };
  await expect(writing()).rejects.toThrow(RangeError);
  await exited;
});
