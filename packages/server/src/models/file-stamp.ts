import { statSync } from 'node:fs';
import { join } from 'node:path';

/** @returns a text that changes whenever a model folder gets another model; empty where there is none */
export function modelStamp(folder: string): string {
  const stat = statSync(join(folder, 'manifest.json'), { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino}-${stat.size}-${stat.mtimeNs}` : '';
}
