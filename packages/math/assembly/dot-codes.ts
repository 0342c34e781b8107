/**
 * out = Q · Rᵀ for rows of signed bytes: the dot products of some queries with every row.
 *
 * Bytes lie in [-127, 127], so that two products fit into 16 bits together. Four queries share each load of a row: with very many
 * rows the memory is what takes time.
 *
 * @param rows i8[nRows][width], width a multiple of 16
 * @param queries i8[nQueries][width], nQueries a multiple of 4
 * @param out i32[nQueries][nRows]
 */
export function dotCodes(rows: usize, nRows: i32, width: i32, queries: usize, nQueries: i32, out: usize): void {
  const stride = <usize>width;
  const outStride = (<usize>nRows) << 2;
  for (let q = 0; q < nQueries; q += 4) {
    let row = rows;
    let target = out + <usize>q * outStride;
    const first = queries + <usize>q * stride;
    for (let r = 0; r < nRows; r++, target += 4) {
      let s0 = i32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let query = first;
      const end = row + stride;
      for (; row < end; row += 16, query += 16) {
        const codes = v128.load(row);
        s0 = i32x4.add(s0, products(codes, query));
        s1 = i32x4.add(s1, products(codes, query + stride));
        s2 = i32x4.add(s2, products(codes, query + (stride << 1)));
        s3 = i32x4.add(s3, products(codes, query + stride * 3));
      }
      store<i32>(target, sumOf(s0));
      store<i32>(target + outStride, sumOf(s1));
      store<i32>(target + (outStride << 1), sumOf(s2));
      store<i32>(target + outStride * 3, sumOf(s3));
    }
  }
}

/** Sixteen products, added up in fours. */
@inline
function products(codes: v128, query: usize): v128 {
  const other = v128.load(query);
  const low = i16x8.extmul_low_i8x16_s(codes, other);
  return i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, i16x8.extmul_high_i8x16_s(codes, other)));
}

@inline
function sumOf(s: v128): i32 {
  return (
    i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + (i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3))
  );
}
