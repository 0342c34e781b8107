import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { IndexingError } from '@catchword/core';
import { lockFolder } from '@catchword/storage';

/** Removes the lock that a killed process has left in a folder; a living one's, and one that cannot be removed, stays. */
export function removeStaleLock(folder: string): void {
  if (!existsSync(join(folder, '.lock'))) return;
  try {
    lockFolder(folder).release(); // takes over a dead lock, and refuses where the process lives
  } catch (error) {
    if (!IndexingError.is(error)) throw error; // held, or in a folder of which nothing may be removed: who writes will be told
  }
}
