import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IndexingError } from '@catchword/core';
import { expect, onTestFinished, test } from 'vitest';
import { atomicWriteFile } from './atomic-write.js';
import { nodeFileSystem, type OpenFile } from './file-system.js';
import { faultyFileSystem } from './model-folder.test.faults.js';

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'catchword-write-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('atomicWriteFile writes text, bytes and streams, with the usual mode', async () => {
  const path = join(newFolder(), 'out.jsonl');
  expect(await atomicWriteFile(path, 'ä\n')).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('ä\n');
  expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  await atomicWriteFile(path, Uint8Array.of(0, 255));
  expect([...readFileSync(path)]).toEqual([0, 255]);
  const lines = async function* () {
    for (let i = 0; i < 300_000; i++) yield `${i}\n`;
  };
  const nBytes = await atomicWriteFile(path, lines());
  expect(nBytes).toBe(statSync(path).size);
  expect(
    readFileSync(path, 'utf8')
      .split('\n')
      .map(Number)
      .slice(0, -1)
      .every((n, i) => n === i),
  ).toBe(true);
  await atomicWriteFile(path, []);
  expect(statSync(path).size).toBe(0);
});

test("atomicWriteFile leaves the old file where the content's source fails, and passes its error on", async () => {
  const dir = newFolder();
  const path = join(dir, 'out');
  writeFileSync(path, 'old');
  const source = async function* () {
    yield 'new'.repeat(1_000_000);
    throw new RangeError('the source broke');
  };
  await expect(atomicWriteFile(path, source())).rejects.toThrow(RangeError);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(dir)).toEqual(['out']);
});

test.each(['ENOSPC', 'EIO', 'short'] as const)(
  'atomicWriteFile leaves the old or the new file whichever call fails with %s',
  async (fault) => {
    for (const done of [false, true]) {
      for (let n = 0; ; n++) {
        const dir = newFolder();
        const path = join(dir, 'out');
        writeFileSync(path, 'old');
        const fs = faultyFileSystem(n, fault, done);
        const error = await atomicWriteFile(path, ['ne', 'w'], { fs }).catch((error: unknown) => error);
        if (IndexingError.is(error)) {
          expect(error.code).toBe('write-failed');
          expect(error.message).toContain(path);
          expect(['old', 'new']).toContain(readFileSync(path, 'utf8'));
        } else {
          expect(error).toBe(3);
          expect(readFileSync(path, 'utf8')).toBe('new');
        }
        await atomicWriteFile(path, 'third');
        expect(readFileSync(path, 'utf8')).toBe('third');
        expect(readdirSync(dir)).toEqual(['out']);
        if (n >= fs.calls.length) break;
      }
    }
  },
);

test('atomicWriteFile makes a block while one is written, and tells of whatever fails first', async () => {
  const block = new Uint8Array(1 << 20).fill(65);
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const outcome = async (nBlocks: number, breaksAt: number, failsAt: number) => {
    const dir = newFolder();
    const path = join(dir, 'out');
    writeFileSync(path, 'old');
    let isFinalised = false;
    const source = async function* () {
      try {
        for (let i = 0; i < nBlocks; i++) {
          if (i === breaksAt) throw new RangeError('the source broke');
          yield block;
        }
      } finally {
        isFinalised = true;
      }
    };
    let n = 0;
    const open = async (...args: Parameters<typeof nodeFileSystem.open>): Promise<OpenFile> => {
      const file = await nodeFileSystem.open(...args);
      const write: OpenFile['write'] = async (bytes, position) => {
        await pause(); // the next block is there by then
        if (n++ === failsAt) throw full;
        return file.write(bytes.subarray(0, 700_000), position);
      };
      const { read, stat, truncate, sync, close } = file;
      return {
        write,
        ...Object.fromEntries(
          Object.entries({ read, stat, truncate, sync, close }).map(([key, call]) => [key, call.bind(file)]),
        ),
      } as OpenFile;
    };
    const result = await atomicWriteFile(path, source(), { fs: { ...nodeFileSystem, open } }).catch(
      (error: Error) => error,
    );
    await pause();
    expect(isFinalised).toBe(true);
    expect(readdirSync(dir)).toEqual(['out']);
    expect(statSync(path).size).toBe(typeof result === 'number' ? result : 3);
    return IndexingError.is(result) ? result.code : result instanceof Error ? result.message : result;
  };
  const never = -1;
  expect(await outcome(3, never, never)).toBe(3 << 20);
  expect(await outcome(5, 2, never)).toBe('the source broke');
  expect(await outcome(5, never, 0)).toBe('write-failed');
  expect(await outcome(2, never, 3)).toBe('write-failed'); // the last write of all
  expect(await outcome(5, 2, 0)).toMatch(/write-failed|the source broke/);
  expect(unhandled).toEqual([]);
});

test('atomicWriteFile names a folder that does not exist', async () => {
  const path = join(newFolder(), 'no', 'out');
  await expect(atomicWriteFile(path, '')).rejects.toMatchObject({
    code: 'write-failed',
    message: `Cannot write ${path}: its folder does not exist`,
  });
});
