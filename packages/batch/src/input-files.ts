import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, OperationError } from '@catchword/core';
import { listFolder } from '@catchword/corpus';
import { fileError } from '@catchword/input';
import type { Job, JobPlan, Unit, UnitPlan } from './job.js';
import type { JobStore } from './job-store.js';

/** A file that a job reads, as it was when the job began. */
export interface InputFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Of what it holds; empty for a file of a folder, whose time is compared in its place. */
  readonly checksum: string;
}

/** Changes that an error lists. */
const MOST_CHANGES = 10;

/** @returns the paths of all that decides about a unit's documents */
export function readBy({ marcMapping }: JobPlan, { paths }: UnitPlan): readonly string[] {
  return marcMapping === undefined ? paths : [...paths, marcMapping];
}

/**
 * Looks at all files that paths name: the files themselves, which are read once for their checksums, and those of folders with the files of
 * their gold subjects.
 *
 * @throws {InputError} `file-not-found`, `file-unreadable`; as `listFolder`
 */
export async function inputFiles(paths: readonly string[], cwd: string): Promise<InputFile[]> {
  const files = await filesNow(paths, cwd);
  const named = new Set(paths.map((path) => resolve(cwd, path)));
  return Promise.all(
    files.map(async (file) => ({ ...file, checksum: named.has(file.path) ? await fileChecksum(file.path) : '' })),
  );
}

async function filesNow(paths: readonly string[], cwd: string): Promise<Omit<InputFile, 'checksum'>[]> {
  const files: Omit<InputFile, 'checksum'>[] = [];
  for (const path of paths.map((path) => resolve(cwd, path))) {
    const info = statSync(path, { throwIfNoEntry: false });
    if (!info?.isDirectory()) files.push(inputFile(path));
    else {
      for (const entry of await listFolder(path)) {
        files.push(inputFile(entry.path));
        if (entry.sidecar !== undefined) files.push(inputFile(entry.sidecar));
      }
    }
  }
  return files;
}

function inputFile(path: string): Omit<InputFile, 'checksum'> {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info) return { path, size: info.size, mtimeMs: info.mtimeMs };
  throw new InputError('file-not-found', `Cannot read ${path}: there is no such file`, { context: { path } });
}

async function fileChecksum(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
  } catch (cause) {
    throw fileError(path, cause as NodeJS.ErrnoException);
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * Makes sure that the inputs of a job are what they were when it began. Of a file that is named itself the time may have changed where
 * it holds the same; of a folder's files it may not.
 *
 * @param units those that will be read
 * @throws {OperationError} `job-changed`, with what changed
 */
export async function checkInputs(store: JobStore, job: Job, units: readonly Unit[]): Promise<void> {
  const changes: string[] = [];
  let nChanges = 0;
  const tell = (change: string): void => {
    if (nChanges++ < MOST_CHANGES) changes.push(change);
  };
  for (const { n, plan } of units) {
    const paths = readBy(job.plan, plan);
    const now = new Map<string, Omit<InputFile, 'checksum'>>();
    try {
      for (const file of await filesNow(paths, job.cwd)) now.set(file.path, file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      tell(error.message);
      continue;
    }
    for (const before of store.inputs(job.id, n)) {
      const file = now.get(before.path);
      now.delete(before.path);
      if (!file) tell(`${before.path} is gone`);
      else if (file.size !== before.size) tell(`${before.path} had ${before.size} bytes and has ${file.size}`);
      else if (
        file.mtimeMs !== before.mtimeMs &&
        (before.checksum === '' || (await fileChecksum(file.path)) !== before.checksum)
      ) {
        tell(`${before.path} was written again at ${new Date(file.mtimeMs).toISOString()}`);
      }
    }
    for (const path of now.keys()) tell(`${path} is new`);
  }
  if (nChanges === 0) return;
  const more = nChanges > changes.length ? `\n  … and ${nChanges - changes.length} more` : '';
  throw inputChanged(job, `\n  ${changes.join('\n  ')}${more}`);
}

/** @param what begins with a line end or a blank */
export function inputChanged(job: Job, what: string): OperationError {
  return new OperationError(
    'job-changed',
    `Cannot go on with job ${job.id}: its input changed since it began:${what}`,
    {
      hint: `Bring the input back as it was, or begin anew: catchword jobs resume ${job.id} --restart`,
      context: { job: job.id },
    },
  );
}
