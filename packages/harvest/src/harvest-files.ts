import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { IndexingError, ModelError, OperationError } from '@catchword/core';
import { linesOf, readBytes } from '@catchword/input';
import { atomicWriteFile, type FolderLock, lockFolder, writeError } from '@catchword/storage';

/** What is asked for: a harvest that is gone on with has to be the same. */
export interface HarvestRequest {
  readonly url: string;
  readonly prefix: string;
  readonly set?: string;
  readonly from?: string;
  readonly until?: string;
}

/** How far a harvest is. */
export interface HarvestState {
  readonly version: 1;
  readonly request: HarvestRequest;
  /** The server's clock at the first answer: what changed after that is the next harvest's. */
  readonly responseDate: string;
  /** Where the list goes on; absent before the first answer and behind the last. */
  readonly token?: string;
  readonly isDone: boolean;
  readonly nRecords: number;
  readonly nDeleted: number;
  readonly nBroken: number;
  /** Bytes of each file that belong to these; what is behind them is of a page that was not finished. */
  readonly bytes: number;
  readonly deletedBytes: number;
  readonly seenBytes: number;
}

const EMPTY = {
  version: 1,
  responseDate: '',
  isDone: false,
  nRecords: 0,
  nDeleted: 0,
  nBroken: 0,
  bytes: 0,
  deletedBytes: 0,
  seenBytes: 0,
} as const;

/** What a page brings. */
export interface HarvestedPage {
  readonly text: string;
  /** Identifiers, a line each. */
  readonly deleted: string;
  /** Keys of its records, a line each. */
  readonly seen: string;
}

/**
 * The files of a harvest: beside FILE, while it goes on, `FILE.part` with what is there, `FILE.part.seen` with the keys of its
 * records, and `FILE.part.json` with how far it is. A page is written to the disk before the state that knows it, so a
 * harvest can be gone on with after any interruption.
 */
export class HarvestFiles {
  private readonly path: string;
  /** With records, deleted ones, and keys; none where all is written. */
  private readonly files: readonly FileHandle[];
  private readonly lock: FolderLock;
  private state_: HarvestState;

  private constructor(path: string, files: readonly FileHandle[], state: HarvestState, lock: FolderLock) {
    this.path = path;
    this.lock = lock;
    this.files = files;
    this.state_ = state;
  }

