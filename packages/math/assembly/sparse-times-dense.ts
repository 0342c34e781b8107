/**
 * out = A · B for sparse A (nRows × nCols, CSR) and dense B (nCols × width, width a multiple of 4).
 *
 * B lies in blocks of 16 columns, the last one narrower, one after the other and each row-major: so a row of a block is a line of the
 * cache, and a block of which many rows are touched at random is a fraction of B. The sums of a block stay in registers.
 *
 * @param out f32[nRows][width], row-major, overwritten
 */
export function multiplySparse(
  nRows: i32,
  nCols: i32,
  indptr: usize,
  indices: usize,
  values: usize,
  dense: usize,
  width: i32,
  out: usize,
): void {
  const stride = (<usize>width) << 2;
  const toValues = values - indices;
  let c = 0;
  for (; c + 16 <= width; c += 16, dense += (<usize>nCols) << 6) {
    let o = out + ((<usize>c) << 2);
    for (let r = 0; r < nRows; r++, o += stride) {
      const from = indices + ((<usize>load<u32>(indptr + ((<usize>r) << 2))) << 2);
      const to = indices + ((<usize>load<u32>(indptr + ((<usize>r) << 2), 4)) << 2);
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (let p = from; p < to; p += 4) {
        const b = dense + ((<usize>load<u32>(p)) << 6);
        const v = v128.load_splat<f32>(p + toValues);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(b)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(b, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(b, 32)));
        s3 = f32x4.add(s3, f32x4.mul(v, v128.load(b, 48)));
      }
      v128.store(o, s0);
      v128.store(o, s1, 16);
      v128.store(o, s2, 32);
      v128.store(o, s3, 48);
    }
  }
  const rest = (<usize>(width - c)) << 2;
  for (; c < width; c += 4, dense += 16) {
    let o = out + ((<usize>c) << 2);
    for (let r = 0; r < nRows; r++, o += stride) {
      const from = indices + ((<usize>load<u32>(indptr + ((<usize>r) << 2))) << 2);
      const to = indices + ((<usize>load<u32>(indptr + ((<usize>r) << 2), 4)) << 2);
      let s = f32x4.splat(0);
      for (let p = from; p < to; p += 4) {
        s = f32x4.add(s, f32x4.mul(v128.load_splat<f32>(p + toValues), v128.load(dense + <usize>load<u32>(p) * rest)));
      }
      v128.store(o, s);
    }
  }
}
