/**
 * Adds the values of many small trees for many rows, four rows at a time (QuickScorer, Lucchese et al. 2015).
 *
 * For each feature the nodes that ask it lie in the order of their thresholds; a node that a row answers with no (its
 * value is above the threshold) strikes out the leaves below its left child. The leftmost leaf that is left is the row's.
 *
 * @param nodePtr u32[nFeatures + 1], pointers to the nodes that ask a feature, thresholds ascending; each is
 *   f32 threshold, u32 16 * tree, u32 the leaves that it strikes out
 * @param missingPtr u32[nFeatures + 1], the same for nodes that a missing value answers with no: u32 16 * tree, u32 leaves
 * @param leaves u32[nTrees][4], a tree's leaves as bits, once for each of four rows
 * @param alive u32[nTrees][4], working room: the leaves that are left
 * @param values f32[nTrees][32], what a leaf adds
 * @param X f32[..][nFeatures]
 * @param rows u32[n], which rows of X; n is a multiple of four
 * @param out f64[n], added to in the order of the trees
 */
export function scoreTrees(
  nodePtr: usize,
  missingPtr: usize,
  leaves: usize,
  alive: usize,
  values: usize,
  nTrees: i32,
  nFeatures: i32,
  X: usize,
  rows: usize,
  n: i32,
  out: usize,
): void {
  const stride = (<usize>nFeatures) << 2;
  const treeBytes = (<usize>nTrees) << 4;
  const end = rows + ((<usize>n) << 2);
  for (; rows < end; rows += 16, out += 32) {
    memory.copy(alive, leaves, treeBytes);
    const x0 = X + stride * <usize>load<u32>(rows);
    const x1 = X + stride * <usize>load<u32>(rows, 4);
    const x2 = X + stride * <usize>load<u32>(rows, 8);
    const x3 = X + stride * <usize>load<u32>(rows, 12);
    for (let f: usize = 0; f < stride; f += 4) {
      let x = v128.load_splat<f32>(x0 + f);
      x = v128.load_lane<f32>(x1 + f, x, 1);
      x = v128.load_lane<f32>(x2 + f, x, 2);
      x = v128.load_lane<f32>(x3 + f, x, 3);
      const last = <usize>load<u32>(nodePtr + f, 4);
      for (let node = <usize>load<u32>(nodePtr + f); node < last; node += 12) {
        const no = f32x4.gt(x, v128.load_splat<f32>(node));
        if (!v128.any_true(no)) break; // nor is any value above the thresholds that follow
        strikeOut(alive + <usize>load<u32>(node, 4), v128.and(no, v128.load_splat<u32>(node, 8)));
      }
      const missing = f32x4.ne(x, x);
      if (!v128.any_true(missing)) continue;
      const lastMissing = <usize>load<u32>(missingPtr + f, 4);
      for (let node = <usize>load<u32>(missingPtr + f); node < lastMissing; node += 8) {
        strikeOut(alive + <usize>load<u32>(node), v128.and(missing, v128.load_splat<u32>(node, 4)));
      }
    }
    let s0 = load<f64>(out);
    let s1 = load<f64>(out, 8);
    let s2 = load<f64>(out, 16);
    let s3 = load<f64>(out, 24);
    for (let tree: usize = 0, leaf = values; tree < treeBytes; tree += 16, leaf += 128) {
      s0 += <f64>valueOf(leaf, load<u32>(alive + tree));
      s1 += <f64>valueOf(leaf, load<u32>(alive + tree, 4));
      s2 += <f64>valueOf(leaf, load<u32>(alive + tree, 8));
      s3 += <f64>valueOf(leaf, load<u32>(alive + tree, 12));
    }
    store<f64>(out, s0);
    store<f64>(out, s1, 8);
    store<f64>(out, s2, 16);
    store<f64>(out, s3, 24);
  }
}

@inline
function strikeOut(tree: usize, leaves: v128): void {
  v128.store(tree, v128.andnot(v128.load(tree), leaves));
}

@inline
function valueOf(values: usize, alive: u32): f32 {
  return load<f32>(values + ((<usize>ctz(alive)) << 2));
}
