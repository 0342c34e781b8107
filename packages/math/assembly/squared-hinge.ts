/**
 * Dual coordinate descent for the squared hinge, `4 * groups` one-vs-rest problems at once.
 *
 * The problems share their rows. W is (nColumns × 4·groups), row-major: one walk over a row's entries gives all margins,
 * the coordinate steps are lane-parallel, one more walk adds the changes. Duals are kept with the sign of their class
 * (beta = y·alpha), so W = Σ beta·x.
 */

/** The sign bits of four lanes of class bits: bit set → +1, else −1. */
@inline
function signsOf(bits: u32): v128 {
  const mask = i32x4(1, 2, 4, 8);
  const isSet = i32x4.eq(v128.and(i32x4.splat(<i32>bits), mask), mask);
  return v128.bitselect(f32x4.splat(1), f32x4.splat(-1), isSet);
}

/** One group's step: stores the new beta, folds the projected gradient into the lane's extremes; returns the change of beta. */
@inline
function step(margin: v128, bits: u32, beta: usize, own: v128, inverse: v128, ridge: v128, extremes: usize, change: usize): v128 {
  const y = signsOf(bits);
  const old = v128.load(beta);
  const m = f32x4.add(margin, f32x4.mul(own, old));
  const alpha = f32x4.abs(old);
  const g = f32x4.add(f32x4.sub(f32x4.mul(y, m), f32x4.splat(1)), f32x4.mul(alpha, ridge));
  const zero = f32x4.splat(0);
  const pg = v128.bitselect(g, f32x4.pmin(g, zero), f32x4.gt(alpha, zero));
  v128.store(extremes, f32x4.pmax(v128.load(extremes), pg));
  v128.store(extremes, f32x4.pmin(v128.load(extremes, 16), pg), 16);
  const fresh = f32x4.mul(y, f32x4.pmax(zero, f32x4.sub(alpha, f32x4.mul(g, inverse))));
  v128.store(change, fresh);
  return v128.and(f32x4.abs(pg), f32x4.gt(f32x4.abs(f32x4.sub(fresh, old)), zero));
}

