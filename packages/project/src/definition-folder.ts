import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readModelFolder, writeError, writeModelFolder } from '@catchword/storage';
import { ConceptDefinitions } from '@catchword/vocabulary';

const KIND = 'definitions';
const NAME = /^definitions-[0-9a-f]{16}$/;

/**
 * Writes the definitions of a vocabulary into a folder of their own below the vocabulary's, named after their content: so
 * the old ones stay until the vocabulary's manifest names the new ones.
 *
 * @returns the folder's name
 */
export async function writeDefinitions(vocabularyFolder: string, definitions: ConceptDefinitions): Promise<string> {
  const { meta, pack } = definitions.toModelData();
  const hash = createHash('sha256').update(JSON.stringify(meta)).update(new Uint8Array(pack.buffer)).digest('hex');
  const name = `definitions-${hash.slice(0, 16)}`;
  await writeModelFolder(join(vocabularyFolder, name), { kind: KIND, meta, pack });
  return name;
}

/** @throws {ModelError} `model-damaged`, `model-incompatible`; {InputError} `file-not-found` */
export async function readDefinitions(vocabularyFolder: string, name: string): Promise<ConceptDefinitions> {
  const { data } = await readModelFolder(join(vocabularyFolder, name), { kind: KIND });
  return new ConceptDefinitions(data);
}

/** Removes the definitions of earlier versions. @param current undefined for none */
export async function removeOtherDefinitions(vocabularyFolder: string, current: string | undefined): Promise<void> {
  for (const name of await readdir(vocabularyFolder)) {
    if (!NAME.test(name) || name === current) continue;
    await rm(join(vocabularyFolder, name), { recursive: true, force: true }).catch((cause) => {
      throw writeError(join(vocabularyFolder, name), cause);
    });
  }
}

/** @returns whether a manifest names a folder of definitions, and no other */
export function isDefinitionsName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}
