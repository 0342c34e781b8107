// How many MARC records a second are read, made documents of, and written with headings, by one thread and two, in how much memory?
// What is written is on the disk at the end, as is the copy that tells the disk's own pace.
import { rmSync, statSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { readBytes } from '@catchword/input';
import {
  emptyMarcWriteReport,
  type Heading,
  openMarc,
  parseMarcMapping,
  RecordMapper,
  writeMarc,
} from '@catchword/marc';
import { atomicWriteFile } from '@catchword/storage';
import { cacheFolder } from '../harness/places.js';
import { round } from '../harness/result-lines.js';
import { type Figures, runVariants, timed } from '../harness/variants.js';
import { recordFile } from './record-files.js';

const N_RECORDS = { mrc: 1_000_000, xml: 100_000 } as const;
const MAPPING = parseMarcMapping(
  { headings: { source: 'gnd', identifier: 'prefixed', agency: 'DE-1' } },
  () => undefined,
);
const ORIGIN = { projectId: 'bench', modelId: '0123456789abcdef', date: '20260101' };

type Format = keyof typeof N_RECORDS;

/** Every record gets these. */
const HEADINGS: readonly Heading[] = ['1', '2', '3'].map((n) => ({
  uri: `https://d-nb.info/gnd/000000${n}-${n}`,
  label: `Schlagwort ${n}`,
  notation: undefined,
  tag: '650',
  confidence: 0.9 / Number(n),
}));

async function measure(format: Format, work: (path: string) => Promise<number>): Promise<Figures> {
  const path = await recordFile(N_RECORDS[format], format);
  const before = process.cpuUsage();
  const { seconds, result: value } = await timed(() => work(path));
  const { user, system } = process.cpuUsage(before);
  if (value !== N_RECORDS[format]) throw new Error(`${value} records of ${N_RECORDS[format]}`);
  return {
    records: value,
    recordsPerSecond: round(value / seconds, 0),
    recordsPerProcessorSecond: round((1e6 * value) / (user + system), 0),
    megabytesPerSecond: round(statSync(path).size / 1e6 / seconds, 1),
  };
}

async function parse(path: string): Promise<number> {
  let n = 0;
  for await (const pieces of (await openMarc(readBytes(path), path)).pieces) {
    for (const { kind } of pieces) if (kind === 'record') n++;
  }
  return n;
}

async function map(path: string): Promise<number> {
  let n = 0;
  let nCharacters = 0;
  const mapper = new RecordMapper(MAPPING);
  for await (const pieces of (await openMarc(readBytes(path), path)).pieces) {
    for (const piece of pieces) {
      if (piece.kind !== 'record') continue;
      const { text, headings } = mapper.map(piece.record);
      nCharacters += text.length + headings.length;
      n++;
    }
  }
  return nCharacters > 0 ? n : 0;
}

async function write(path: string, nJobs: number): Promise<number> {
  const output = outputPath();
  const report = emptyMarcWriteReport();
  const suggestions = (async function* () {
    for (;;) yield HEADINGS;
  })();
  const stream = await openMarc(readBytes(path), path);
  const options = { format: stream.format, mapping: MAPPING, origin: ORIGIN, nJobs };
  const bytes = writeMarc(stream, suggestions, options, report);
  await atomicWriteFile(output, bytes);
  rmSync(output);
  if (report.nHeadingsAdded !== report.nRecords * HEADINGS.length) throw new Error('headings are missing');
  return report.nRecords;
}

/** What the disk takes for the bytes alone. */
async function copy(path: string): Promise<void> {
  const output = outputPath();
  await copyFile(path, output);
  const file = await open(output, 'r+');
  await file.sync();
  await file.close();
  rmSync(output);
}

const outputPath = () => join(cacheFolder('work'), `written-${process.pid}`);

await runVariants(
  import.meta.url,
  {
    'ISO 2709, reading': () => measure('mrc', parse),
    'ISO 2709, mapping': () => measure('mrc', map),
    'ISO 2709, writing headings': () => measure('mrc', (path) => write(path, 1)),
    'ISO 2709, writing headings, two threads': () => measure('mrc', (path) => write(path, 2)),
    'ISO 2709, copying the file': () => measure('mrc', (path) => copy(path).then(() => N_RECORDS.mrc)),
    'MARCXML, reading': () => measure('xml', parse),
    'MARCXML, mapping': () => measure('xml', map),
    'MARCXML, writing headings': () => measure('xml', (path) => write(path, 1)),
    'MARCXML, writing headings, two threads': () => measure('xml', (path) => write(path, 2)),
  },
  async () => {
    for (const format of ['mrc', 'xml'] as const) await recordFile(N_RECORDS[format], format);
  },
);
