import { quote } from './problems.js';

/** One source of an ensemble, as configured: `project`, `project:weight` or `project:weight:exponent`. */
export interface SourceSpec {
  readonly projectId: string;
  /** At least 0. */
  readonly weight: number;
  /** Above 0; scores are raised to it before they are weighted. */
  readonly exponent: number;
}

/**
 * Reads a list of sources as Annif writes it: `a:2,b:1`, with an exponent as a third part where wanted.
 *
 * @param problem called for each part that cannot be used
 */
export function parseSources(text: string, problem: (message: string) => void): SourceSpec[] {
  const sources: SourceSpec[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [projectId = '', weight = '1', exponent = '1', ...rest] = part.split(':').map((each) => each.trim());
    if (rest.length > 0) problem(`${quote(part)} has more parts than project:weight:exponent`);
    const weightNumber = numberFrom(weight);
    const exponentNumber = numberFrom(exponent);
    if (!(weightNumber >= 0)) problem(`${quote(part)}: the weight ${quote(weight)} is not a number from 0 up`);
    if (!(exponentNumber > 0)) problem(`${quote(part)}: the exponent ${quote(exponent)} is not a number above 0`);
    if (sources.some((source) => source.projectId === projectId)) problem(`source ${quote(projectId)} is listed twice`);
    sources.push({ projectId, weight: weightNumber, exponent: exponentNumber });
  }
  if (sources.length > 0 && sources.every(({ weight }) => weight === 0)) problem('all sources have weight 0');
  return sources;
}

/**
 * Writes a list as `parseSources` reads it, weights and exponents with four digits.
 *
 * @param digits weights have at least so many, zeros included
 */
export function formatSources(sources: readonly SourceSpec[], digits = 0): string {
  const rounded = (value: number) => String(Number(value.toFixed(4)));
  const padded = (value: number) => (digits > 0 ? value.toFixed(digits) : rounded(value));
  return sources
    .map(({ projectId, weight, exponent }) =>
      [projectId, padded(weight), ...(exponent === 1 ? [] : [rounded(exponent)])].join(':'),
    )
    .join(',');
}

function numberFrom(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}
