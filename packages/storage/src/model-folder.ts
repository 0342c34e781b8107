import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import {
  IndexingError,
  InputError,
  type JsonObject,
  type ModelData,
  ModelError,
  OperationError,
} from '@catchword/core';
import { type ArrayPack, type ArrayPlace, type NumericArray, placeArrays } from '@catchword/math';
import {
  closing,
  type FileSystem,
  nodeFileSystem,
  type OpenFile,
  READ_FLAGS,
  readFully,
  syncFolder,
  writeFully,
} from './file-system.js';
import {
  arraysFileName,
  damagedError,
  formatManifest,
  MANIFEST_NAME,
  type Manifest,
  parseManifest,
  placesProblem,
} from './manifest.js';
import { discard, removeLitter, tempPath, unlinkIfThere } from './temp-file.js';
import { reportingAs, writeError } from './write-error.js';

const ARRAYS_NAME = /^arrays-[0-9a-f]{16}\.bin$/;
/** No name of a file. While the manifest cannot be read, nothing that it may need is removed. */
const UNKNOWN = '';
const BLOCK_BYTES = 4 << 20;
const MAX_MANIFEST_BYTES = 256 << 20;

/** A model to be stored: its facts, and its arrays packed or apart. */
export type ModelToWrite = {
  /** What it is: `vocabulary`, or the name of a backend. */
  readonly kind: string;
  readonly meta: JsonObject;
} & ({ readonly pack: ArrayPack } | { readonly arrays: Readonly<Record<string, NumericArray>> });

export interface StoredModel {
  readonly manifest: Manifest;
  readonly data: ModelData;
}

/**
 * Replaces the model in a folder: writes beside the old one, reads back, then swaps by renaming the manifest.
 *
 * At any moment, also after a kill or a power cut, the folder holds the old model or the new one, whole. One writer at a
 * time: callers hold the folder's lock. What dead writers have left is removed first.
 *
 * @param dir made where it does not exist
 * @returns the manifest, and the bytes that the model takes on the disk
 * @throws {OperationError} `write-failed`; the old model is unchanged then, except that after a failure to sync the folder
 * at the very end the new one may stand
 * @throws {TypeError} if `meta` holds what JSON cannot say
 * @throws {RangeError} if the places of a pack overlap, are not aligned to 16 bytes, or lie outside its buffer
 */
export async function writeModelFolder(
  dir: string,
  model: ModelToWrite,
  options: { readonly fs?: FileSystem; readonly created?: Date } = {},
): Promise<{ manifest: Manifest; nBytes: number }> {
  const { places, parts, nBytes } = layOut(model);
  const fs = options.fs ?? nodeFileSystem;
  const manifestPath = join(dir, MANIFEST_NAME);
  const told = reportingAs(fs, manifestPath);
  await reportingAs(fs, dir).mkdir(dir);
  await removeLitter(fs, dir).catch((cause) => {
    throw writeError(dir, cause);
  });
  const current = await currentArraysFile(fs, dir);
  if (current !== UNKNOWN) await removeOtherArrays(told, dir, current);
  const tempArrays = tempPath(dir);
  const tempManifest = tempPath(dir);
  let placed: string | undefined;
  try {
    const toldArrays = reportingAs(fs, join(dir, 'arrays-*.bin'));
    const sha256 = await writeParts(toldArrays, tempArrays, parts);
    const arrays = { file: arraysFileName(sha256), nBytes, sha256, places };
    const { manifest, text } = formatManifest(
      { kind: model.kind, meta: model.meta, arrays },
      options.created ?? new Date(),
    );
    const bytes = Buffer.from(text);
    await writeParts(told, tempManifest, [{ offset: 0, bytes }]);
    await verifyWritten(toldArrays, tempArrays, nBytes, sha256);
    await verifyWritten(told, tempManifest, bytes.length, createHash('sha256').update(bytes).digest('hex'));
    await toldArrays.rename(tempArrays, join(dir, arrays.file));
    if (arrays.file !== current) placed = join(dir, arrays.file);
    await syncFolder(told, dir); // the manifest must not reach the disk before the arrays that it names
    await told.rename(tempManifest, manifestPath);
    placed = undefined;
    await syncFolder(told, dir);
    // From here on the new model stands. An old arrays file that cannot be removed goes with the next writing.
    await removeOtherArrays(fs, dir, arrays.file).catch(() => undefined);
    return { manifest, nBytes: nBytes + bytes.length };
  } catch (error) {
    await discard(fs, tempArrays);
    await discard(fs, tempManifest);
    if (placed) await discardUnlessNamed(fs, dir, placed);
    throw error;
  }
}

