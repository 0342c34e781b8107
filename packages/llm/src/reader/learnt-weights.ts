import type { Fusing } from './fuse.js';

/** Values between which a value's effect is a straight line; of grades from 0 to 3 each has its own. */
const KNOTS = [0, 1 / 3, 2 / 3, 1];
/** Effects of the knots, of the distance from the document's mean value, and of the score itself. */
export const N_EFFECTS = KNOTS.length + 2;
const RIDGE = 2;
const MOST_STEPS = 30;
const LEAST_SLOPE = 0.05;

/** What was learnt of how scores and values tell right candidates, on the scale of log odds. */
export interface Weights {
  /** Log odds that a candidate with this score is right: intercept + slope · logit(score). */
  readonly intercept: number;
  readonly slope: number;
  /** Shape (N_EFFECTS): what is added to these log odds by what the model says. */
  readonly effects: Float64Array;
  /** How much of the effects counts, 0 to 1, as cross-validation found best. */
  readonly share: number;
}

/** A candidate that a model said something of. */
export interface GradedRow {
  readonly score: number;
  readonly value: number;
  /** The mean value of its document. */
  readonly mean: number;
  readonly isRight: boolean;
}

/** Fuses as was learnt. A candidate that nothing was said of keeps its score, and scores stay on the scale of the sources. */
export class LearntWeights implements Fusing {
  readonly weights: Weights;

  constructor(weights: Weights) {
    this.weights = weights;
  }

  fuse(scores: Float32Array, values: Float64Array): Float32Array {
    const { effects, slope, share } = this.weights;
    if (share === 0) return scores.slice();
    const mean = meanValue(values);
    const z = new Float64Array(N_EFFECTS);
    return scores.map((score, i) => {
      const value = values[i] ?? Number.NaN;
      if (Number.isNaN(value)) return score;
      const x = logit(score);
      describe(value, mean, x, z);
      let effect = 0;
      for (let f = 0; f < N_EFFECTS; f++) effect += (effects[f] as number) * (z[f] as number);
      // The score that has, on the scale of the sources, the log odds that the candidate has now.
      return sigmoid(x + (share * effect) / slope);
    });
  }
}

/**
 * Fits the weights: first how scores tell right candidates, then what values add.
 *
 * @param isCalibrated whether scores are probabilities: then they are taken at their word
 */
export function fitWeights(rows: readonly GradedRow[], isCalibrated: boolean): Omit<Weights, 'share'> {
  let [intercept, slope] = [0, 1];
  if (!isCalibrated) {
    const base = fitLogistic(
      rows,
      2,
      1e-3,
      () => 0,
      (row, z) => {
        z[0] = 1;
        z[1] = logit(row.score);
      },
    );
    [intercept = 0, slope = 1] = base;
    if (!(slope >= LEAST_SLOPE)) slope = LEAST_SLOPE;
  }
  const effects = fitLogistic(
    rows,
    N_EFFECTS,
    RIDGE,
    (row) => intercept + slope * logit(row.score),
    (row, z) => describe(row.value, row.mean, logit(row.score), z),
  );
  return { intercept, slope, effects };
}

/** @returns the mean of the values that are there; 0 where none is */
export function meanValue(values: Float64Array): number {
  let [sum, n] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    n++;
  }
  return n === 0 ? 0 : sum / n;
}

function describe(value: number, mean: number, x: number, z: Float64Array): void {
  for (let k = 0; k < KNOTS.length; k++) {
    z[k] = Math.max(0, 1 - Math.abs(value - (KNOTS[k] as number)) * (KNOTS.length - 1));
  }
  z[KNOTS.length] = value - mean;
  z[KNOTS.length + 1] = x / 4; // so that the ridge holds it as it holds the others
}

/** Logistic regression with an offset, by Newton's method; the ridge pulls to 0. */
function fitLogistic(
  rows: readonly GradedRow[],
  nFeatures: number,
  ridge: number,
  offset: (row: GradedRow) => number,
  describeRow: (row: GradedRow, z: Float64Array) => void,
): Float64Array {
  const theta = new Float64Array(nFeatures);
  const z = new Float64Array(nFeatures);
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = theta.map((each) => -ridge * each);
    const hessian = new Float64Array(nFeatures * nFeatures);
    for (let f = 0; f < nFeatures; f++) hessian[f * nFeatures + f] = ridge;
    for (const row of rows) {
      describeRow(row, z);
      let t = offset(row);
      for (let f = 0; f < nFeatures; f++) t += (theta[f] as number) * (z[f] as number);
      const p = sigmoid(t);
      const error = (row.isRight ? 1 : 0) - p;
      const curvature = p * (1 - p);
      for (let f = 0; f < nFeatures; f++) {
        const zf = z[f] as number;
        if (zf === 0) continue;
        gradient[f] = (gradient[f] as number) + error * zf;
        for (let g = 0; g < nFeatures; g++) {
          const at = f * nFeatures + g;
          hessian[at] = (hessian[at] as number) + curvature * zf * (z[g] as number);
        }
      }
    }
    const change = solve(hessian, gradient);
    let largest = 0;
    for (let f = 0; f < nFeatures; f++) {
      const bounded = Math.max(-2, Math.min(2, change[f] as number));
      theta[f] = (theta[f] as number) + bounded;
      largest = Math.max(largest, Math.abs(bounded));
    }
    if (largest < 1e-8) break;
  }
  return theta;
}

/** Solves A x = b for a small symmetric positive definite A by Cholesky's decomposition. @param A shape (n, n), row-major */
function solve(A: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (L[i * n + k] as number) * (L[j * n + k] as number);
      L[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (L[j * n + j] as number);
    }
  }
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (L[i * n + k] as number) * (x[k] as number);
    x[i] = sum / (L[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < n; k++) sum -= (L[k * n + i] as number) * (x[k] as number);
    x[i] = sum / (L[i * n + i] as number);
  }
  return x;
}

function logit(score: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, score));
  return Math.log(p / (1 - p));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
