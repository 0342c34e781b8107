import type { NumericArray } from '@catchword/math';

/** A leaf's mark in `TreeEnsemble.feature`. */
export const LEAF = -1;

/**
 * Many decision trees in flat arrays; nodes of a tree are contiguous, its root first.
 *
 * A node asks `x[feature] <= threshold`; a missing value (NaN) goes where `missingLeft` says.
 */
export class TreeEnsemble {
  readonly nFeatures: number;
  /** Shape (nTrees + 1): tree t owns the nodes `roots[t]..roots[t + 1])`. */
  readonly roots: Uint32Array;
  /** Shape (nNodes): the feature asked, or LEAF. */
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  readonly missingLeft: Uint8Array;
  /** Shape (nNodes): the left child; the right child is the node after it. */
  readonly left: Uint32Array;
  /** Shape (nNodes): what the trees' sum gains when a row ends here; inner nodes hold their rows' mean, for explanations. */
  readonly value: Float32Array;
  /** Shape (nNodes): the summed weight of the training rows that passed. */
  readonly cover: Float32Array;
  /** What the sum starts from. */
  readonly base: number;

  constructor(arrays: TreeArrays, nFeatures: number, base: number) {
    this.nFeatures = nFeatures;
    this.base = base;
    this.roots = arrays.roots;
    this.feature = arrays.feature;
    this.threshold = arrays.threshold;
    this.missingLeft = arrays.missingLeft;
    this.left = arrays.left;
    this.value = arrays.value;
    this.cover = arrays.cover;
  }

  get nTrees(): number {
    return this.roots.length - 1;
  }

  /**
   * The sum of what ensembles over the same features say. Their trees stand in turns, so that the first trees of the sum are the
   * first ones of each: of boosted trees those that say most.
   *
   * @throws {RangeError} if there is none, or they differ in nFeatures
   */
  static sum(ensembles: readonly TreeEnsemble[]): TreeEnsemble {
    const nFeatures = ensembles[0]?.nFeatures ?? Number.NaN;
    if (ensembles.some((each) => each.nFeatures !== nFeatures) || Number.isNaN(nFeatures)) {
      throw new RangeError(`ensembles of ${ensembles.map((each) => each.nFeatures).join(', ')} features have no sum`);
    }
    const nNodes = ensembles.reduce((n, { feature }) => n + feature.length, 0);
    const nTrees = ensembles.reduce((n, each) => n + each.nTrees, 0);
    const summed = {
      roots: new Uint32Array(nTrees + 1),
      feature: new Int16Array(nNodes),
      threshold: new Float32Array(nNodes),
      missingLeft: new Uint8Array(nNodes),
      left: new Uint32Array(nNodes),
      value: new Float32Array(nNodes),
      cover: new Float32Array(nNodes),
    };
    let at = 0;
    let tree = 0;
    for (let t = 0; tree < nTrees; t++) {
      for (const { roots, feature, threshold, missingLeft, left, value, cover, nTrees: own } of ensembles) {
        if (t >= own) continue;
        const [from, to] = [roots[t], roots[t + 1]];
        summed.feature.set(feature.subarray(from, to), at);
        summed.threshold.set(threshold.subarray(from, to), at);
        summed.missingLeft.set(missingLeft.subarray(from, to), at);
        summed.value.set(value.subarray(from, to), at);
        summed.cover.set(cover.subarray(from, to), at);
        for (let node = from; node < to; node++) {
          summed.left[at + node - from] = feature[node] === LEAF ? left[node] : left[node] - from + at;
        }
        at += to - from;
        summed.roots[++tree] = at;
      }
    }
    return new TreeEnsemble(
      summed,
      nFeatures,
      ensembles.reduce((base, each) => base + each.base, 0),
    );
  }

  /**
   * Adds the values of trees [from, to) for many rows.
   *
   * @param X shape (n, nFeatures), row-major
   * @param rows which rows of X, shape (n)
   * @param out shape (n), parallel to `rows`; added to
   */
  addValues(X: Float32Array, rows: Uint32Array, n: number, out: Float64Array, from = 0, to = this.nTrees): void {
    const { feature, threshold, missingLeft, left, value, roots, nFeatures } = this;
    for (let t = from; t < to; t++) {
      const root = roots[t];
      for (let i = 0; i < n; i++) {
        const offset = rows[i] * nFeatures;
        let node = root;
        for (let f = feature[node]; f !== LEAF; f = feature[node]) {
          const v = X[offset + f];
          if (v <= threshold[node]) node = left[node];
          else if (v > threshold[node]) node = left[node] + 1;
          else node = left[node] + 1 - missingLeft[node];
        }
        out[i] += value[node];
      }
    }
  }

  /** @returns the sum of all trees for one row, base included */
  predict(X: Float32Array, row: number): number {
    const out = new Float64Array(1);
    this.addValues(X, Uint32Array.of(row), 1, out);
    return this.base + out[0];
  }

