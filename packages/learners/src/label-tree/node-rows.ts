import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { Uint32List } from '@catchword/math';

/** The documents and features that a node's classifiers learn from, renumbered. */
export interface NodeRows {
  readonly nRows: number;
  /** Documents, ascending. */
  readonly docs: Uint32Array;
  /** Features that two of the documents or more have; local feature j stands at `features[j - 1]`, 0 is the constant. */
  readonly features: Uint32Array;
  /** Entries of `features`. */
  readonly nnz: number;
}

/**
 * Finds the rows of one node after the other, in working memory that is kept.
 *
 * A feature that a single document has shares its weight with no other: its part of that document's margin is the dual times
 * the square of the value. So such entries (half of them in a small node) need no column; `own` sums their squares.
 */
export class NodeRowFinder {
  private readonly X: CsrMatrix;
  private readonly postings: CsrPattern;
  /** While a node is worked on: the number of a document's row in it plus one. */
  readonly rowOf: Uint32Array;
  /** While a node is worked on: the local number of a feature; 0 for one that one document has alone. */
  readonly local: Uint32Array;
  /** While a node is worked on: 1 for documents that have one of its labels. */
  private readonly isInside: Uint8Array;
  private readonly seen = new Uint32List(1024);
  private docs: Uint32Array = new Uint32Array(0);

  constructor(X: CsrMatrix, postings: CsrPattern) {
    this.X = X;
    this.postings = postings;
    this.rowOf = new Uint32Array(X.nRows);
    this.isInside = new Uint8Array(X.nRows);
    this.local = new Uint32Array(X.nCols);
  }

  /** Begins a node: its documents are those of its labels, and others from outside, in the order in which their rows lie in memory. */
  open(labels: Uint32Array, outside: Uint32Array): NodeRows {
    const { X, postings, rowOf, isInside, local, seen } = this;
    const docs = new Uint32List(1024);
    for (const label of labels) {
      for (let k = postings.indptr[label]; k < postings.indptr[label + 1]; k++) {
        const doc = postings.indices[k];
        if (rowOf[doc] !== 0) continue;
        rowOf[doc] = 1;
        isInside[doc] = 1;
        docs.push(doc);
      }
    }
    for (const doc of outside) {
      if (rowOf[doc] !== 0) continue;
      rowOf[doc] = 1;
      docs.push(doc);
    }
    this.docs = docs.data.subarray(0, docs.length);
    this.docs.sort();
    seen.clear();
    for (let i = 0; i < this.docs.length; i++) {
      const doc = this.docs[i];
      rowOf[doc] = i + 1;
      for (let e = X.indptr[doc]; e < X.indptr[doc + 1]; e++) {
        const f = X.indices[e];
        if (local[f]++ === 0) seen.push(f);
      }
    }
    let nnz = 0;
    let n = 0;
    for (let i = 0; i < seen.length; i++) {
      const f = seen.data[i];
      if (local[f] < 2) {
        local[f] = 0;
        continue;
      }
      nnz += local[f];
      seen.data[n++] = f;
      local[f] = n;
    }
    seen.length = n;
    return { nRows: this.docs.length, docs: this.docs, features: seen.data.subarray(0, n), nnz };
  }

  /** Writes the rows of the node that is open; shapes as in NodeRows; `own`, `ridges` and `inverse` (nRows). */
  write(
    indptr: Uint32Array,
    indices: Uint32Array,
    values: Float32Array,
    own: Float32Array,
    ridges: Float32Array,
    inverse: Float32Array,
    ridge: number,
    outsideRidge: number,
    weights?: Float32Array,
  ): void {
    const { X, docs, local } = this;
    let n = 0;
    indptr[0] = 0;
    for (let i = 0; i < docs.length; i++) {
      const doc = docs[i];
      let alone = 0;
      let square = 0;
      for (let e = X.indptr[doc]; e < X.indptr[doc + 1]; e++) {
        const f = local[X.indices[e]];
        const v = X.values[e];
        square += v * v;
        if (f === 0) alone += v * v;
        else {
          indices[n] = f;
          values[n++] = v;
        }
      }
      own[i] = alone;
      ridges[i] = (this.isInside[doc] === 1 ? ridge : outsideRidge) / (weights ? weights[doc] : 1);
      inverse[i] = 1 / (square + 1 + ridges[i]);
      indptr[i + 1] = n;
    }
  }

  /** Ends the node. */
  close(): void {
    for (const doc of this.docs) {
      this.rowOf[doc] = 0;
      this.isInside[doc] = 0;
    }
    for (let i = 0; i < this.seen.length; i++) this.local[this.seen.data[i]] = 0;
  }
}
