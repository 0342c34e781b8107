/** No label of the language may be used. */
export const RANK_NONE = 0;
/** The labels are of exactly the language. */
export const RANK_EXACT = 3;

const RANK_UNTAGGED = 1;
const RANK_REGIONAL = 2;

/**
 * Tells how well labels of each language of a vocabulary serve a wanted one: `en` for `en` best of all, then `en-gb`, then
 * labels without language. The last two stand in where a subject has no preferred label of exactly the language.
 *
 * @returns ranks by the numbers of `languages`, greater is better
 */
export function languageRanks(languages: readonly string[], wanted: string): Uint8Array {
  const tag = wanted.toLowerCase();
  return Uint8Array.from(languages, (language) => {
    if (language === tag) return RANK_EXACT;
    if (language === '') return RANK_UNTAGGED;
    return tag !== '' && language.startsWith(`${tag}-`) ? RANK_REGIONAL : RANK_NONE;
  });
}
