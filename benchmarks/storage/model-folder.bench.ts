// How long does a model take to the disk and back, checksums included, and how much memory?
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '@catchword/math';
import { hasModel, readModelFolder, writeModelFolder } from '@catchword/storage';
import { cacheFolder } from '../harness/places.js';
import { round } from '../harness/result-lines.js';
import { runVariants, timed } from '../harness/variants.js';

const KIND = 'benchmark';
const SIZES = [1, 30, 500];
const N_ARRAYS = 8;

function arraysOf(megabytes: number): Record<string, Uint32Array> {
  const random = new Random(7);
  const length = Math.ceil((megabytes * 1e6) / 4 / N_ARRAYS);
  const names = Array.from({ length: N_ARRAYS }, (_, i) => `array-${i}`);
  return Object.fromEntries(names.map((name) => [name, new Uint32Array(length).map(() => random.uint32())]));
}

const modelOf = (megabytes: number) => ({ kind: KIND, meta: {}, arrays: arraysOf(megabytes) });

const stored = (megabytes: number) => join(cacheFolder('models'), `${megabytes}-MB`);

async function write(megabytes: number) {
  const model = modelOf(megabytes);
  const dir = join(cacheFolder('work'), `model-${process.pid}`);
  try {
    const { result, seconds } = await timed(() => writeModelFolder(dir, model));
    return figuresOf(result.nBytes, seconds);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function read(megabytes: number) {
  const { result, seconds } = await timed(() => readModelFolder(stored(megabytes), { kind: KIND }));
  return figuresOf(result.data.pack.buffer.byteLength, seconds);
}

function figuresOf(nBytes: number, seconds: number) {
  return { bytes: nBytes, ms: round(seconds * 1000, 1), megabytesPerSecond: round(nBytes / seconds / 1e6, 0) };
}

async function prepare(): Promise<void> {
  for (const megabytes of SIZES) {
    if (!(await hasModel(stored(megabytes)))) await writeModelFolder(stored(megabytes), modelOf(megabytes));
  }
}

await runVariants(
  import.meta.url,
  Object.fromEntries(
    SIZES.flatMap((megabytes) => [
      [`write ${megabytes} MB`, () => write(megabytes)],
      [`read ${megabytes} MB`, () => read(megabytes)],
    ]),
  ),
  prepare,
);
