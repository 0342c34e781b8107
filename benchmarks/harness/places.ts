import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository; compiled files run from `benchmarks/dist/harness`. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the public collections lie: `CATCHWORD_DATA`, or `../shared/data` beside the repository. */
export const DATA = process.env.CATCHWORD_DATA || join(ROOT, '../shared/data');

/** The independent evaluator that comes with the collections. */
export const EVALUATE_SCRIPT = join(DATA, '../evaluate/evaluate.py');

const CACHE = process.env.CATCHWORD_BENCH_CACHE || join(ROOT, 'benchmarks/.cache');

/** @returns a folder below the cache (`CATCHWORD_BENCH_CACHE`, or `benchmarks/.cache`), made where it is missing */
export function cacheFolder(...names: readonly string[]): string {
  const folder = join(CACHE, ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** @returns the path of a file of the collections, or undefined where it is not there */
export function dataFile(path: string): string | undefined {
  const file = join(DATA, path);
  return existsSync(file) ? file : undefined;
}
