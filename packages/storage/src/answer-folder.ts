import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnswerCache } from '@catchword/core';

/**
 * Answers of services as files, one for each, in 256 folders: any number of threads and processes may read and write.
 *
 * A file takes its name when it is whole. It is not forced to the disk: what a power cut takes is asked for again.
 */
export class AnswerFolder implements AnswerCache {
  private readonly folder: string;
  private readonly made = new Set<string>();

  /** @param folder made when the first answer comes */
  constructor(folder: string) {
    this.folder = folder;
  }

  async get(key: string): Promise<string | undefined> {
    const path = this.path(key);
    try {
      return await readFile(path, 'utf8');
    } catch {
      return undefined; // whatever it is, the answer can be had again
    }
  }

  async put(key: string, answer: string): Promise<void> {
    const path = this.path(key);
    const temp = `${path}.${randomUUID()}.tmp`;
    try {
      const folder = join(this.folder, key.slice(0, 2));
      if (!this.made.has(folder)) await mkdir(folder, { recursive: true });
      this.made.add(folder);
      await writeFile(temp, answer);
      await rename(temp, path);
    } catch {
      await rm(temp, { force: true }).catch(() => undefined);
    }
  }

  private path(key: string): string {
    if (!/^[0-9a-f]{8,128}$/.test(key)) throw new RangeError(`${JSON.stringify(key)} is no key of an answer`);
    return join(this.folder, key.slice(0, 2), key);
  }
}
