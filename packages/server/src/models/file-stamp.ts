import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @returns a text that changes whenever a model folder gets another model; empty where there is none */
export function modelStamp(folder: string): string {
  const stat = statSync(join(folder, 'manifest.json'), { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino}-${stat.size}-${stat.mtimeNs}` : '';
}

/** @returns how many bytes a project's journal of what it has learnt has; more after every change */
export function journalBytes(folder: string): number {
  const journal = join(folder, 'journal');
  if (!statSync(journal, { throwIfNoEntry: false })) return 0;
  return readdirSync(journal).reduce((sum, name) => sum + statSync(join(journal, name)).size, 0);
}
