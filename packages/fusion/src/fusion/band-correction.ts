import type { JsonValue } from '@catchword/core';
import type { NumericArray } from '@catchword/math';
import { BoundedVoices } from './bounded-voices.js';
import { bandOf, N_BANDS } from './mean-ranker.js';

/** Log odds at which a correction is known; in between it is linear, beyond flat. */
const NODES = [-6, -4.5, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4] as const;
const N_NODES = NODES.length;
const N_CELLS = N_BANDS * N_NODES;
/** What was learnt from training documents counts as so much information, p(1 − p) for each suggestion, at each node. */
const PRIOR = 50;
/** A correction moves log odds by no more than this. */
const MOST = 1;
/** How steep a correction may fall between two nodes: above −1, so that what scored more never scores less. */
const STEEPEST = 0.9;

/** What a document's suggestions were, and how right: `[cell, suggestions, sum of probabilities, right ones]` each. */
export type CorrectionNote = readonly (readonly [number, number, number, number])[];

/**
 * Follows what cataloguers say of suggestions: where those with a probability of 0.4 turn out right in every second case, it
 * says 0.45 after some, and 0.5 after many. Separately in each band of training frequency.
 *
 * Sums of probabilities and of right answers, of suggestions made before their documents were learnt, are kept by band and
 * place on the scale of log odds. At each of these nodes the corrected probability is (right + K p) / (n + K), K so large that
 * what was trained keeps the weight of `PRIOR`. The order of suggestions within a band never changes.
 */
export class BandCorrection {
  /** Shape (N_BANDS, N_NODES) each, row-major. */
  private readonly counts = new Float64Array(N_CELLS);
  private readonly expected = new Float64Array(N_CELLS);
  private readonly right = new Float64Array(N_CELLS);
  /** What log odds change by; of the sums above. */
  private readonly shifts = new Float64Array(N_CELLS);
  private readonly voices: BoundedVoices;

  /** @param nSubjects of the vocabulary */
  constructor(nSubjects: number) {
    this.voices = new BoundedVoices(nSubjects);
  }

  get isEmpty(): boolean {
    return this.voices.isEmpty;
  }

  /** @returns the probability that the correction makes of one; equal while nothing was added */
  correct(probability: number, logFrequency: number): number {
    if (this.voices.isEmpty) return probability;
    const logOdds = Math.log(probability / (1 - probability));
    const first = bandOf(logFrequency) * N_NODES;
    const node = nodeBelow(logOdds);
    const upper = shareOfUpper(logOdds, node);
    const { shifts } = this;
    const shift = shifts[first + node] * (1 - upper) + (upper > 0 ? shifts[first + node + 1] * upper : 0);
    return 1 / (1 + Math.exp(-logOdds - shift));
  }

  /**
   * @param probabilities shape (n), not corrected
   * @param logFrequencies shape (n)
   * @param isRight shape (n)
   * @returns what `add` is to be given when the document is learnt
   */
  static note(
    probabilities: ArrayLike<number>,
    logFrequencies: ArrayLike<number>,
    isRight: readonly boolean[],
  ): CorrectionNote {
    const cells = new Map<number, [number, number, number]>();
    const put = (cell: number, share: number, p: number, right: boolean): void => {
      if (share === 0) return;
      const sums = cells.get(cell) ?? [0, 0, 0];
      cells.set(cell, [sums[0] + share, sums[1] + share * p, sums[2] + (right ? share : 0)]);
    };
    for (let i = 0; i < isRight.length; i++) {
      const p = probabilities[i];
      const logOdds = Math.log(p / (1 - p));
      const first = bandOf(logFrequencies[i]) * N_NODES;
      const node = nodeBelow(logOdds);
      const upper = shareOfUpper(logOdds, node);
      put(first + node, 1 - upper, p, isRight[i]);
      put(first + node + 1, upper, p, isRight[i]);
    }
    const short = (value: number) => Number(value.toPrecision(5));
    return [...cells]
      .sort(([a], [b]) => a - b)
      .map(([cell, [n, expected, right]]) => [cell, short(n), short(expected), short(right)]);
  }

  /** Takes a document's note in; the more often its subjects were taught already, the less it counts. */
  add(note: CorrectionNote, subjects: readonly number[]): void {
    const weight = this.voices.add(subjects);
    for (const [cell, n, expected, right] of note) {
      this.counts[cell] += weight * n;
      this.expected[cell] += weight * expected;
      this.right[cell] += weight * right;
    }
    for (let band = 0; band < N_BANDS; band++) this.settle(band * N_NODES);
  }

  toArrays(): Record<string, NumericArray> {
    if (this.isEmpty) return {};
    const { counts, expected, right } = this;
    return { counts, expected, right, ...this.voices.toArrays() };
  }

  /** @throws {RangeError} if the arrays do not fit together */
  static fromArrays(nSubjects: number, arrays: Readonly<Record<string, NumericArray | undefined>>): BandCorrection {
    const correction = new BandCorrection(nSubjects);
    if (Object.keys(arrays).length === 0) return correction;
    for (const name of ['counts', 'expected', 'right'] as const) {
      const array = arrays[name];
      if (!(array instanceof Float64Array) || array.length !== N_CELLS || !array.every((sum) => sum >= 0)) {
        throw new RangeError(`the ${name} of the correction are missing`);
      }
      correction[name].set(array);
    }
    correction.voices.restore(arrays);
    for (let band = 0; band < N_BANDS; band++) correction.settle(band * N_NODES);
    return correction;
  }

  /** Finds the shifts of the band whose first cell is given. */
  private settle(first: number): void {
    const { counts, expected, right, shifts } = this;
    for (let node = 0; node < N_NODES; node++) {
      const cell = first + node;
      if (counts[cell] === 0) {
        shifts[cell] = 0;
        continue;
      }
      const p = Math.min(1 - 1e-6, Math.max(1e-6, expected[cell] / counts[cell]));
      const prior = PRIOR / (p * (1 - p));
      const corrected = (right[cell] + prior * p) / (counts[cell] + prior);
      const shift = Math.log(corrected / (1 - corrected)) - Math.log(p / (1 - p));
      shifts[cell] = Math.min(MOST, Math.max(-MOST, shift));
    }
    for (let node = 1; node < N_NODES; node++) {
      const least = shifts[first + node - 1] - STEEPEST * (NODES[node] - NODES[node - 1]);
      if (shifts[first + node] < least) shifts[first + node] = least;
    }
  }
}

/** @returns the note, or undefined where a value is none */
export function correctionNote(value: JsonValue | undefined): CorrectionNote | undefined {
  const isCell = (each: unknown): boolean =>
    Array.isArray(each) &&
    each.length === 4 &&
    each.every((number) => Number.isFinite(number) && number >= 0) &&
    Number.isInteger(each[0]) &&
    each[0] < N_CELLS;
  return Array.isArray(value) && value.every(isCell) ? (value as unknown as CorrectionNote) : undefined;
}

/** @returns the last node that is not above, or the first; never the last one of all with anything beyond it */
function nodeBelow(logOdds: number): number {
  let node = 0;
  while (node + 1 < N_NODES && NODES[node + 1] <= logOdds) node++;
  return node;
}

/** @returns how far on the way from the node to the next one, in [0, 1) */
function shareOfUpper(logOdds: number, node: number): number {
  if (node + 1 === N_NODES || logOdds <= NODES[0]) return 0;
  return (logOdds - NODES[node]) / (NODES[node + 1] - NODES[node]);
}
