import { type ArrayPack, type CsrMatrix, viewArrays } from '@catchword/math';
import { BeamSearch } from './beam-search.js';
import { LabelTreeModel } from './label-tree-model.js';

/** Of the beam; the order of nodes hardly depends on it. */
const EXPONENT = 3;

/** Documents from..to are to be led through the inner nodes of trees whose leaves may have no classifiers yet. */
export interface RouteTask {
  readonly trees: ArrayPack;
  readonly beam: number;
  readonly from: number;
  readonly to: number;
}

/** Leads documents through the same trees, one task after the other. */
export class DocumentRouter {
  private readonly X: CsrMatrix;
  private readonly nTrees: number;
  private readonly search: BeamSearch;

  constructor(X: CsrMatrix, { trees, beam }: RouteTask) {
    this.X = X;
    const model = LabelTreeModel.fromArrays(viewArrays(trees));
    this.nTrees = model.nTrees;
    this.search = new BeamSearch(model, { beam, exponent: EXPONENT, leafCap: 1 });
  }

  /** @returns for each tree and document, `beam` leaves that the document is led to, and 2^32 - 1 where there are fewer */
  route({ beam, from, to }: RouteTask): Uint32Array {
    const { X, nTrees, search } = this;
    const leaves = new Uint32Array(nTrees * (to - from) * beam).fill(0xffffffff);
    for (let tree = 0, at = 0; tree < nTrees; tree++) {
      for (let doc = from; doc < to; doc++, at += beam) {
        leaves.set(search.leaves(tree, X.indices, X.values, X.indptr[doc], X.indptr[doc + 1]), at);
      }
    }
    return leaves;
  }
}
