import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IndexingError } from '@catchword/core';
import { Kernels, packArrays, Random, viewArrays } from '@catchword/math';
import { expect, onTestFinished, test } from 'vitest';
import { type Fault, faultyFileSystem } from './model-folder.test.faults.js';
import { hasModel, readManifest, readModelFolder, SharedBuffers } from './read-model-folder.js';
import { tempPath } from './temp-file.js';
import { writeModelFolder } from './write-model-folder.js';

const kind = 'test';
const arrays = {
  indptr: Uint32Array.of(0, 2, 3),
  empty: new Float32Array(0),
  values: Float32Array.of(1, Number.NaN, 3),
};

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'catchword-storage-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A model that shows by its own content whether it is whole. */
function versioned(version: number) {
  const values = new Uint32Array(3000).fill(version);
  return { kind, meta: { version }, arrays: { first: Uint8Array.of(version), values } };
}

async function versionIn(dir: string): Promise<number> {
  const { data } = await readModelFolder(dir, { kind });
  const { first, values } = viewArrays(data.pack);
  const version = data.meta.version as number;
  expect(first?.[0]).toBe(version);
  expect(values?.length).toBe(3000);
  expect(values?.every((value) => value === version)).toBe(true);
  return version;
}

/** Of a folder that holds nothing but one model. */
function expectNoLitter(dir: string): void {
  const names = readdirSync(dir);
  expect(names.filter((name) => name !== 'manifest.json' && !name.startsWith('arrays-'))).toEqual([]);
  expect(names).toHaveLength(2);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!IndexingError.is(error)) throw new Error('an IndexingError was expected', { cause: error });
  expect(error.hint).toBeTruthy();
  return error.code;
}

test('writeModelFolder and readModelFolder give back what was stored, packed or apart', async () => {
  const dir = join(newFolder(), 'projects', 'p');
  expect(await hasModel(dir)).toBe(false);
  expect(await codeOf(readModelFolder(dir, { kind }))).toBe('file-not-found');
  for (const form of [{ arrays }, { pack: packArrays(arrays) }]) {
    const meta = { seed: 42, names: ['ä', '\ud800'], ['__proto__']: { constructor: null } };
    const written = await writeModelFolder(dir, { kind, meta, ...form });
    const { manifest, data } = await readModelFolder(dir, { kind });
    expect(manifest).toEqual(written.manifest);
    expect(JSON.stringify(data.meta)).toBe(JSON.stringify(meta));
    expect(data.meta.constructor).toBeUndefined();
    expect(viewArrays(data.pack)).toEqual(arrays);
    expect(data.pack.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(readdirSync(dir).sort()).toEqual([manifest.arrays.file, 'manifest.json']);
    expect(await hasModel(dir)).toBe(true);
    expect(statSync(join(dir, 'manifest.json')).mode & 0o777).toBe(0o666 & ~process.umask());
  }
});

test('writeModelFolder stores a model without arrays', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, { kind, meta: {}, arrays: {} });
  const { data } = await readModelFolder(dir, { kind });
  expect([data.pack.places, data.pack.buffer.byteLength]).toEqual([[], 0]);
});

test('writeModelFolder refuses what cannot be read back', async () => {
  const dir = newFolder();
  await expect(writeModelFolder(dir, { kind, meta: { x: [Number.NaN] }, arrays })).rejects.toThrow('meta.x.0 is NaN');
  const buffer = new SharedArrayBuffer(16);
  const places = [{ name: 'a', type: 'uint8', offset: 8, length: 8 }] as const;
  await expect(writeModelFolder(dir, { kind, meta: {}, pack: { buffer, places } })).rejects.toThrow(RangeError);
  expect(readdirSync(dir)).toEqual([]);
});

test('the same model gives the same arrays file, written from an array or from a pack', async () => {
  const [a, b] = [newFolder(), newFolder()];
  const created = new Date(0);
  await writeModelFolder(a, { kind, meta: {}, arrays }, { created });
  await writeModelFolder(b, { kind, meta: {}, pack: packArrays(arrays) }, { created });
  for (const name of readdirSync(a)) expect(readFileSync(join(b, name))).toEqual(readFileSync(join(a, name)));
});

/** Does not wait for the disk, which takes most of the time. */
const unsynced = () => faultyFileSystem(Number.POSITIVE_INFINITY, 'EIO');

