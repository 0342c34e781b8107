import { floatRepr, toFixedEven } from '@catchword/math';
import type { HyperoptReport } from './tune-ensemble.js';

/** The end of what `annif hyperopt` prints: the score, and the line to be pasted. @returns lines without line ends */
export function hyperoptLines({ metric, score, sources }: HyperoptReport): string[] {
  return [`Got best ${metric} score ${toFixedEven(score, 4)} with:`, '---', `sources=${sources}`, '---'];
}

/** @returns a sentence on whether exponents help; undefined where none were looked for */
export function exponentsSentence({ metric, exponents }: HyperoptReport): string | undefined {
  if (!exponents) return undefined;
  const [gained, without] = [exponents.with, exponents.without].map((value) => toFixedEven(value, 4));
  return (
    `Exponents ${exponents.with > exponents.without ? 'help' : 'do not help'}: ${metric} ${gained} with them and ` +
    `${without} without, on documents that they were not chosen by`
  );
}

/**
 * Writes trials as `annif hyperopt --results-file` does: number from 0, value and weights; exponents after them where any
 * were tried.
 *
 * @returns lines without line ends
 */
export function trialLines({ trials }: HyperoptReport): string[] {
  const ids = trials[0]?.sources.map(({ projectId }) => projectId) ?? [];
  const hasExponents = trials.some(({ sources }) => sources.some(({ exponent }) => exponent !== 1));
  const header = ['trial', 'value', ...ids, ...(hasExponents ? ids.map((id) => `${id}:exponent`) : [])];
  const rows = trials.map(({ value, sources }, t) => [
    String(t),
    floatRepr(value),
    ...sources.map(({ weight }) => floatRepr(weight)),
    ...(hasExponents ? sources.map(({ exponent }) => floatRepr(exponent)) : []),
  ]);
  return [header, ...rows].map((cells) => cells.join('\t'));
}
