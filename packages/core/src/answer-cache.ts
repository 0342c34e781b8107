/**
 * Keeps answers of a service over runs and threads, so that nothing is asked and paid for twice.
 *
 * It may lose what it was given, and never gives anything else back.
 */
export interface AnswerCache {
  /** @param key hexadecimal digits @returns undefined where there is none */
  get(key: string): Promise<string | undefined>;
  /** Does not reject where it cannot be kept. */
  put(key: string, answer: string): Promise<void>;
}