@inline
function epoch(
  groups: i32,
  order: usize,
  nRows: i32,
  indptr: usize,
  indices: usize,
  values: usize,
  own: usize,
  inverse: usize,
  classes: usize,
  w: usize,
  beta: usize,
  extremes: usize,
  scratch: usize,
  activity: usize,
  ridges: usize,
  quiet: f32,
): i32 {
  const stride = <usize>groups << 4;
  const toValues = values - indices;
  let nChanged = 0;
  for (let k = 0; k < nRows; k++) {
    const r = <usize>load<u32>(order + (<usize>k << 2));
    const from = indices + (<usize>load<u32>(indptr + (r << 2)) << 2);
    const to = indices + (<usize>load<u32>(indptr + (r << 2), 4) << 2);
    // the constant feature has the first row of W
    let s0 = v128.load(w);
    let s1 = groups > 1 ? v128.load(w, 16) : s0;
    let s2 = groups > 2 ? v128.load(w, 32) : s0;
    let s3 = groups > 3 ? v128.load(w, 48) : s0;
    let s4 = groups > 4 ? v128.load(w, 64) : s0;
    let s5 = groups > 5 ? v128.load(w, 80) : s0;
    let s6 = groups > 6 ? v128.load(w, 96) : s0;
    let s7 = groups > 7 ? v128.load(w, 112) : s0;
    for (let p = from; p < to; p += 4) {
      const b = w + <usize>load<u32>(p) * stride;
      const v = v128.load_splat<f32>(p + toValues);
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(b)));
      if (groups > 1) s1 = f32x4.add(s1, f32x4.mul(v, v128.load(b, 16)));
      if (groups > 2) s2 = f32x4.add(s2, f32x4.mul(v, v128.load(b, 32)));
      if (groups > 3) s3 = f32x4.add(s3, f32x4.mul(v, v128.load(b, 48)));
      if (groups > 4) s4 = f32x4.add(s4, f32x4.mul(v, v128.load(b, 64)));
      if (groups > 5) s5 = f32x4.add(s5, f32x4.mul(v, v128.load(b, 80)));
      if (groups > 6) s6 = f32x4.add(s6, f32x4.mul(v, v128.load(b, 96)));
      if (groups > 7) s7 = f32x4.add(s7, f32x4.mul(v, v128.load(b, 112)));
    }
    const bits = load<u32>(classes + (r << 2));
    const rowBeta = beta + r * stride;
    const o = v128.load_splat<f32>(own + (r << 2));
    const q = v128.load_splat<f32>(inverse + (r << 2));
    const d = v128.load_splat<f32>(ridges + (r << 2));
    let most = step(s0, bits, rowBeta, o, q, d, extremes, scratch);
    if (groups > 1) most = f32x4.pmax(most, step(s1, bits >> 4, rowBeta + 16, o, q, d, extremes + 32, scratch + 16));
    if (groups > 2) most = f32x4.pmax(most, step(s2, bits >> 8, rowBeta + 32, o, q, d, extremes + 64, scratch + 32));
    if (groups > 3) most = f32x4.pmax(most, step(s3, bits >> 12, rowBeta + 48, o, q, d, extremes + 96, scratch + 48));
    if (groups > 4) most = f32x4.pmax(most, step(s4, bits >> 16, rowBeta + 64, o, q, d, extremes + 128, scratch + 64));
    if (groups > 5) most = f32x4.pmax(most, step(s5, bits >> 20, rowBeta + 80, o, q, d, extremes + 160, scratch + 80));
    if (groups > 6) most = f32x4.pmax(most, step(s6, bits >> 24, rowBeta + 96, o, q, d, extremes + 192, scratch + 96));
    if (groups > 7) most = f32x4.pmax(most, step(s7, bits >> 28, rowBeta + 112, o, q, d, extremes + 224, scratch + 112));
    const greatest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    store<f32>(activity + (r << 2), greatest);
    if (greatest <= quiet) continue;
    nChanged++;
    const d0 = delta(rowBeta, scratch);
    const d1 = groups > 1 ? delta(rowBeta + 16, scratch + 16) : d0;
    const d2 = groups > 2 ? delta(rowBeta + 32, scratch + 32) : d0;
    const d3 = groups > 3 ? delta(rowBeta + 48, scratch + 48) : d0;
    const d4 = groups > 4 ? delta(rowBeta + 64, scratch + 64) : d0;
    const d5 = groups > 5 ? delta(rowBeta + 80, scratch + 80) : d0;
    const d6 = groups > 6 ? delta(rowBeta + 96, scratch + 96) : d0;
    const d7 = groups > 7 ? delta(rowBeta + 112, scratch + 112) : d0;
    add(w, f32x4.splat(1), groups, d0, d1, d2, d3, d4, d5, d6, d7);
    for (let p = from; p < to; p += 4) {
      add(w + <usize>load<u32>(p) * stride, v128.load_splat<f32>(p + toValues), groups, d0, d1, d2, d3, d4, d5, d6, d7);
    }
  }
  return nChanged;
}

@inline
function delta(beta: usize, fresh: usize): v128 {
  const next = v128.load(fresh);
  const change = f32x4.sub(next, v128.load(beta));
  v128.store(beta, next);
  return change;
}

@inline
function add(b: usize, v: v128, groups: i32, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, d7: v128): void {
  v128.store(b, f32x4.add(v128.load(b), f32x4.mul(v, d0)));
  if (groups > 1) v128.store(b, f32x4.add(v128.load(b, 16), f32x4.mul(v, d1)), 16);
  if (groups > 2) v128.store(b, f32x4.add(v128.load(b, 32), f32x4.mul(v, d2)), 32);
  if (groups > 3) v128.store(b, f32x4.add(v128.load(b, 48), f32x4.mul(v, d3)), 48);
  if (groups > 4) v128.store(b, f32x4.add(v128.load(b, 64), f32x4.mul(v, d4)), 64);
  if (groups > 5) v128.store(b, f32x4.add(v128.load(b, 80), f32x4.mul(v, d5)), 80);
  if (groups > 6) v128.store(b, f32x4.add(v128.load(b, 96), f32x4.mul(v, d6)), 96);
  if (groups > 7) v128.store(b, f32x4.add(v128.load(b, 112), f32x4.mul(v, d7)), 112);
}

