/**
 * Formats with a fixed number of decimals as C's `printf` and Python do: exact ties go to the even digit.
 *
 * `Number.prototype.toFixed` sends ties up: 0.03125 with four decimals is 0.0313 there and 0.0312 here.
 *
 * @param digits decimals, 0 to 15
 */
export function toFixedEven(x: number, digits: number): string {
  const doubled = x * 2 ** (digits + 1);
  if (!Number.isInteger(doubled) || doubled % 2 === 0) return x.toFixed(digits);
  const scale = 10 ** digits;
  const below = Math.floor(x * scale);
  return ((below % 2 === 0 ? below : below + 1) / scale).toFixed(digits);
}

/** Writes a float as Python's `repr` does: the shortest digits that read back, `1.0` for a whole number, `1e-05`. */
export function floatRepr(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  if (Object.is(x, -0)) return '-0.0';
  return Number.isInteger(x) ? `${x}.0` : String(x);
}
