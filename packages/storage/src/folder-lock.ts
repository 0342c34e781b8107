import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmdirSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperationError } from '@catchword/core';
import { makeFolders } from './make-folders.js';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';
import { writeError } from './write-error.js';

const LOCK_NAME = '.lock';
/** A lock file is empty for a moment between its making and its writing. */
const EMPTY_LOCK_AGE_MS = 10_000;
const MAX_ATTEMPTS = 20;

/** The right to write in a folder. */
export interface FolderLock {
  readonly path: string;
  /** Gives the right back; a second call does nothing. @throws {OperationError} `write-failed` */
  release(): void;
}

interface Holder extends ProcessIdentity {
  readonly since: string;
  /** Tells this holding from every other. */
  readonly id: string;
}

const held = new Map<string, FolderLock>();
let releasesOnExit = false;

/**
 * Locks a folder against other writers, threads of this process included; readers do not ask.
 *
 * A lock whose process on this host has died is taken over. It is released when the process exits; a folder that was made
 * for the lock and is empty then goes as well.
 *
 * @param dir made where it does not exist
 * @throws {OperationError} `locked`, naming the process and since when; `write-failed`
 */
export function lockFolder(dir: string): FolderLock {
  const path = join(dir, LOCK_NAME);
  const holder: Holder = { ...ownIdentity(), since: new Date().toISOString(), id: randomUUID() };
  let firstMade: string | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      firstMade = makeFolders(dir) ?? firstMade;
      acquire(path, holder);
      break;
    } catch (cause) {
      // another process released its lock and removed the empty folder between the two calls
      const again = (cause as NodeJS.ErrnoException).code === 'ENOENT' && attempt < MAX_ATTEMPTS;
      if (again) continue;
      if (firstMade) removeEmptyFolders(dir, firstMade);
      throw writeError(path, cause);
    }
  }
  let released = false;
  const lock: FolderLock = {
    path,
    release() {
      if (released) return;
      released = true;
      held.delete(holder.id);
      try {
        if (readHolder(path).holder?.id === holder.id) removeIfThere(path);
        if (firstMade) removeEmptyFolders(dir, firstMade);
      } catch (cause) {
        throw writeError(path, cause);
      }
    },
  };
  held.set(holder.id, lock);
  if (!releasesOnExit) {
    releasesOnExit = true;
    process.on('exit', () => {
      for (const lock of held.values()) lock.release();
    });
  }
  return lock;
}

/** @returns whether a living process, as far as this host can tell, holds the lock of a folder */
export function isLocked(dir: string): boolean {
  const found = readHolder(join(dir, LOCK_NAME));
  return found.id !== undefined && !isStale(found);
}

/** Runs work under a folder's lock, which is released however the work ends. */
export async function withFolderLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const lock = lockFolder(dir);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Makes a lock file, or takes over a dead one.
 *
 * Only who holds the lock on a dead lock's id may remove it. Without that, of two who find the same dead lock, the second
 * could remove what the first has just made in its place.
 */
function acquire(path: string, holder: Holder): void {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (makeExclusively(path, `${JSON.stringify(holder)}\n`)) return;
    const found = readHolder(path);
    if (!found.id) continue; // released meanwhile
    if (!isStale(found)) throw lockedError(path, found.holder);
    const claim = `${path}.${found.id}`;
    acquire(claim, holder);
    try {
      if (readHolder(path).id === found.id) removeIfThere(path);
    } finally {
      removeIfThere(claim);
    }
  }
  throw lockedError(path, readHolder(path).holder);
}

function makeExclusively(path: string, content: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o666);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(fd, content);
  } catch (error) {
    removeIfThere(path);
    throw error;
  } finally {
    closeSync(fd);
  }
  return true;
}

interface Found {
  /** Undefined where there is no lock. */
  readonly id: string | undefined;
  /** Undefined where its file is empty or damaged. */
  readonly holder?: Holder;
  readonly ageMs?: number;
}

function readHolder(path: string): Found {
  try {
    const text = readFileSync(path, 'utf8');
    const holder = parseHolder(text);
    if (holder) return { id: holder.id, holder };
    const { ino, mtimeMs } = statSync(path);
    return { id: `${ino}-${Math.round(mtimeMs)}`, ageMs: Date.now() - mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { id: undefined };
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { host, pid, startTime, since, id } = JSON.parse(text) as Record<string, unknown>;
    if (typeof host !== 'string' || typeof pid !== 'number' || typeof startTime !== 'number') return undefined;
    if (typeof since !== 'string' || typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) return undefined;
    return { host, pid, startTime, since, id };
  } catch {
    return undefined; // the caller judges by the file's age
  }
}

function isStale({ holder, ageMs = 0 }: Found): boolean {
  if (!holder) return ageMs > EMPTY_LOCK_AGE_MS;
  return holder.host === ownIdentity().host && !isAlive(holder.pid, holder.startTime);
}

function lockedError(path: string, holder: Holder | undefined): OperationError {
  const dir = dirname(path);
  if (!holder) {
    return new OperationError('locked', `Cannot write in ${dir}: another process is just locking it`, {
      hint: 'Try again in a moment.',
      context: { path },
    });
  }
  const { host, pid, since } = holder;
  const here = host === ownIdentity().host;
  const who = here ? `process ${pid}` : `process ${pid} on ${host}`;
  const unless = here ? `if process ${pid} is not Catchword` : `if that process is gone`;
  return new OperationError('locked', `Cannot write in ${dir}: ${who} has it locked since ${since}`, {
    hint: `Wait until it has finished; ${unless}, remove ${path}`,
    context: { path, pid, host, since },
  });
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Removes the folders that the lock made, from the inmost up to the first, as far as they are empty. */
function removeEmptyFolders(dir: string, firstMade: string): void {
  try {
    for (let folder = dir; folder.length >= firstMade.length; folder = dirname(folder)) {
      rmdirSync(folder);
      if (folder === firstMade) return;
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) throw error;
  }
}
