import { topK } from '@catchword/math';
import type { CoOccurrence } from './co-occurrence.js';

/** What is said of a candidate by the company it would keep; missing where no record has it. */
export const COMPANY = [
  'givenOthers',
  'bestGivenOther',
  'othersGiven',
  'bestOtherGiven',
  'lift',
  'bestLift',
  'partners',
] as const;
/** Others that count: the likeliest of the document. */
const N_OTHERS = 20;
/** A share of records is mixed with the average, as if that came from so many records. */
const SMOOTHING = 5;

/**
 * Describes how well candidates go with the likeliest others of a document, by the subjects that people gave together.
 * Others count with their weights; c is a candidate, o another:
 *
 * - `givenOthers`, `bestGivenOther`: the share of the records with o that have c, its weighted mean and its highest share times weight
 * - `othersGiven`, `bestOtherGiven`: likewise the share of the records with c that have o
 * - `lift`, `bestLift`: ln of how many times as often as chance would have it records with o have c, if that is more than once
 * - `partners`: the share of the weights that others have with which c shares a record
 */
export class CompanyFeatures {
  private readonly counts: CoOccurrence;
  /** Per subject its place among the candidates + 1. */
  private readonly place: Uint32Array;
  private likely = new Float32Array(256);
  /** Shape (n): what candidates without a common record get of the others, less each one's own part. */
  private own = new Float64Array(256);

  /** @param place shape (nSubjects), filled by whoever calls */
  constructor(counts: CoOccurrence, place: Uint32Array) {
    this.counts = counts;
    this.place = place;
  }

  /**
   * @param ids shape (n), distinct
   * @param weights shape (n), in [0, 1]: how likely candidates are
   * @param at the first of the columns, which are missing so far
   * @param hidden shape (nSubjects): 1 where no record is to be known
   */
  fill(
    ids: Uint32Array,
    weights: Float32Array,
    n: number,
    X: Float32Array,
    nFeatures: number,
    at: number,
    hidden: Uint8Array | undefined,
  ): void {
    const { place } = this;
    const { nRecords, frequency, nSubjects } = this.counts;
    if (this.likely.length < n) {
      this.likely = new Float32Array(n * 2);
      this.own = new Float64Array(n * 2);
    }
    const { likely, own } = this;
    const isKnown = (id: number): boolean => id < nSubjects && frequency[id] > 0 && hidden?.[id] !== 1;
    for (let i = 0; i < n; i++) {
      likely[i] = isKnown(ids[i]) ? weights[i] : -1;
      own[i] = 0;
    }
    const others = topK(ids, likely, n, N_OTHERS).filter((i) => likely[i] > 0);
    let sumWeights = 0;
    let sumShares = 0;
    let sumGiven = 0;
    for (const i of others) {
      const nOther = frequency[ids[i]];
      own[i] = likely[i];
      sumWeights += likely[i];
      sumShares += likely[i] * (nOther / nRecords);
      sumGiven += likely[i] / (nOther + SMOOTHING);
    }
    // What chance alone says: it is the same for all candidates but for their own parts.
    for (let i = 0, o = at; i < n; i++, o += nFeatures) {
      if (likely[i] < 0) continue;
      if (!(sumWeights - own[i] > 0)) continue;
      const ownFrequency = frequency[ids[i]];
      const average = (SMOOTHING * ownFrequency) / nRecords;
      X[o] = average * (sumGiven - own[i] / (ownFrequency + SMOOTHING));
      X[o + 2] = (SMOOTHING / (ownFrequency + SMOOTHING)) * (sumShares - own[i] * (ownFrequency / nRecords));
      X[o + 1] = X[o + 3] = X[o + 4] = X[o + 5] = X[o + 6] = 0;
    }
    for (const other of others) {
      const id = ids[other];
      const weight = likely[other];
      const nOther = frequency[id];
      const { partners, counts } = this.counts.rowOf(id);
      for (let k = 0; k < partners.length; k++) {
        const p = place[partners[k]];
        if (p === 0 || likely[p - 1] < 0) continue;
        const o = (p - 1) * nFeatures + at;
        const nOwn = frequency[partners[k]];
        const average = nOwn / nRecords;
        const given = weight * (counts[k] / (nOther + SMOOTHING));
        const share = (counts[k] + SMOOTHING * average) / (nOther + SMOOTHING);
        const reverse = (counts[k] + (SMOOTHING * nOther) / nRecords) / (nOwn + SMOOTHING);
        const lift = Math.max(0, Math.log(share / average));
        X[o] += given;
        if (weight * share > X[o + 1]) X[o + 1] = weight * share;
        X[o + 2] += weight * (counts[k] / (nOwn + SMOOTHING));
        if (weight * reverse > X[o + 3]) X[o + 3] = weight * reverse;
        X[o + 4] += weight * lift;
        if (weight * lift > X[o + 5]) X[o + 5] = weight * lift;
        X[o + 6] += weight;
      }
    }
    for (let i = 0, o = at; i < n; i++, o += nFeatures) {
      const total = sumWeights - own[i];
      if (likely[i] < 0 || !(total > 0)) continue;
      X[o] /= total;
      X[o + 2] /= total;
      X[o + 4] /= total;
      X[o + 6] /= total;
    }
  }
}
