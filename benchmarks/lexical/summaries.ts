import type { ProgramName } from '../harness/indexing-program.js';
import type { Quality } from '../harness/quality.js';
import type { ProgramRun } from '../harness/run-program.js';
import { mean, median, spread } from '../harness/statistics.js';
import type { ResultLine } from './result-line.js';

export type LineOf<Kind extends ResultLine['kind']> = Extract<ResultLine, { readonly kind: Kind }>;

/** In the order of columns. */
export const PROGRAMS: readonly ProgramName[] = ['annif', 'catchword'];

/** @returns the lines of one kind */
export function linesOf<Kind extends ResultLine['kind']>(lines: readonly ResultLine[], kind: Kind): LineOf<Kind>[] {
  return lines.filter((line): line is LineOf<Kind> => line.kind === kind);
}

/** Names in the order of their first line. */
export function namesOf<Line>(lines: readonly Line[], name: (line: Line) => string): string[] {
  return [...new Set(lines.map(name))];
}

/** The mean over several trainings. */
export interface MeanQuality {
  readonly n: number;
  readonly f1At5: number;
  readonly ndcgAt10: number;
  readonly bands: readonly (number | null)[];
  readonly nGold: readonly number[];
  readonly nDocs: number;
}

/** @returns the quality by the independent evaluator, or by `catchword eval` where that was not there */
export function meanQuality(lines: readonly ResultLine[], test: string, program: ProgramName): MeanQuality | undefined {
  const all = linesOf(lines, 'quality').filter((line) => line.test === test && line.program === program);
  // The independent evaluator judges both sides; the other speaks only where that was not there.
  const independent = all.filter((line) => line.evaluator === 'evaluate.py');
  const found: Quality[] = (independent.length > 0 ? independent : all).map((line) => line.quality);
  const first = found[0];
  if (!first) return undefined;
  return {
    n: found.length,
    f1At5: mean(found.map((each) => each.f1At5)),
    ndcgAt10: mean(found.map((each) => each.ndcgAt10)),
    bands: first.bands.map((band, i) => (band === null ? null : mean(found.map((each) => each.bands[i] ?? 0)))),
    nGold: first.nGold,
    nDocs: first.nDocs,
  };
}

/** @returns a − b, or null where one of them is missing */
export const minus = (a: number | null | undefined, b: number | null | undefined): number | null =>
  typeof a === 'number' && typeof b === 'number' ? a - b : null;

/** Medians of runs that belong together. */
export interface ProgramSummary {
  readonly n: number;
  readonly wallSeconds: number;
  readonly wallSpread: number;
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
}

/** @returns undefined of no runs */
export function summary(runs: readonly ProgramRun[]): ProgramSummary | undefined {
  if (runs.length === 0) return undefined;
  return {
    n: runs.length,
    wallSeconds: median(runs.map((run) => run.wallSeconds)),
    wallSpread: spread(runs.map((run) => run.wallSeconds)),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds ?? Number.NaN)),
    peakRssMiB: median(runs.map((run) => run.peakRssMiB ?? Number.NaN)),
  };
}

/** @returns a / b, or null where one of them is missing */
export const ratio = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a / b;

/** Speed and memory of suggesting. */
export interface SuggestRates {
  /** Documents a second, and by processor time, of each round. */
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
  readonly peakRssMiB: number;
}

/** @returns undefined where the program was not measured */
export function suggestRates(
  lines: readonly ResultLine[],
  test: string,
  program: ProgramName,
): SuggestRates | undefined {
  const own = linesOf(lines, 'index').filter((line) => line.test === test && line.program === program);
  if (own.length === 0) return undefined;
  return {
    wall: own.map((line) => line.docsPerSecond),
    cpu: own.map((line) => line.docsPerCpuSecond ?? Number.NaN),
    peakRssMiB: median(own.map((line) => line.run.peakRssMiB ?? Number.NaN)),
  };
}

/** Kinds of lines that hold one run of a program. */
export type RunKind = 'load-vocab' | 'train' | 'suggest';

/** @returns the medians of both sides, each undefined where it was not measured; `name` is a vocabulary or a set */
export function runsOf(lines: readonly ResultLine[], kind: RunKind, name: string) {
  const own = lines
    .filter((line): line is LineOf<RunKind> => line.kind === kind)
    .filter((line) => nameOf(line) === name);
  const [annif, catchword] = PROGRAMS.map((program) =>
    summary(own.filter((line) => line.program === program).map((line) => line.run)),
  );
  return { annif, catchword };
}

const nameOf = (line: LineOf<RunKind>) => (line.kind === 'load-vocab' ? line.vocabulary : line.set);
