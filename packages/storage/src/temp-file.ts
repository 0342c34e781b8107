import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileSystem } from './file-system.js';
import { isAlive, ownIdentity } from './process-identity.js';

/** `tmp-HOST-PID-START-RANDOM`: the host as a hash, pid and start time tell whether the writer still lives. */
const TEMP_NAME = /^tmp-([0-9a-f]{8})-(\d{1,10})-(\d{1,16})-[0-9a-f]{12}$/;
const FOREIGN_LITTER_AGE_MS = 7 * 24 * 3600 * 1000;

/** Files that this process gave up and could not remove. */
const abandoned = new Set<string>();

/** @returns whether a folder holds a file that `discard` could not remove */
export function hasAbandoned(dir: string): boolean {
  for (const path of abandoned) if (dirname(path) === dir) return true;
  return false;
}

/** @returns a new path for a file that will be renamed, in the folder where it is to go */
export function tempPath(dir: string): string {
  const { host, pid, startTime } = ownIdentity();
  return join(dir, `tmp-${hostHash(host)}-${pid}-${startTime}-${randomBytes(6).toString('hex')}`);
}

/** Removes a temporary file after a failure; where that fails too, the next writer in the folder does it. */
export async function discard(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') abandoned.add(path);
  }
}

/**
 * Removes temporary files that dead writers have left in a folder; those of living ones stay.
 *
 * A writer on another host cannot be asked, so its files go when they are a week old.
 */
export async function removeLitter(fs: FileSystem, dir: string): Promise<void> {
  for (const name of await fs.readdir(dir)) {
    const path = join(dir, name);
    if (!(await isLitter(path, name))) continue;
    await unlinkIfThere(fs, path);
    abandoned.delete(path);
  }
}

async function isLitter(path: string, name: string): Promise<boolean> {
  const match = TEMP_NAME.exec(name);
  if (!match) return false;
  if (abandoned.has(path)) return true;
  const [, host, pid, startTime] = match;
  if (host === hostHash(ownIdentity().host)) return !isAlive(Number(pid), Number(startTime));
  const info = await stat(path).catch(() => undefined); // renamed meanwhile: not litter
  return info !== undefined && Date.now() - info.mtimeMs > FOREIGN_LITTER_AGE_MS;
}

/** Removes a file; that it is gone already is no error. */
export async function unlinkIfThere(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function hostHash(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 8);
}