test.each<[Fault, boolean]>([
  ['ENOSPC', false],
  ['EIO', true],
  ['short', false],
])(
  'writeModelFolder leaves the old or the new model whichever call fails: %s, after its work: %s',
  async (fault, done) => {
    for (const start of ['empty', 'old model'] as const) {
      let failures = 0;
      for (let n = 0; ; n++) {
        const dir = join(newFolder(), 'model');
        if (start === 'old model') await writeModelFolder(dir, versioned(1), { fs: unsynced() });
        const fs = faultyFileSystem(n, fault, done);
        const error = await writeModelFolder(dir, versioned(2), { fs }).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (error !== undefined) {
          failures++;
          if (!IndexingError.is(error)) throw error;
          expect(['write-failed', 'file-unreadable']).toContain(error.code);
          expect(error.message).toContain(dir);
        }
        if (start === 'old model' || (await hasModel(dir))) {
          expect(error === undefined ? [2] : [1, 2]).toContain(await versionIn(dir));
        }
        await writeModelFolder(dir, versioned(3), { fs: unsynced() });
        expect(await versionIn(dir)).toBe(3);
        expectNoLitter(dir);
        rmSync(dir, { recursive: true });
        if (n >= fs.calls.length) break;
        if (fault === 'short') n = fs.calls.findIndex((call, i) => i > n && call.startsWith('write')) - 1;
        if (n < 0) break;
      }
      if (fault !== 'short') expect(failures).toBeGreaterThan(20);
    }
  },
);

test('every changed byte, every cut and every exchanged file is found', async () => {
  const dir = newFolder();
  const random = new Random(1);
  await writeModelFolder(dir, { ...versioned(1), meta: { version: 1, note: 'a text with spaces', list: [1, 2, 3] } });
  const files = readdirSync(dir).map((name) => ({ path: join(dir, name), bytes: readFileSync(join(dir, name)) }));
  const codes = new Map<string, number>();
  for (let i = 0; i < 1000; i++) {
    const { path, bytes } = files[i % 2] as (typeof files)[0];
    const at = random.below(bytes.length);
    if (i % 5 === 4) {
      truncateSync(path, at);
    } else {
      const changed = Buffer.from(bytes);
      changed[at] = ((changed[at] as number) + 1 + random.below(255)) & 255;
      writeFileSync(path, changed);
    }
    const code = await codeOf(readModelFolder(dir, { kind }));
    codes.set(code, (codes.get(code) ?? 0) + 1);
    writeFileSync(path, bytes);
  }
  expect([...codes.keys()].filter((code) => code !== 'model-damaged' && code !== 'model-incompatible')).toEqual([]);
  expect(codes.get('model-damaged')).toBeGreaterThan(990);
  const other = newFolder();
  await writeModelFolder(other, versioned(2));
  copyFileSync(join(other, 'manifest.json'), join(dir, 'manifest.json'));
  await expect(readModelFolder(dir, { kind })).rejects.toThrow(/arrays-[0-9a-f]{16}\.bin: the file is missing/);
  writeFileSync(join(dir, 'manifest.json'), '');
  await expect(readModelFolder(dir, { kind })).rejects.toThrow(/manifest\.json: it is not JSON/);
});

interface Forged {
  readonly meta: object;
  readonly arrays: { readonly places: [object, object] };
}

/** Writes a manifest that a stranger has made, with a checksum that fits. */
function forge(dir: string, change: (manifest: Forged) => void): void {
  const path = join(dir, 'manifest.json');
  const { sha256: _, ...manifest } = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  const sha256 = createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
  const list = (items: string[], open: string, close: string, indent: string) =>
    items.length === 0
      ? open + close
      : `${open}\n${items.map((i) => `${indent}  ${i}`).join(',\n')}\n${indent}${close}`;
  const isMap = (v: unknown): v is object => typeof v === 'object' && v !== null && !Array.isArray(v);
  const places = (k: string, v: unknown) =>
    k === 'places' && Array.isArray(v)
      ? list(
          v.map((p) => JSON.stringify(p)),
          '[',
          ']',
          '    ',
        )
      : JSON.stringify(v);
  const lines = Object.entries({ ...manifest, sha256 }).map(([key, value]) => {
    const inner = Object.entries(isMap(value) ? value : {}).map(([k, v]) => `${JSON.stringify(k)}: ${places(k, v)}`);
    return `${JSON.stringify(key)}: ${isMap(value) ? list(inner, '{', '}', '  ') : JSON.stringify(value)}`;
  });
  writeFileSync(path, `${list(lines, '{', '}', '')}\n`);
}

