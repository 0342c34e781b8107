import { constants } from 'node:buffer';
import { join } from 'node:path';
import { IndexingError, InputError, type ModelData, ModelError, OperationError } from '@catchword/core';
import { allocateForKernels, kernelMemoryOf } from '@catchword/math';
import { closing, type FileSystem, nodeFileSystem, type OpenFile, READ_FLAGS, readFully } from './file-system.js';
import { BLOCK_BYTES, hashBlocks } from './hash-blocks.js';
import { damagedError, MANIFEST_NAME, type Manifest, parseManifest } from './manifest.js';

const MAX_MANIFEST_BYTES = 256 << 20;

export interface StoredModel {
  readonly manifest: Manifest;
  readonly data: ModelData;
}

/** The arrays of models that somebody still uses, so that whoever opens one again shares its memory. */
export class SharedBuffers {
  private readonly buffers = new Map<string, WeakRef<SharedArrayBuffer>>();

  get(key: string): SharedArrayBuffer | undefined {
    return this.buffers.get(key)?.deref();
  }

  set(key: string, buffer: SharedArrayBuffer): void {
    for (const [each, reference] of this.buffers) if (!reference.deref()) this.buffers.delete(each);
    this.buffers.set(key, new WeakRef(buffer));
  }
}

/**
 * Reads a model into shared memory and checks every byte of it.
 *
 * A model that is swapped while it is read does no harm: the new one is read then.
 *
 * @param options.kind what the model has to be
 * @param options.forKernels whether WebAssembly kernels shall use the arrays as they lie
 * @param options.buffers what is in memory already: the arrays of a model that is among it are neither read nor checked again
 * @throws {InputError} `file-not-found` if the folder holds no model
 * @throws {ModelError} `model-damaged`, `model-incompatible`
 */
export async function readModelFolder(
  dir: string,
  options: {
    readonly kind: string;
    readonly fs?: FileSystem;
    readonly buffers?: SharedBuffers;
    readonly forKernels?: boolean;
  },
): Promise<StoredModel> {
  const fs = options.fs ?? nodeFileSystem;
  let manifest = await readManifest(dir, { fs });
  for (;;) {
    if (manifest.kind !== options.kind) throw kindError(dir, manifest.kind, options.kind);
    try {
      const key = `${dir} ${manifest.arrays.sha256}`;
      const buffer = options.buffers?.get(key) ?? (await readArrays(fs, dir, manifest, options.forKernels === true));
      options.buffers?.set(key, buffer);
      const pack = { buffer, places: manifest.arrays.places, memory: kernelMemoryOf(buffer) };
      return { manifest, data: { meta: manifest.meta, pack } };
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

async function readArrays(
  fs: FileSystem,
  dir: string,
  manifest: Manifest,
  forKernels: boolean,
): Promise<SharedArrayBuffer> {
  const { file: name, nBytes, sha256 } = manifest.arrays;
  const path = join(dir, name);
  return reading(path, async () => {
    const file = await fs.open(path, READ_FLAGS);
    return closing(file, async () => {
      const size = await sizeOf(file, path);
      if (size !== nBytes) throw damagedError(path, `it has ${size} bytes, ${nBytes} were written`);
      const bytes = new Uint8Array(allocate(nBytes, path, forKernels));
      const actual = await hashBlocks(file, nBytes, (i) => bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
      if (actual !== sha256) throw damagedError(path, 'its checksum does not match, so a byte was changed');
      return bytes.buffer;
    });
  });
}

function allocate(nBytes: number, path: string, forKernels: boolean): SharedArrayBuffer {
  try {
    if (nBytes <= constants.MAX_LENGTH) {
      return forKernels ? allocateForKernels(nBytes) : new SharedArrayBuffer(nBytes);
    }
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