  /**
   * Begins a harvest, or goes on with the one of the same request.
   *
   * @throws {OperationError} `operation-failed` where one of another request was begun, `locked` where another process harvests into the file,
   *   `write-failed`
   */
  static async open(path: string, request: HarvestRequest, restart: boolean): Promise<HarvestFiles> {
    const lock = lockOutput(path);
    try {
      return await HarvestFiles.openLocked(path, request, restart, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private static async openLocked(
    path: string,
    request: HarvestRequest,
    restart: boolean,
    lock: FolderLock,
  ): Promise<HarvestFiles> {
    if (restart) for (const name of partNames(path)) rmSync(name, { force: true });
    const before = readState(`${path}.part.json`);
    if (before && JSON.stringify(before.request) !== JSON.stringify(request)) {
      throw new OperationError(
        'operation-failed',
        `Another harvest into ${path} is under way: ${said(before.request)}`,
        {
          hint: 'Go on with that one, take another file, or begin anew with --restart.',
          context: { path },
        },
      );
    }
    const state = before ?? { ...EMPTY, request };
    if (state.isDone) return new HarvestFiles(path, [], state, lock); // only the names are left to be given
    try {
      const lengths: [string, number][] = [
        [`${path}.part`, state.bytes],
        [`${path}.part.deleted`, state.deletedBytes],
        [`${path}.part.seen`, state.seenBytes],
      ];
      const handles: FileHandle[] = [];
      for (const [name, nBytes] of lengths) {
        if (nBytes > 0 && (!existsSync(name) || statSync(name).size < nBytes)) throw lost(name);
        if (existsSync(name)) truncateSync(name, nBytes);
        handles.push(await open(name, 'a'));
      }
      return new HarvestFiles(path, handles, state, lock);
    } catch (cause) {
      throw cause instanceof ModelError ? cause : writeError(path, cause);
    }
  }

  get state(): HarvestState {
    return this.state_;
  }

  /** @returns the keys of all records that are there, shortened to numbers */
  async keys(): Promise<Set<number>> {
    const keys = new Set<number>();
    if (this.state_.seenBytes === 0) return keys;
    const name = `${this.path}.part.seen`;
    for await (const { lines } of linesOf(readBytes(name), name)) for (const line of lines) keys.add(keyNumber(line));
    return keys;
  }

  /** Writes a page, then the state that knows it. */
  async add(page: HarvestedPage, change: Partial<HarvestState>): Promise<void> {
    const { state_: state, path } = this;
    try {
      const [part, deleted, seen] = this.files as readonly [FileHandle, FileHandle, FileHandle];
      const bytes = await appended(part, page.text);
      const deletedBytes = await appended(deleted, page.deleted);
      const seenBytes = await appended(seen, page.seen);
      const { token: _, ...kept } = state;
      this.state_ = {
        ...kept,
        ...change,
        bytes: state.bytes + bytes,
        deletedBytes: state.deletedBytes + deletedBytes,
        seenBytes: state.seenBytes + seenBytes,
      };
    } catch (cause) {
      throw writeError(path, cause);
    }
    await atomicWriteFile(`${path}.part.json`, `${JSON.stringify(this.state_, undefined, 2)}\n`);
  }

  /** Gives the files their names, and lets go of what only served the going on. */
  async finish(): Promise<void> {
    const { path, state_: state } = this;
    await this.closeFiles();
    try {
      // Where a process ended in here, some have their names already.
      if (state.deletedBytes > 0) place(`${path}.part.deleted`, `${path}.deleted`, state.deletedBytes);
      else for (const name of [`${path}.part.deleted`, `${path}.deleted`]) rmSync(name, { force: true });
      await atomicWriteFile(`${path}.harvest.json`, `${JSON.stringify(state, undefined, 2)}\n`);
      place(`${path}.part`, path, state.bytes);
      for (const name of [`${path}.part.seen`, `${path}.part.json`]) rmSync(name, { force: true });
    } catch (cause) {
      throw cause instanceof ModelError ? cause : writeError(path, cause);
    }
  }

  async close(): Promise<void> {
    await this.closeFiles();
    this.lock.release();
  }

  private async closeFiles(): Promise<void> {
    for (const file of this.files) await file.close().catch(() => undefined);
  }
}

function place(part: string, path: string, nBytes: number): void {
  if (existsSync(part)) truncateSync(part, nBytes);
  else if (statSync(path, { throwIfNoEntry: false })?.size !== nBytes) throw lost(part);
  if (existsSync(part)) renameSync(part, path);
}

/** @returns whether a harvest into a file ended before all its files had their names */
export function isUnplaced(path: string): boolean {
  return existsSync(`${path}.part.json`) && readState(`${path}.part.json`)?.isDone === true;
}

/** Keeps two harvests into one file apart. */
function lockOutput(path: string): FolderLock {
  try {
    return lockFolder(`${path}.part.lock`);
  } catch (cause) {
    if (!IndexingError.is(cause) || cause.code !== 'locked') throw cause;
    const { pid, since, host } = cause.context;
    const who = pid === undefined ? 'another process' : `process ${pid} on ${host}`;
    throw new OperationError('locked', `Somebody harvests into ${path} already: ${who}, since ${since}`, {
      hint: cause.hint ?? '',
      context: { path, pid, since },
      cause,
    });
  }
}

async function appended(file: FileHandle, text: string): Promise<number> {
  if (text === '') return 0;
  const bytes = Buffer.from(text, 'utf8');
  await file.writeFile(bytes);
  await file.sync();
  return bytes.length;
}

function partNames(path: string): string[] {
  return ['', '.deleted', '.seen', '.json'].map((ending) => `${path}.part${ending}`);
}

/** @returns the state of the harvest that made a file; undefined where there is none that makes sense */
export function finishedHarvest(path: string): HarvestState | undefined {
  return readState(`${path}.harvest.json`);
}

function readState(name: string): HarvestState | undefined {
  if (!existsSync(name)) return undefined;
  try {
    const state = JSON.parse(readFileSync(name, 'utf8')) as HarvestState;
    const numbers = [state.nRecords, state.nDeleted, state.nBroken, state.bytes, state.deletedBytes, state.seenBytes];
    if (
      state.version === 1 &&
      typeof state.request.url === 'string' &&
      numbers.every((n) => Number.isSafeInteger(n) && n >= 0)
    ) {
      return state;
    }
  } catch {
    // told below
  }
  throw lost(name);
}

function lost(name: string): ModelError {
  return new ModelError('model-damaged', `The harvest cannot be gone on with: ${name} is not what was written`, {
    hint: 'Begin anew with --restart.',
    context: { path: name },
  });
}

function said({ url, prefix, set, from, until }: HarvestRequest): string {
  const more = Object.entries({ set, from, until }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  return [url, `prefix ${prefix}`, ...more].join(', ');
}

/** @returns 52 bits of a hash: among ten million keys two are taken for one once in ninety times */
export function keyNumber(key: string): number {
  const hash = createHash('sha256').update(key).digest();
  return hash.readUIntBE(0, 6) * 16 + (hash.readUInt8(6) & 15);
}