test.each<[string, (manifest: Forged) => void]>([
  ['terabytes', (m) => Object.assign(m.arrays, { nBytes: 2 ** 43 })],
  ['a size that is no number', (m) => Object.assign(m.arrays, { nBytes: '1' })],
  ['a length beyond the end', (m) => Object.assign(m.arrays.places[1], { length: 2 ** 40 })],
  ['a length that overflows', (m) => Object.assign(m.arrays.places[1], { length: Number.MAX_SAFE_INTEGER })],
  ['a negative offset', (m) => Object.assign(m.arrays.places[0], { offset: -16 })],
  ['an offset between numbers', (m) => Object.assign(m.arrays.places[1], { offset: 16.5 })],
  ['an offset that is not aligned', (m) => Object.assign(m.arrays.places[1], { offset: 20 })],
  ['arrays that overlap', (m) => Object.assign(m.arrays.places[1], { offset: 0 })],
  ['a type of the prototype', (m) => Object.assign(m.arrays.places[0], { type: 'constructor' })],
  ['a name twice', (m) => Object.assign(m.arrays.places[1], { name: 'first' })],
  ['a file elsewhere', (m) => Object.assign(m.arrays, { file: '../../etc/passwd' })],
  ['places that are no list', (m) => Object.assign(m.arrays, { places: { length: 1 } })],
  ['no meta', (m) => Object.assign(m, { meta: null })],
])('readModelFolder refuses a forged manifest: %s', async (_, change) => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(1));
  forge(dir, () => undefined);
  expect(await versionIn(dir)).toBe(1); // so the forger's checksum is right
  forge(dir, change);
  expect(await codeOf(readModelFolder(dir, { kind }))).toBe('model-damaged');
});

test('readModelFolder is not harmed by keys of the prototype or deep nesting', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(1));
  forge(dir, (m) => Object.defineProperty(m.meta, '__proto__', { value: { polluted: 1 }, enumerable: true }));
  const { data } = await readModelFolder(dir, { kind });
  expect(data.meta.polluted).toBeUndefined();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  writeFileSync(join(dir, 'manifest.json'), `${'['.repeat(1e6)}${']'.repeat(1e6)}`);
  expect(await codeOf(readModelFolder(dir, { kind }))).toBe('model-damaged');
});

test('readModelFolder tells a newer format and another kind from damage', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(1));
  expect(await codeOf(readModelFolder(dir, { kind: 'other' }))).toBe('model-incompatible');
  forge(dir, (m) => Object.assign(m, { formatVersion: 2, arrays: 'as it likes' }));
  const reading = readModelFolder(dir, { kind });
  await expect(reading).rejects.toThrow('it has format version 2, this program reads up to 1');
  expect(await codeOf(reading)).toBe('model-incompatible');
});

test('readModelFolder refuses what is not a file, and says what it may not read', async () => {
  const dir = newFolder();
  const { manifest } = await writeModelFolder(dir, versioned(1));
  const path = join(dir, manifest.arrays.file);
  rmSync(path);
  mkdirSync(path);
  expect(['model-damaged', 'file-unreadable']).toContain(await codeOf(readModelFolder(dir, { kind })));
  rmSync(path, { recursive: true });
  symlinkSync('/dev/zero', path);
  expect(await codeOf(readModelFolder(dir, { kind }))).toBe('model-damaged');
});

test.skipIf(process.getuid?.() === 0)(
  'writeModelFolder says where it has no permission (skipped for root)',
  async () => {
    const dir = newFolder();
    chmodSync(dir, 0o500);
    await expect(writeModelFolder(join(dir, 'model'), versioned(1))).rejects.toThrow('no permission');
  },
);

test('writeModelFolder names a file that lies where its folder has to be', async () => {
  const dir = join(newFolder(), 'file');
  writeFileSync(dir, '');
  const writing = writeModelFolder(join(dir, 'model'), versioned(1));
  expect(await codeOf(writing)).toBe('write-failed');
  await expect(writing).rejects.toThrow(
    `Cannot write ${join(dir, 'model')}: a part of its path is a file, not a folder`,
  );
});

