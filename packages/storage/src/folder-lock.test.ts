import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IndexingError } from '@catchword/core';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder, withFolderLock } from './folder-lock.js';

const holder = fileURLToPath(new URL('../dist/folder-lock.test.holder.js', import.meta.url));

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'catchword-lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function start(dir: string, mode: string): ChildProcess {
  return spawn(process.execPath, [holder, dir, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function said(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once('data', (data) => resolve(String(data))));
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve));
}

function refusal(dir: string): IndexingError {
  try {
    lockFolder(dir).release();
  } catch (error) {
    if (IndexingError.is(error)) return error;
  }
  throw new Error(`${dir} is not locked`);
}

test('lockFolder leaves no folder where it cannot lock it', () => {
  const base = newFolder();
  let dir = base;
  while (dir.length < 3800) dir = join(dir, 'x'.repeat(200));
  dir = join(dir, 'y'.repeat(4091 - dir.length)); // there is room for the folder's name, and none for the file in it
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: 'write-failed' }));
  expect(readdirSync(base)).toEqual([]);
});

test('lockFolder lets one in at a time, names the process, and leaves nothing', () => {
  const dir = join(newFolder(), 'projects', 'p');
  const lock = lockFolder(dir);
  const error = refusal(dir);
  expect(error.code).toBe('locked');
  expect(error.message).toMatch(new RegExp(`process ${process.pid} has it locked since 20\\d\\d-`));
  expect(error.hint).toContain(join(dir, '.lock'));
  lock.release();
  lock.release();
  expect(existsSync(join(dir, '..', '..'))).toBe(true);
  expect(existsSync(join(dir, '..'))).toBe(false); // what the lock made and nobody filled
  const second = lockFolder(dir);
  writeFileSync(join(dir, 'manifest.json'), '');
  lock.release(); // of the first, does not touch the second
  expect(refusal(dir).code).toBe('locked');
  second.release();
  expect(readdirSync(dir)).toEqual(['manifest.json']);
});

test('withFolderLock releases after an error', async () => {
  const dir = newFolder();
  await expect(withFolderLock(dir, () => Promise.reject(new Error('aborted')))).rejects.toThrow('aborted');
  expect(await withFolderLock(dir, async () => readdirSync(dir))).toEqual(['.lock']);
  expect(readdirSync(dir)).toEqual([]);
});

test('a lock of a living process holds, of a killed one is taken over, of an exiting one is released', async () => {
  const dir = newFolder();
  const child = start(dir, 'hold');
  expect(await said(child)).toBe('locked\n');
  expect(refusal(dir).context.pid).toBe(child.pid);
  const other = start(dir, 'once');
  expect(await said(other)).toMatch(/^locked: Cannot write in /);
  expect(await ended(other)).toBe(75);
  child.kill('SIGKILL');
  await ended(child);
  expect(readdirSync(dir)).toEqual(['.lock']);
  lockFolder(dir).release();
  expect(readdirSync(dir)).toEqual([]);
  expect(await ended(start(dir, 'exit'))).toBe(3);
  expect(readdirSync(dir)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'a lock of a process that has ended and waits for its parent is taken over',
  async () => {
    const dir = newFolder();
    // The shell becomes a program that never asks for its children, before the child ends.
    const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const pid = Number(await said(parent));
      await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'latin1'), { timeout: 10_000 }).toMatch(/\) Z /);
      writeLock(dir, { pid });
      lockFolder(dir).release();
    } finally {
      parent.kill('SIGKILL');
    }
  },
);

test('of many that find a dead lock at once, never two are in', async () => {
  const dir = newFolder();
  for (let round = 0; round < 3; round++) {
    writeLock(dir, { pid: 4_000_000 });
    const codes = await Promise.all(Array.from({ length: 6 }, () => ended(start(dir, 'once'))));
    expect(codes.every((code) => code === 0 || code === 75)).toBe(true);
    expect(codes).toContain(0);
    expect(readdirSync(dir)).toEqual([]);
  }
});

function writeLock(dir: string, change: Record<string, unknown>): void {
  const id = '01234567-89ab-cdef-0123-456789abcdef';
  const lock = { host: hostname(), pid: process.pid, startTime: 0, since: '2026-01-01T00:00:00.000Z', id, ...change };
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, '.lock'), JSON.stringify(lock));
}

test('lockFolder cannot judge a lock of another host, and says how to remove it', () => {
  const dir = newFolder();
  writeLock(dir, { host: 'elsewhere', pid: 4_000_000 });
  const { message, hint } = refusal(dir);
  expect(message).toContain('process 4000000 on elsewhere has it locked since 2026-01-01');
  expect(hint).toContain(`remove ${join(dir, '.lock')}`);
});

test.skipIf(process.platform !== 'linux')('a pid that belongs to a later process does not hold a lock', () => {
  const dir = newFolder();
  writeLock(dir, { startTime: 1 });
  lockFolder(dir).release();
  expect(readdirSync(dir)).toEqual([]);
});

test('an empty or damaged lock file holds for some seconds only', () => {
  const dir = newFolder();
  const path = join(dir, '.lock');
  for (const content of ['', '{"pid":', 'null', '[]', '{"id":"../../x"}']) {
    writeFileSync(path, content);
    expect(refusal(dir).message).toContain('another process is just locking it');
    const before = Date.now() / 1000 - 60;
    utimesSync(path, before, before);
    lockFolder(dir).release();
    expect(readdirSync(dir)).toEqual([]);
  }
});

test('a claim on a dead lock whose holder died too is taken over', () => {
  const dir = newFolder();
  writeLock(dir, { pid: 4_000_000 });
  const text = readFileSync(join(dir, '.lock'), 'utf8');
  const { id } = JSON.parse(text);
  writeFileSync(join(dir, `.lock.${id}`), text.replace(/"id":"\d/, '"id":"f'));
  lockFolder(dir).release();
  expect(readdirSync(dir)).toEqual([]);
  rmSync(dir, { recursive: true });
});

test('lockFolder says where it cannot write', () => {
  const file = join(newFolder(), 'file');
  writeFileSync(file, '');
  const error = refusal(join(file, 'p'));
  expect(error.code).toBe('write-failed');
  expect(error.message).toContain('a part of its path is a file');
});
