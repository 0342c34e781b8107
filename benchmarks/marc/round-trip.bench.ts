// Are 10,000 records that are indexed and written what they were, but for the headings, to readers that we did not write?
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython } from '../harness/annif.js';
import { cacheFolder, dataFile, ROOT } from '../harness/places.js';
import { runProgram } from '../harness/run-program.js';
import { recordFile } from './record-files.js';

const { values } = parseArgs({ options: { records: { type: 'string', default: '10000' } } });
const N_RECORDS = Number(values.records);
const CATCHWORD = join(ROOT, 'packages/cli/bin/catchword.js');
const COMPARE = join(ROOT, 'benchmarks/marc/compare_records.py');

/** @returns a Python that has pymarc, in an environment of its own below the cache */
async function pythonWithPymarc(): Promise<string> {
  const folder = cacheFolder('pymarc');
  const python = join(folder, 'venv/bin/python');
  if (existsSync(join(folder, 'complete'))) return python;
  const base = await findPython();
  if (base === undefined) throw new Error('there is no Python 3.10 to 3.12 on this machine');
  await runProgram(base, ['-m', 'venv', '--clear', join(folder, 'venv')]);
  await runProgram(python, ['-m', 'pip', 'install', '-q', '-r', join(ROOT, 'benchmarks/marc/requirements.txt')]);
  writeFileSync(join(folder, 'complete'), '');
  return python;
}

const train = dataFile('tibkat-gnd/train-1k.de.tsv.gz');
const vocabulary = dataFile('tibkat-gnd/gnd.ttl.gz');
if (train === undefined || vocabulary === undefined) {
  console.error('skipped: there is no tibkat-gnd');
  process.exit(0);
}
const folder = join(cacheFolder('work'), 'marc-round-trip');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const at = (name: string) => join(folder, name);
const iso = await recordFile(N_RECORDS, 'mrc');
const xml = await recordFile(N_RECORDS, 'xml');
copyFileSync(iso, at('before.mrc'));
writeFileSync(
  at('projects.yaml'),
  'projects:\n  gnd: { language: de, vocab: gnd, backend: mllm, analyzer: snowball(german) }\n',
);
writeFileSync(
  at('mapping.yaml'),
  'subjects: { sources: [gnd] }\nheadings: { source: gnd, identifier: prefixed, agency: DE-1 }\n',
);
const catchword = async (...words: string[]) => {
  const shared = ['--projects', at('projects.yaml'), '--data-dir', at('data')];
  const { run, stderr } = await runProgram(process.execPath, [CATCHWORD, ...words, ...shared]);
  const told = stderr.trim().split('\n').at(-1) ?? '';
  console.log(JSON.stringify({ command: words[0], seconds: run.wallSeconds, peakRssMiB: run.peakRssMiB, told }));
};
const index = (input: string, output: string, format: string, ...more: string[]) =>
  catchword(
    'index',
    'gnd',
    input,
    '--format',
    format,
    '--output',
    output,
    '--force',
    '--marc-mapping',
    at('mapping.yaml'),
    '--limit',
    '5',
    ...more,
  );

await catchword('load-vocab', 'gnd', vocabulary);
await catchword('train', 'gnd', train);
const python = await pythonWithPymarc();
const compare = async (...words: string[]) => {
  const { stdout } = await runProgram(python, [COMPARE, ...words]);
  console.log(`${words.map((word) => word.replace(`${folder}/`, '')).join(' ')}: ${stdout.trim()}`);
};

await index(at('before.mrc'), at('after.mrc'), 'marc');
await compare(at('before.mrc'), at('after.mrc'), 'catchword gnd@');
// a second run finds its own headings, and with none to give takes them out again
await index(at('after.mrc'), at('again.mrc'), 'marc');
await runProgram('cmp', [at('after.mrc'), at('again.mrc')]);
console.log('a second run: the same bytes');
await index(at('after.mrc'), at('without.mrc'), 'marc', '--threshold', '1.01');
await runProgram('cmp', [at('before.mrc'), at('without.mrc')]);
console.log('headings taken out again: the bytes of the beginning');
// from one format to the other and back
await index(at('after.mrc'), at('after.xml'), 'marcxml');
await compare('--same', at('after.mrc'), at('after.xml'));
await index(at('after.xml'), at('back.mrc'), 'marc');
// the data of fields lies in another order there, so that the bytes are others
await compare('--same', at('after.mrc'), at('back.mrc'));
await index(xml, at('from-xml.xml'), 'marcxml');
await compare('--same', at('after.mrc'), at('from-xml.xml'));