  /**
   * Shares a row's sum among the features: each step down a tree counts for the feature that it asked (Saabas 2014).
   *
   * @returns shape (nFeatures + 1): a contribution a feature, last the part that no feature explains; they add up to `predict`
   */
  contributions(X: Float32Array, row: number): Float64Array {
    const parts = new Float64Array(this.nFeatures + 1);
    const offset = row * this.nFeatures;
    parts[this.nFeatures] = this.base;
    for (let t = 0; t < this.nTrees; t++) {
      let node = this.roots[t];
      parts[this.nFeatures] += this.value[node];
      for (let f = this.feature[node]; f !== LEAF; f = this.feature[node]) {
        const v = X[offset + f];
        const goesLeft = Number.isNaN(v) ? this.missingLeft[node] === 1 : v <= this.threshold[node];
        const child = this.left[node] + (goesLeft ? 0 : 1);
        parts[f] += this.value[child] - this.value[node];
        node = child;
      }
    }
    return parts;
  }

  /** The arrays by name, for a model folder. */
  toArrays(): Record<keyof TreeArrays, NumericArray> {
    const { roots, feature, threshold, missingLeft, left, value, cover } = this;
    return { roots, feature, threshold, missingLeft, left, value, cover };
  }

  /**
   * Checks that arrays from outside can be walked without leaving them or going round in circles.
   *
   * @throws {RangeError} that names what is wrong
   */
  static fromArrays(
    arrays: Readonly<Record<string, NumericArray | undefined>>,
    nFeatures: number,
    base: number,
  ): TreeEnsemble {
    const { roots, feature, threshold, missingLeft, left, value, cover } = arrays;
    const typed =
      roots instanceof Uint32Array &&
      feature instanceof Int16Array &&
      threshold instanceof Float32Array &&
      missingLeft instanceof Uint8Array &&
      left instanceof Uint32Array &&
      value instanceof Float32Array &&
      cover instanceof Float32Array;
    if (!typed) throw new RangeError('an array of the trees is missing or has another type');
    const nNodes = feature.length;
    if ([threshold, missingLeft, left, value, cover].some((a) => a.length !== nNodes)) {
      throw new RangeError('the arrays of the trees differ in length');
    }
    if (roots.length === 0 || roots[0] !== 0 || roots[roots.length - 1] !== nNodes) {
      throw new RangeError(`the trees' roots do not cover ${nNodes} nodes`);
    }
    for (let t = 0; t + 1 < roots.length; t++) {
      if (roots[t] >= roots[t + 1]) throw new RangeError(`tree ${t} has no node`);
      for (let node = roots[t]; node < roots[t + 1]; node++) {
        const f = feature[node];
        if (f < LEAF || f >= nFeatures) throw new RangeError(`node ${node} asks feature ${f} of ${nFeatures}`);
        if (f !== LEAF && (left[node] <= node || left[node] + 1 >= roots[t + 1])) {
          throw new RangeError(`node ${node} has its children outside its tree`);
        }
        if (!Number.isFinite(value[node])) throw new RangeError(`node ${node} has the value ${value[node]}`);
      }
    }
    return new TreeEnsemble({ roots, feature, threshold, missingLeft, left, value, cover }, nFeatures, base);
  }
}

export interface TreeArrays {
  readonly roots: Uint32Array;
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  readonly missingLeft: Uint8Array;
  readonly left: Uint32Array;
  readonly value: Float32Array;
  readonly cover: Float32Array;
}

/** Collects trees node by node. */
export class TreeCollector {
  private readonly roots: number[] = [0];
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly missingLeft: number[] = [];
  private readonly left: number[] = [];
  private readonly value: number[] = [];
  private readonly cover: number[] = [];

  get nNodes(): number {
    return this.feature.length;
  }

  /** Adds a leaf; `split` may turn it into an inner node. */
  addLeaf(value: number, cover: number): number {
    this.feature.push(LEAF);
    this.threshold.push(0);
    this.missingLeft.push(0);
    this.left.push(0);
    this.value.push(value);
    this.cover.push(cover);
    return this.feature.length - 1;
  }

  /** Turns a leaf into an inner node; its children are `left` and `left + 1`. */
  split(node: number, feature: number, threshold: number, missingLeft: boolean, left: number): void {
    this.feature[node] = feature;
    this.threshold[node] = threshold;
    this.missingLeft[node] = missingLeft ? 1 : 0;
    this.left[node] = left;
  }

  setValue(node: number, value: number): void {
    this.value[node] = value;
  }

  endTree(): void {
    this.roots.push(this.feature.length);
  }

  build(nFeatures: number, base: number): TreeEnsemble {
    return new TreeEnsemble(
      {
        roots: Uint32Array.from(this.roots),
        feature: Int16Array.from(this.feature),
        threshold: Float32Array.from(this.threshold),
        missingLeft: Uint8Array.from(this.missingLeft),
        left: Uint32Array.from(this.left),
        value: Float32Array.from(this.value),
        cover: Float32Array.from(this.cover),
      },
      nFeatures,
      base,
    );
  }
}
