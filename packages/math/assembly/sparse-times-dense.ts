/**
 * out = A · B for sparse A (nRows × n, CSR) and dense B (n × width, row-major, width a multiple of 4).
 *
 * Columns go in blocks of 16, 8 and 4 so that a block of the sums stays in registers.
 */
export function multiplySparse(
  nRows: i32,
  indptr: usize,
  indices: usize,
  values: usize,
  dense: usize,
  width: i32,
  out: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let r = 0; r < nRows; r++) {
    const from = indices + ((<usize>load<u32>(indptr + ((<usize>r) << 2))) << 2);
    const to = indices + ((<usize>load<u32>(indptr + ((<usize>r) << 2), 4)) << 2);
    const toValues = values - indices;
    const row = out + <usize>r * stride;
    let c = 0;
    for (; c + 16 <= width; c += 16) {
      const base = dense + ((<usize>c) << 2);
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (let p = from; p < to; p += 4) {
        const b = base + <usize>load<u32>(p) * stride;
        const v = v128.load_splat<f32>(p + toValues);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(b)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(b, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(b, 32)));
        s3 = f32x4.add(s3, f32x4.mul(v, v128.load(b, 48)));
      }
      const o = row + ((<usize>c) << 2);
      v128.store(o, s0);
      v128.store(o, s1, 16);
      v128.store(o, s2, 32);
      v128.store(o, s3, 48);
    }
    for (; c < width; c += 4) {
      const base = dense + ((<usize>c) << 2);
      let s = f32x4.splat(0);
      for (let p = from; p < to; p += 4) {
        s = f32x4.add(s, f32x4.mul(v128.load_splat<f32>(p + toValues), v128.load(base + <usize>load<u32>(p) * stride)));
      }
      v128.store(row + ((<usize>c) << 2), s);
    }
  }
}
