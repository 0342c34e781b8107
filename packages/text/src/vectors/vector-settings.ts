/** How texts become vectors. */
export interface VectorSettings {
  /** Longest n-gram of terms. */
  readonly ngram: number;
  /** A feature occurs in at least so many documents. */
  readonly minDf: number;
  /** Whether a term that occurs n times counts 1 + ln n instead of n. */
  readonly sublinearTf: boolean;
  /** What an occurrence in the first sentence counts. */
  readonly titleWeight: number;
  /** Shortest and longest character n-gram inside words; absent: none. */
  readonly charNgram?: readonly [shortest: number, longest: number];
}

/** @returns a key that equal settings share */
export function vectorSettingsKey(settings: VectorSettings): string {
  const { ngram, minDf, sublinearTf, titleWeight, charNgram } = settings;
  return JSON.stringify([ngram, minDf, sublinearTf, titleWeight, charNgram ?? null]);
}
