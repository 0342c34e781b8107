/** Four lanes of weights, of which each lies in the highest byte of a lane, times x, added to four sums. */
@inline
function addFour(sums: usize, weights: v128, lanes: usize, x: v128): void {
  const steps = f32x4.convert_i32x4_s(i8x16.swizzle(weights, v128.load(lanes)));
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(steps, x)));
}

/**
 * Adds up the sparse rows of weights that a sparse vector has in a hash table, each times the vector's value.
 *
 * A key's bucket is its number without the lower `shift` bits. A bucket lies together: u8 number of its rows, u16 of each
 * the lower bits of its key, u8 of each where it begins after the first one, then the rows. A row has a bit for each block of
 * eight columns that it has weights in (a byte, or two if `isWide`); a byte for each such block, with a bit for each column;
 * then a signed byte for each weight. Up to 64 bytes behind the last bucket are read as well.
 *
 * All rows are looked up before any is added: so the look-ups, which depend on nothing, wait for memory together.
 *
 * @param keys u32[n]
 * @param values f32[n], each divided by 2^24
 * @param buckets u32[..], first byte of each bucket, from `bytes`; a bucket ends where the next one begins
 * @param lanes u8[256][32], for each byte of column bits the places of its weights in four-byte lanes; see `fillLanes`
 * @param found u32[2 * (n + 1)], working room
 * @param sums f32[8 * nBlocks], overwritten
 */
export function sumWeightRows(
  keys: usize,
  values: usize,
  n: i32,
  buckets: usize,
  bytes: usize,
  shift: u32,
  isWide: bool,
  lanes: usize,
  found: usize,
  sums: usize,
  nBlocks: i32,
): void {
  const last = find(keys, values, n, buckets, bytes, shift, found);
  memory.fill(sums, 0, (<usize>nBlocks) << 5);
  for (; found < last; found += 8) {
    let p = <usize>load<u32>(found);
    const x = v128.load_splat<f32>(found, 4);
    let blocks = isWide ? <u32>load<u16>(p) : <u32>load<u8>(p);
    p += isWide ? 2 : 1;
    let weights = p + <usize>popcnt(blocks);
    for (; blocks != 0; blocks &= blocks - 1, p++) {
      const columns = load<u8>(p);
      const place = lanes + ((<usize>columns) << 5);
      const eight = v128.load64_zero(weights);
      weights += <usize>popcnt<u32>(columns);
      const at = sums + ((<usize>ctz(blocks)) << 5);
      addFour(at, eight, place, x);
      addFour(at + 16, eight, place + 16, x);
    }
  }
}

/** Writes where the rows of keys stand that there are, and the keys' values; returns the end. Without branches up to 16 rows. */
@inline
function find(keys: usize, values: usize, n: i32, buckets: usize, bytes: usize, shift: u32, found: usize): usize {
  const last = keys + ((<usize>n) << 2);
  const toValues = values - keys;
  const lower = (<u32>1 << shift) - 1;
  for (; keys < last; keys += 4) {
    const key = load<u32>(keys);
    const bucket = buckets + ((<usize>(key >> shift)) << 2);
    const from = load<u32>(bucket);
    const begin = bytes + <usize>from;
    const nRows: u32 = from == load<u32>(bucket, 4) ? 0 : <u32>load<u8>(begin);
    const wanted = i16x8.splat(<i16>(key & lower));
    let row: u32 = 0;
    let equal = equalOf16(begin + 1, wanted);
    if (nRows > 16) while (equal == 0 && (row += 16) < nRows) equal = equalOf16(begin + 1 + (<usize>row << 1), wanted);
    row += ctz(equal); // 32 for none
    const starts = begin + 1 + (<usize>nRows << 1);
    store<u32>(found, <u32>starts + nRows + <u32>load<u8>(starts + <usize>row));
    store<f32>(found, load<f32>(keys + toValues), 4);
    found += row < nRows ? 8 : 0; // what follows the keys may look like one
  }
  return found;
}

/** Bits of the 16 numbers that are equal. */
@inline
function equalOf16(numbers: usize, wanted: v128): u32 {
  const first = i16x8.eq(v128.load(numbers), wanted);
  const second = i16x8.eq(v128.load(numbers, 16), wanted);
  return <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(first, second));
}

/** Fills the table that `sumWeightRows` reads. */
export function fillLanes(lanes: usize): void {
  for (let columns = 0; columns < 256; columns++) {
    let rank: u8 = 0;
    for (let column = 0; column < 8; column++, lanes += 4) {
      store<u32>(lanes, 0xffffffff); // no such byte: a lane of zero
      if (columns & (1 << column)) store<u8>(lanes + 3, rank++);
    }
  }
}
