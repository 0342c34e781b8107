/** @returns the array, or a longer one that begins with its values: at least `length` and twice as long */
export function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  if (array.length >= length) return array as Uint32Array<ArrayBuffer>;
  const more = new Uint32Array(Math.max(length, array.length * 2));
  more.set(array);
  return more;
}
