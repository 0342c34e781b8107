import type { Kernels } from '@catchword/math';

/** How a classifier is learnt. */
export interface HingeParams {
  /** Range of the projected gradient at which a problem of few rows is solved. @see `rangeFor` */
  readonly eps: number;
  /** At most so many visits of a row on average. */
  readonly maxEpochs: number;
}

/** A row whose greatest projected gradient is less than this share of eps changes nothing. */
const QUIET = 0.1;
/** A row whose greatest projected gradient was less than this share of eps is left out until the next pass over all rows. */
const SLEEPING = 0.25;
/** Passes over the rows that are awake between two passes over all. */
const PASSES_AWAKE = 6;
/** Rows of which a cache holds all are visited in an order that is wholly random. */
const FEW_ROWS = 1000;
/**
 * More are visited some runs of so many neighbours at a time, mixed, as what lies together comes from memory at nearly half the cost. Not
 * run by run: rows that follow each other in every pass hand the error of the constant, which all share, to and fro, and take half
 * as many passes again.
 */
const TOGETHER = 16;
/** No gradient is as great. */
const FAR = 3e38;
/** Bytes of W that stay in a core's second-level cache. */
const CACHED_BYTES = 700_000;
const MOST_GROUPS = 8;
/** Problems are solved in groups of so many, a SIMD register's. */
const GROUP = 4;

/** Rows above which a problem may be solved less exactly. */
const MANY_ROWS = 10_000;
/** How much less at most. */
const MOST_SLACK = 3;

/**
 * The range of a gradient is one of extremes, which of more rows lie further apart at the same exactness of the weights; so with a
 * fixed one great nodes would take more visits of each row, and training more time a document the more documents there are.
 *
 * @returns range at which a problem of so many rows is solved
 */
function rangeFor(eps: number, nRows: number): number {
  return eps * Math.min(MOST_SLACK, Math.max(1, Math.sqrt(nRows / MANY_ROWS)));
}

/** Told of solved problems; `problems` are their numbers in the block, `lanes` their columns of the row-major arrays. */
export type OnSolved = (
  problems: readonly number[],
  lanes: readonly number[],
  width: number,
  w: Float32Array,
  beta: Float32Array,
) => void;

/**
 * Solves blocks of one-vs-rest problems over the same rows: ½‖w‖² + Σ cost · max(0, 1 − y·wx)², by dual coordinate descent,
 * all problems of a block at once. Column 0 is a constant feature of value 1.
 *
 * Departs from LIBLINEAR where it saves time and changes next to nothing: a block leaves out the rows that are quiet for all of
 * its problems, not each problem its own; small steps are not taken; a solved problem stops when four can stop together.
 *
 * @see Hsieh et al. 2008, algorithm 3; `assembly/squared-hinge.ts` in math
 */
export class HingeSolver {
  /** Of the rows, to be filled in by the caller: shape (nRows + 1), (nnz) with columns from 1, (nnz). */
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  /** Sum of squares of a row's entries in columns of its own, which are in no other row and have no entry here. */
  readonly own: Float32Array;
  /** What the squared hinge adds to the diagonal: 1 / (2 · cost of the row's loss). */
  readonly ridges: Float32Array;
  /** 1 / (‖x‖² + 1 + ridge), own entries included. */
  readonly inverse: Float32Array;
  /** Bit i is set where the row is positive for problem i of the next block; overwritten while solving. */
  readonly classes: Uint32Array;
  /** Greatest number of problems in a block. */
  readonly blockSize: number;
  private readonly kernels: Kernels;
  private readonly params: HingeParams;
  private readonly nRows: number;
  private readonly nColumns: number;
  private readonly at: Readonly<Record<(typeof ARRAYS)[number], number>>;
  private readonly order: Uint32Array;
  private readonly activity: Float32Array;
  private readonly beta: Float32Array;
  private readonly extremes: Float32Array;
  private readonly kept: Uint8Array;
  private readonly w: Float32Array;

  /** Lays the arrays out in the kernels' memory; what lay there is lost. */
  constructor(kernels: Kernels, nRows: number, nnz: number, nColumns: number, nProblems: number, params: HingeParams) {
    this.kernels = kernels;
    this.params = { ...params, eps: rangeFor(params.eps, nRows) };
    this.nRows = nRows;
    this.nColumns = nColumns;
    const most = GROUP * (nColumns * GROUP * MOST_GROUPS * 4 <= CACHED_BYTES ? MOST_GROUPS : MOST_GROUPS / 2);
    this.blockSize = Math.ceil(nProblems / Math.ceil(nProblems / most));
    const width = laneCount(this.blockSize);
    const perRow = nRows * 4;
    const sizes: Record<(typeof ARRAYS)[number], number> = {
      indptr: perRow + 4,
      indices: nnz * 4,
      values: nnz * 4,
      own: perRow,
      ridges: perRow,
      inverse: perRow,
      classes: perRow,
      order: perRow,
      activity: perRow,
      beta: perRow * width,
      extremes: MOST_GROUPS * GROUP * 8,
      scratch: MOST_GROUPS * GROUP * 4,
      kept: MOST_GROUPS * GROUP,
      w: nColumns * width * 4,
    };
    const places = kernels.layOut(ARRAYS.map((name) => sizes[name]));
    const at = Object.fromEntries(ARRAYS.map((name, i) => [name, places[i]])) as typeof this.at;
    this.at = at;
    const { buffer } = kernels;
    this.indptr = new Uint32Array(buffer, at.indptr, nRows + 1);
    this.indices = new Uint32Array(buffer, at.indices, nnz);
    this.values = new Float32Array(buffer, at.values, nnz);
    this.own = new Float32Array(buffer, at.own, nRows);
    this.ridges = new Float32Array(buffer, at.ridges, nRows);
    this.inverse = new Float32Array(buffer, at.inverse, nRows);
    this.classes = new Uint32Array(buffer, at.classes, nRows);
    this.order = new Uint32Array(buffer, at.order, nRows);
    this.activity = new Float32Array(buffer, at.activity, nRows);
    this.beta = new Float32Array(buffer, at.beta, nRows * width);
    this.extremes = new Float32Array(buffer, at.extremes, MOST_GROUPS * GROUP * 2);
    this.kept = new Uint8Array(buffer, at.kept, MOST_GROUPS * GROUP);
    this.w = new Float32Array(buffer, at.w, nColumns * width);
  }

