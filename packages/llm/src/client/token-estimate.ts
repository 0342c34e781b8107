/** Characters of a token; languages with long words have fewer. */
const CHARACTERS_PER_TOKEN = 3;

/** @returns about how many tokens a text has, rather too many than too few: for budgets, before a service has counted */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
