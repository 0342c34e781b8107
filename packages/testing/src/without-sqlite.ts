import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IndexingError } from '@catchword/core';
import { Database } from '@catchword/storage';

/**
 * SQLite is an optional part, which an installation may be without: tests that need it are skipped there, and say so.
 *
 * @returns why there is no SQLite; undefined where there is one
 */
export async function whyNoSqlite(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-sqlite-'));
  try {
    const settings = { name: 'test database', applicationId: 1, migrations: [] };
    (await Database.open(join(folder, 'test.sqlite'), settings)).close();
    return undefined;
  } catch (error) {
    if (!IndexingError.is(error) || error.code !== 'not-installed') throw error;
    return error.message;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
