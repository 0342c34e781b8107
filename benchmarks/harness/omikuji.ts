import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from './annif.js';
import { cacheFolder } from './places.js';
import { runProgram } from './run-program.js';

const PACKAGES = ['omikuji==0.5.2', 'setuptools==65.5.0'];

/**
 * Finds the virtual environment of Omikuji below the cache, or makes it: needs Python 3.10 to 3.12 and its package registry.
 *
 * @returns its Python, or the reason where there can be none
 */
export async function prepareOmikuji(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const folder = cacheFolder('omikuji');
  const python = join(folder, 'venv/bin/python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return { python };
  const base = await findPython();
  if (base === undefined) return { missing: 'there is no Python 3.10 to 3.12 (python3.11, python3 …) on this machine' };
  try {
    await runProgram(base, ['-m', 'venv', '--clear', join(folder, 'venv')]);
    await runProgram(python, ['-m', 'pip', 'install', '-q', ...PACKAGES]);
  } catch (error) {
    return { missing: `its environment could not be made: ${(error as Error).message}` };
  }
  writeFileSync(complete, '');
  return { python };
}
