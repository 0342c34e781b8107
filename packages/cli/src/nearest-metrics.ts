import { closest } from '@catchword/core';

const MOST = 3;

/**
 * Finds the metrics that somebody may have meant: those whose name holds the word, whatever its case and punctuation,
 * else the one with the fewest edits.
 *
 * @returns at most three, the shortest first
 */
export function nearestMetrics(word: string, metrics: readonly string[]): string[] {
  const letters = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = letters(word);
  const holding = wanted === '' ? [] : metrics.filter((name) => letters(name).includes(wanted));
  if (holding.length > 0) return holding.sort((a, b) => a.length - b.length).slice(0, MOST);
  const meant = closest(word, metrics);
  return meant === undefined ? [] : [meant];
}
