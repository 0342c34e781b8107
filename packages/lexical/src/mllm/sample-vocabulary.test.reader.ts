import { fileURLToPath } from 'node:url';
import { readVocabulary, type SkosVocabulary, updateVocabulary } from '@catchword/vocabulary';

/** Reads the thesaurus that ships with the project. */
export async function sampleVocabulary(): Promise<SkosVocabulary> {
  const path = fileURLToPath(new URL('../../../../vocabularies/sample/sample.ttl', import.meta.url));
  return updateVocabulary(undefined, await readVocabulary(path)).vocabulary;
}
