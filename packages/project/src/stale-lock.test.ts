import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '@catchword/storage';
import { expect, onTestFinished, test } from 'vitest';
import { removeStaleLock } from './stale-lock.js';

test('removeStaleLock removes the lock of a dead process and leaves that of a living one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-stale-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, '.lock');
  const lock = lockFolder(folder);
  const held = readFileSync(path, 'utf8');
  removeStaleLock(folder);
  expect(readFileSync(path, 'utf8')).toBe(held);
  lock.release();
  writeFileSync(path, held.replace(/"pid":\d+/, '"pid":4000000'));
  removeStaleLock(folder);
  expect(existsSync(path)).toBe(false);
  removeStaleLock(join(folder, 'missing'));
  expect(existsSync(join(folder, 'missing'))).toBe(false);
});
