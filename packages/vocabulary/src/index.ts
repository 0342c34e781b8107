export type { VocabularyRule } from './allowed-subjects.js';
export { allowedSubjects } from './allowed-subjects.js';
export { languageRanks, RANK_EXACT, RANK_NONE } from './language-ranks.js';
export type { ReadVocabularyOptions } from './read-vocabulary.js';
export { readVocabulary } from './read-vocabulary.js';
export { openVocabulary, SkosVocabulary } from './skos-vocabulary.js';
export type { VocabularyChanges } from './update-vocabulary.js';
export { updateVocabulary } from './update-vocabulary.js';
export type { ParsedVocabulary, VocabularyContent } from './vocabulary-content.js';