/**
 * Reads a model into shared memory and checks every byte of it.
 *
 * A model that is swapped while it is read does no harm: the new one is read then.
 *
 * @param options.kind what the model has to be
 * @throws {InputError} `file-not-found` if the folder holds no model
 * @throws {ModelError} `model-damaged`, `model-incompatible`
 */
export async function readModelFolder(
  dir: string,
  options: { readonly kind: string; readonly fs?: FileSystem },
): Promise<StoredModel> {
  const fs = options.fs ?? nodeFileSystem;
  let manifest = await readManifest(dir, { fs });
  for (;;) {
    if (manifest.kind !== options.kind) throw kindError(dir, manifest.kind, options.kind);
    try {
      const buffer = await readArrays(fs, dir, manifest);
      return { manifest, data: { meta: manifest.meta, pack: { buffer, places: manifest.arrays.places } } };
    } catch (error) {
      const now = await readManifest(dir, { fs });
      if (now.sha256 === manifest.sha256) throw error;
      manifest = now;
    }
  }
}

/**
 * Reads only what a model says about itself; its arrays are neither read nor checked.
 *
 * @throws as `readModelFolder`
 */
export async function readManifest(dir: string, options: { readonly fs?: FileSystem } = {}): Promise<Manifest> {
  const path = join(dir, MANIFEST_NAME);
  const text = await reading(path, async () => {
    const file = await (options.fs ?? nodeFileSystem).open(path, READ_FLAGS);
    return closing(file, async () => {
      const size = await sizeOf(file, path);
      if (size > MAX_MANIFEST_BYTES) throw damagedError(path, `it has ${size} bytes`);
      const bytes = Buffer.alloc(size);
      return bytes.toString('utf8', 0, await readFully(file, bytes, 0));
    });
  });
  return parseManifest(text, path);
}

/** @returns whether a folder holds a model, readable or not */
export async function hasModel(dir: string, options: { readonly fs?: FileSystem } = {}): Promise<boolean> {
  try {
    const file = await (options.fs ?? nodeFileSystem).open(join(dir, MANIFEST_NAME), READ_FLAGS);
    await file.close();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    return true; // it is there; reading it will say what is wrong
  }
}

interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Arrays are written from where they are, without a copy of the whole. */
function layOut(model: ModelToWrite): { places: readonly ArrayPlace[]; parts: Part[]; nBytes: number } {
  if ('pack' in model) {
    const { buffer, places } = model.pack;
    const problem = placesProblem(places, buffer.byteLength);
    if (problem) throw new RangeError(`Cannot store this pack of arrays: ${problem}`);
    return { places, parts: [{ offset: 0, bytes: new Uint8Array(buffer) }], nBytes: buffer.byteLength };
  }
  const { places, nBytes } = placeArrays(model.arrays);
  const parts = places.map(({ name, offset }) => {
    const { buffer, byteOffset, byteLength } = model.arrays[name] as NumericArray;
    return { offset, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
  });
  const last = parts.at(-1);
  const end = last ? last.offset + last.bytes.length : 0;
  if (end < nBytes) parts.push({ offset: end, bytes: new Uint8Array(nBytes - end) });
  return { places, parts, nBytes };
}

/** @returns the checksum of what was written; gaps between parts are zeros */
async function writeParts(fs: FileSystem, path: string, parts: readonly Part[]): Promise<string> {
  const hash = createHash('sha256');
  const file = await fs.open(path, 'wx');
  await closing(file, async () => {
    let position = 0;
    const write = async (bytes: Uint8Array) => {
      for (let i = 0; i < bytes.length; i += BLOCK_BYTES) {
        const block = bytes.subarray(i, i + BLOCK_BYTES);
        const writing = writeFully(file, block, position);
        hash.update(block); // while the block is on its way
        await writing;
        position += block.length;
      }
    };
    for (const { offset, bytes } of parts) {
      if (offset > position) await write(new Uint8Array(offset - position));
      await write(bytes);
    }
    await file.sync();
  });
  return hash.digest('hex');
}

async function verifyWritten(fs: FileSystem, path: string, nBytes: number, sha256: string): Promise<void> {
  const file = await fs.open(path, READ_FLAGS);
  await closing(file, async () => {
    const { size } = await file.stat();
    const blocks = [0, 1].map(() => new Uint8Array(Math.min(BLOCK_BYTES, nBytes)));
    const actual = size === nBytes ? await hashBlocks(file, nBytes, (i) => blocks[i % 2] as Uint8Array) : undefined;
    if (actual !== sha256) {
      throw new OperationError(
        'write-failed',
        `Cannot write ${path}: the disk gave back other bytes than were written`,
        {
          hint: 'Check the disk; the old model is unchanged.',
          context: { path },
        },
      );
    }
  });
}

async function readArrays(fs: FileSystem, dir: string, manifest: Manifest): Promise<SharedArrayBuffer> {
  const { file: name, nBytes, sha256 } = manifest.arrays;
  const path = join(dir, name);
  return reading(path, async () => {
    const file = await fs.open(path, READ_FLAGS);
    return closing(file, async () => {
      const size = await sizeOf(file, path);
      if (size !== nBytes) throw damagedError(path, `it has ${size} bytes, ${nBytes} were written`);
      const bytes = new Uint8Array(allocate(nBytes, path));
      const actual = await hashBlocks(file, nBytes, (i) => bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
      if (actual !== sha256) throw damagedError(path, 'its checksum does not match, so a byte was changed');
      return bytes.buffer;
    });
  });
}

/**
 * Reads a file block by block, the next one while the last is hashed.
 *
 * @param blockAt where block i is to be put; two in a row must not overlap
 * @returns the checksum, or undefined if the file ends early
 */
async function hashBlocks(
  file: OpenFile,
  nBytes: number,
  blockAt: (i: number) => Uint8Array,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const read = async (i: number): Promise<Uint8Array | undefined> => {
    const position = i * BLOCK_BYTES;
    if (position >= nBytes) return undefined;
    const block = blockAt(i).subarray(0, nBytes - position);
    return block.subarray(0, await readFully(file, block, position));
  };
  let done = 0;
  let next = read(0);
  for (let i = 0; ; i++) {
    const block = await next;
    if (!block) break;
    next = read(i + 1);
    next.catch(() => undefined); // told when its turn comes
    hash.update(block);
    done += block.length;
  }
  return done === nBytes ? hash.digest('hex') : undefined;
}

function allocate(nBytes: number, path: string): SharedArrayBuffer {
  try {
    if (nBytes <= constants.MAX_LENGTH) return new SharedArrayBuffer(nBytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
  }
  throw new OperationError(
    'operation-failed',
    `Cannot load ${path}: there is not enough memory for its ${nBytes} bytes`,
    {
      hint: 'Use a machine with more memory.',
      context: { path, nBytes },
    },
  );
}

/** @returns the arrays file that the manifest names; undefined where there is no model; UNKNOWN where it cannot be told */
async function currentArraysFile(fs: FileSystem, dir: string): Promise<string | undefined> {
  try {
    return (await readManifest(dir, { fs })).arrays.file;
  } catch (error) {
    if (!IndexingError.is(error)) throw error;
    return error.code === 'file-not-found' ? undefined : UNKNOWN;
  }
}

/** A rename that was reported as failed may have happened, so ask the folder before the new arrays go. */
async function discardUnlessNamed(fs: FileSystem, dir: string, arraysPath: string): Promise<void> {
  const current = await currentArraysFile(fs, dir);
  if (current !== UNKNOWN && current !== basename(arraysPath)) await discard(fs, arraysPath);
}

async function removeOtherArrays(fs: FileSystem, dir: string, keep: string | undefined): Promise<void> {
  for (const name of await fs.readdir(dir)) {
    if (ARRAYS_NAME.test(name) && name !== keep) await unlinkIfThere(fs, join(dir, name));
  }
}

async function sizeOf(file: OpenFile, path: string): Promise<number> {
  const { size, isFile } = await file.stat();
  if (!isFile) throw damagedError(path, 'it is not a file');
  return size;
}

/** Gives errors of the system their file, a code and a hint. */
async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (IndexingError.is(cause)) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      if (!path.endsWith(MANIFEST_NAME)) throw damagedError(path, 'the file is missing', cause);
      throw new InputError(
        'file-not-found',
        `Cannot read ${path}: there is no such file, so the folder holds no model`,
        {
          hint: 'Make the model first: catchword train for a project, catchword load-vocab for a vocabulary.',
          context: { path },
          cause,
        },
      );
    }
    if (code === undefined) throw cause;
    throw new InputError('file-unreadable', `Cannot read ${path}: ${code === 'EACCES' ? 'no permission' : message}`, {
      hint: 'Check its permissions and the disk.',
      context: { path },
      cause,
    });
  }
}

function kindError(dir: string, actual: string, wanted: string): ModelError {
  return new ModelError(
    'model-incompatible',
    `Cannot read the model in ${dir}: it is of kind ${JSON.stringify(actual.slice(0, 100))}, ${JSON.stringify(wanted)} is wanted`,
    {
      hint: 'If the backend was changed in the configuration, train the project again.',
      context: { dir, actual, wanted },
    },
  );
}