test('readModelFolder reads the new model where the old one is swapped under it', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(0));
  let version = 0;
  const fs = unsynced();
  let writing = true;
  const reads = (async () => {
    let n = 0;
    for (; writing; n++) {
      const before = version;
      const seen = await versionIn(dir);
      expect(seen).toBeGreaterThanOrEqual(before);
      expect(seen).toBeLessThanOrEqual(version + 1);
    }
    return n;
  })();
  for (let next = 1; next <= 100; next++) {
    await writeModelFolder(dir, versioned(next), { fs });
    version = next;
  }
  writing = false;
  expect(await reads).toBeGreaterThan(10);
});

test('a writer removes what dead writers left, and leaves the files of living ones and of others', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(1));
  const { host, start } = ownTempName();
  const dead = `tmp-${host}-4000000-1-0123456789ab`;
  const reused = `tmp-${host}-${process.pid}-1-0123456789ab`;
  const alive = `tmp-${host}-${process.pid}-${start}-0123456789ab`;
  const foreign = 'tmp-ffffffff-1-1-0123456789ab';
  const foreignOld = 'tmp-ffffffff-1-2-0123456789ab';
  const orphan = 'arrays-0123456789abcdef.bin';
  const notes = ['tmp-mine.txt', 'arrays-notes.bin', 'README.txt'];
  for (const name of [dead, reused, alive, foreign, foreignOld, orphan, ...notes]) writeFileSync(join(dir, name), '');
  const longAgo = Date.now() / 1000 - 8 * 24 * 3600;
  utimesSync(join(dir, foreignOld), longAgo, longAgo);
  const { manifest } = await writeModelFolder(dir, versioned(2));
  const gone = process.platform === 'linux' ? [dead, reused, foreignOld, orphan] : [dead, foreignOld, orphan];
  const left = readdirSync(dir);
  expect(gone.filter((name) => left.includes(name))).toEqual([]);
  expect(left.sort()).toEqual([manifest.arrays.file, 'manifest.json', alive, foreign, ...notes].sort());
  expect(await versionIn(dir)).toBe(2);
});

function ownTempName(): { host: string; start: string } {
  const [, host = '', , start = ''] = tempPath('').split('-');
  return { host, start };
}

test('a writer killed at any moment leaves a whole model, and no litter after the next writing', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(1));
  const worker = fileURLToPath(new URL('../dist/model-folder.test.writer.js', import.meta.url));
  const random = new Random(7);
  let littered = 0;
  for (let i = 0; i < 20; i++) {
    const child = spawn(process.execPath, [worker, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve)); // it has begun to write, over and over
    await sleep(random.uniform() * 15);
    child.kill('SIGKILL');
    await exited;
    if (readdirSync(dir).length > 2) littered++;
    const { data } = await readModelFolder(dir, { kind });
    const values = viewArrays(data.pack).values as Uint32Array;
    expect(values.every((value) => value === values[0])).toBe(true);
    await writeModelFolder(dir, versioned(3));
    expect(await versionIn(dir)).toBe(3);
    expectNoLitter(dir);
  }
  expect(littered).toBeGreaterThan(0); // else the kills came at no moment of interest
});

test('readManifest reads what a model says without its arrays', async () => {
  const dir = newFolder();
  const { manifest } = await writeModelFolder(dir, versioned(1));
  rmSync(join(dir, manifest.arrays.file));
  expect(await readManifest(dir)).toEqual(manifest);
});

test('arrays can be read into memory for kernels', async () => {
  const dir = newFolder();
  await writeModelFolder(dir, versioned(3));
  const { pack } = (await readModelFolder(dir, { kind, forKernels: true })).data;
  expect(Kernels.over(pack.buffer)).toBeDefined();
  expect(pack.memory?.buffer).toBe(pack.buffer);
  expect(viewArrays(pack)).toEqual(viewArrays((await readModelFolder(dir, { kind })).data.pack));
});

test('a model that is in memory already is shared, and a new one is read', async () => {
  const dir = newFolder();
  const buffers = new SharedBuffers();
  const read = async () => (await readModelFolder(dir, { kind, buffers })).data.pack.buffer;
  await writeModelFolder(dir, versioned(1));
  const first = await read();
  expect(await read()).toBe(first);
  expect((await readModelFolder(dir, { kind })).data.pack.buffer).not.toBe(first);
  await writeModelFolder(dir, versioned(2));
  const second = await read();
  expect(second).not.toBe(first);
  expect(await versionIn(dir)).toBe(2);
});
