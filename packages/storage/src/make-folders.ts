import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing.
 *
 * `mkdirSync` with `recursive` never ends where the file system says ENOENT to a name whose parent is there, as /proc does.
 *
 * @returns the first folder that was made, undefined where all were there
 * @throws the error of the file system, as `mkdirSync`
 */
export function makeFolders(dir: string): string | undefined {
  const missing: string[] = [];
  let firstMade: string | undefined;
  for (let path = dir; ; path = dirname(path)) {
    try {
      if (makeOne(path)) firstMade = path;
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
      missing.push(path);
    }
  }
  for (const path of missing.reverse()) {
    if (makeOne(path)) firstMade ??= path;
  }
  return firstMade;
}

/** @returns false where the folder is there */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    // file systems differ in the error that they give for a folder that is there: EEXIST, EROFS, EPERM, EISDIR
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
    throw error;
  }
}
