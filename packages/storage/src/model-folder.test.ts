import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packArrays, viewArrays } from '@catchword/math';
import { expect, test } from 'vitest';
import { readModelFolder, writeModelFolder } from './model-folder.js';

const arrays = { indptr: Uint32Array.of(0, 2, 3), empty: new Float32Array(0), values: Float32Array.of(1, NaN, 3) };

test('writeModelFolder and readModelFolder give back what was stored, packed or apart', async () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'catchword-storage-')), 'projects', 'p');
  for (const form of [{ arrays }, { pack: packArrays(arrays) }]) {
    const written = await writeModelFolder(dir, { kind: 'test', meta: { seed: 42, names: ['a', 'b'] }, ...form });
    const { manifest, data } = await readModelFolder(dir, { kind: 'test' });
    expect(manifest).toEqual(written.manifest);
    expect(data.meta).toEqual({ seed: 42, names: ['a', 'b'] });
    expect(viewArrays(data.pack)).toEqual(arrays);
    expect(data.pack.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(readdirSync(dir).sort()).toEqual([manifest.arrays.file, 'manifest.json']);
  }
});
