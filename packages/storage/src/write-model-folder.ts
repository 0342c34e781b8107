import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { IndexingError, type JsonObject, OperationError } from '@catchword/core';
import { type ArrayPack, type ArrayPlace, type NumericArray, placeArrays } from '@catchword/math';
import { closing, type FileSystem, nodeFileSystem, READ_FLAGS, syncFolder, writeFully } from './file-system.js';
import { BLOCK_BYTES, hashBlocks } from './hash-blocks.js';
import { arraysFileName, formatManifest, MANIFEST_NAME, type Manifest, placesProblem } from './manifest.js';
import { readManifest } from './read-model-folder.js';
import { discard, removeLitter, tempPath, unlinkIfThere } from './temp-file.js';
import { reportingAs, writeError } from './write-error.js';

const ARRAYS_NAME = /^arrays-[0-9a-f]{16}\.bin$/;
/** No name of a file. While the manifest cannot be read, nothing that it may need is removed. */
const UNKNOWN = '';

/** A model to be stored: its facts, and its arrays packed or apart. */
export type ModelToWrite = {
  /** What it is: `vocabulary`, or the name of a backend. */
  readonly kind: string;
  readonly meta: JsonObject;
} & ({ readonly pack: ArrayPack } | { readonly arrays: Readonly<Record<string, NumericArray>> });

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