/** One pass over the rows in `order`; see `HingeBlock` for the arrays. Returns how many rows changed W. */
export function hingeEpoch(
  groups: i32,
  order: usize,
  nRows: i32,
  indptr: usize,
  indices: usize,
  values: usize,
  own: usize,
  inverse: usize,
  classes: usize,
  w: usize,
  beta: usize,
  extremes: usize,
  scratch: usize,
  activity: usize,
  ridges: usize,
  quiet: f32,
): i32 {
  switch (groups) {
    case 1:
      return epoch(1, order, nRows, indptr, indices, values, own, inverse, classes, w, beta, extremes, scratch, activity, ridges, quiet);
    case 2:
      return epoch(2, order, nRows, indptr, indices, values, own, inverse, classes, w, beta, extremes, scratch, activity, ridges, quiet);
    case 3:
      return epoch(3, order, nRows, indptr, indices, values, own, inverse, classes, w, beta, extremes, scratch, activity, ridges, quiet);
    case 4:
      return epoch(4, order, nRows, indptr, indices, values, own, inverse, classes, w, beta, extremes, scratch, activity, ridges, quiet);
    case 6:
      return epoch(6, order, nRows, indptr, indices, values, own, inverse, classes, w, beta, extremes, scratch, activity, ridges, quiet);
    default:
      return epoch(8, order, nRows, indptr, indices, values, own, inverse, classes, w, beta, extremes, scratch, activity, ridges, quiet);
  }
}

/**
 * Keeps some columns of a row-major matrix and closes the gaps, in place: column c of the result is column `from[c]`, or
 * zero where that is 255.
 */
export function compactColumns(matrix: usize, nRows: i32, width: i32, kept: i32, from: usize, scratch: usize): void {
  for (let r = 0; r < nRows; r++) {
    const source = matrix + ((<usize>r * <usize>width) << 2);
    const target = matrix + ((<usize>r * <usize>kept) << 2);
    for (let c = 0; c < kept; c++) {
      const f = <usize>load<u8>(from + <usize>c);
      store<f32>(scratch + (<usize>c << 2), f == 255 ? 0 : load<f32>(source + (f << 2)));
    }
    for (let c = 0; c < kept; c++) store<f32>(target + (<usize>c << 2), load<f32>(scratch + (<usize>c << 2)));
  }
}

/**
 * Shuffles runs of `together` numbers as they are, then the numbers of every `together` runs: what the numbers of a run point to can so
 * lie together in memory. 1 shuffles all. Fisher-Yates with xorshift32.
 *
 * @param state not 0
 * @returns the generator's state for the next call
 */
export function shuffle(order: usize, n: i32, together: i32, state: u32): u32 {
  state = shuffleRuns(order, n / together, <usize>together << 2, state);
  if (together == 1) return state;
  const window = together * together;
  for (let from = 0; from < n; from += window) {
    state = shuffleRuns(order + (<usize>from << 2), min(window, n - from), 4, state);
  }
  return state;
}

@inline
function shuffleRuns(order: usize, n: i32, bytes: usize, state: u32): u32 {
  for (let i = n - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    const a = order + <usize>i * bytes;
    const b = order + <usize>((<u64>state * <u64>(i + 1)) >> 32) * bytes;
    for (let k: usize = 0; k < bytes; k += 4) {
      const v = load<u32>(a + k);
      store<u32>(a + k, load<u32>(b + k));
      store<u32>(b + k, v);
    }
  }
  return state;
}
