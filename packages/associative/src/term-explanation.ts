import type { Contribution, TextEvidence } from '@catchword/core';
import type { TfidfVectorizer } from '@catchword/text';

const MOST_TERMS = 10;

/** What the features of a text gave to a score. */
export interface FeatureShares {
  readonly n: number;
  /** Shape (n). */
  readonly features: Uint32Array;
  /** Shape (n): parts of the score; negative where a feature speaks against the subject. */
  readonly shares: ArrayLike<number>;
}

/**
 * Tells which terms of a text counted for a subject, and where they stand.
 *
 * @param values shape (n): the features' weights in the text's vector
 * @returns the terms that counted most, by falling share, and the first place of each that speaks for the subject
 */
export function explainTerms(
  vectorizer: TfidfVectorizer,
  text: string,
  { n, features, shares }: FeatureShares,
  values: Float32Array,
): { evidence: TextEvidence[]; contributions: Contribution[] } {
  const order = Array.from({ length: n }, (_, k) => k)
    .filter((k) => shares[k] !== 0)
    .sort((a, b) => Math.abs(shares[b]) - Math.abs(shares[a]) || features[a] - features[b])
    .slice(0, MOST_TERMS);
  const contributions = order.map((k) => {
    const feature = vectorizer.featureName(features[k]);
    return { feature, text: `"${feature}"`, value: values[k], weight: shares[k] };
  });
  const speaking = new Set(order.filter((k) => shares[k] > 0).map((k) => features[k]));
  const evidence =
    speaking.size === 0
      ? []
      : vectorizer
          .occurrences(text)
          .filter(({ feature }) => speaking.has(feature))
          .map(({ feature, start, end }) => {
            return { start, end, label: vectorizer.featureName(feature), kind: 'term' as const };
          })
          .sort((a, b) => a.start - b.start || a.end - b.end);
  return { evidence, contributions };
}
