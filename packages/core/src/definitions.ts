import type { SubjectId } from './document.js';

/** What concepts mean in words, as far as their vocabulary says it. */
export interface Definitions {
  /** Language tags that some concept has a definition in, sorted; '' stands for definitions without a tag. */
  readonly languages: readonly string[];
  /** @returns the definition in a language, its scope note where it has none, or undefined */
  definition(id: SubjectId, language: string): string | undefined;
}
