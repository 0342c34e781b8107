import { LABEL_PREF, type Vocabulary } from '@catchword/core';

/** @returns the languages that a vocabulary has preferred labels in, sorted */
export function labelLanguages(vocabulary: Vocabulary): string[] {
  const { languages, labels } = vocabulary;
  const seen = new Uint8Array(languages.length);
  for (let i = 0; i < labels.kind.length; i++) {
    if (labels.kind[i] === LABEL_PREF) seen[labels.language[i] as number] = 1;
  }
  return languages.filter((language, i) => language !== '' && seen[i] === 1).sort();
}