  /**
   * Solves the problems whose classes stand in `classes`.
   *
   * @param nProblems at most `blockSize`
   * @param state of the generator that shuffles the rows, not 0
   * @param onSolved called with each problem once, those together that are solved at the same time
   * @returns the generator's state
   */
  solve(nProblems: number, state: number, onSolved: OnSolved): number {
    const { nRows, params } = this;
    this.w.fill(0);
    this.beta.fill(0);
    let problems = Array.from({ length: nProblems }, (_, i) => i);
    let groups = laneCount(nProblems) / GROUP;
    let n = this.wakeAll();
    let awake = 0;
    for (let visits = 0; ; ) {
      state = this.pass(groups, n, state);
      visits += n;
      const isLast = visits >= params.maxEpochs * nRows;
      const wasFull = n === nRows;
      const unsolved = problems.map((_, lane) => lane).filter((lane) => this.range(lane) > params.eps);
      awake = wasFull ? 0 : awake + 1;
      // the first pass starts from nothing and says little about the second
      const mayRest = visits > nRows && awake < PASSES_AWAKE && (wasFull || unsolved.length > 0);
      n = mayRest ? this.keepAwake() : 0;
      if (n === 0) n = this.wakeAll();
      if (!wasFull && !isLast) continue; // only a pass over all rows tells whether a problem is solved
      const left = isLast ? [] : unsolved;
      const next = laneCount(left.length) / GROUP;
      if (next === groups) continue;
      const solved = problems.map((_, lane) => lane).filter((lane) => next === 0 || !left.includes(lane));
      const which = solved.map((lane) => problems[lane]);
      onSolved(which, solved, groups * GROUP, this.w, this.beta);
      if (next === 0) return state;
      this.compact(left, groups, next);
      problems = left.map((lane) => problems[lane]);
      groups = next;
    }
  }

  /** One pass over the first n rows of `order`. */
  private pass(groups: number, n: number, state: number): number {
    const { at, extremes, params } = this;
    const { run } = this.kernels;
    for (let g = 0; g < groups; g++) {
      extremes.fill(-FAR, g * 2 * GROUP, g * 2 * GROUP + GROUP);
      extremes.fill(FAR, g * 2 * GROUP + GROUP, (g + 1) * 2 * GROUP);
    }
    const next = run.shuffle(at.order, n, n > FEW_ROWS ? TOGETHER : 1, state) >>> 0;
    run.hingeEpoch(
      groups,
      at.order,
      n,
      at.indptr,
      at.indices,
      at.values,
      at.own,
      at.inverse,
      at.classes,
      at.w,
      at.beta,
      at.extremes,
      at.scratch,
      at.activity,
      at.ridges,
      QUIET * params.eps,
    );
    return next;
  }

  /** Greatest less least projected gradient of the pass. */
  private range(lane: number): number {
    const i = Math.floor(lane / GROUP) * 2 * GROUP + (lane % GROUP);
    return this.extremes[i] - this.extremes[i + GROUP];
  }

  private wakeAll(): number {
    for (let i = 0; i < this.nRows; i++) this.order[i] = i;
    return this.nRows;
  }

  /** Puts the rows that are not quiet in `order`, ascending. Those that were left out have been quiet since they were visited last. */
  private keepAwake(): number {
    const { order, activity, nRows, params } = this;
    const least = SLEEPING * params.eps;
    let kept = 0;
    for (let row = 0; row < nRows; row++) if (activity[row] > least) order[kept++] = row;
    return kept;
  }

  /** Moves the lanes that are left together. */
  private compact(left: readonly number[], groups: number, next: number): void {
    const { at, kept, classes } = this;
    const { run } = this.kernels;
    kept.fill(255);
    kept.set(left);
    run.compactColumns(at.w, this.nColumns, groups * GROUP, next * GROUP, at.kept, at.scratch);
    run.compactColumns(at.beta, this.nRows, groups * GROUP, next * GROUP, at.kept, at.scratch);
    for (let i = 0; i < classes.length; i++) {
      const bits = classes[i];
      if (bits === 0) continue;
      let fresh = 0;
      for (let j = 0; j < left.length; j++) fresh |= ((bits >>> left[j]) & 1) << j;
      classes[i] = fresh;
    }
  }
}

const ARRAYS = [
  'indptr',
  'indices',
  'values',
  'own',
  'ridges',
  'inverse',
  'classes',
  'order',
  'activity',
  'beta',
  'extremes',
  'scratch',
  'kept',
  'w',
] as const;

/** Lanes that the kernel has a variant for, at least n. */
function laneCount(n: number): number {
  const groups = Math.ceil(n / GROUP);
  return GROUP * (groups === 5 ? 6 : groups === 7 ? 8 : groups);
}
