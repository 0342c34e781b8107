/** The first places, which most people look at: a subject beyond them is hardly ever seen. */
const FIRST = 10;

/**
 * Takes subjects without records for `factor` times as probable in the choice of a document's first ten, and for what they are in the order of
 * these. Where one gold subject in a hundred has no record, the probability of such a candidate is low; that is right, and yet it would hardly
 * ever be seen. So the best of them that are not among the first ten come to the last of these places, in exchange for the trained ones that are there, as
 * long as they are more probable than these by the factor. The candidates above keep their order, and those that had to leave stand next.
 *
 * @param order positions of the candidates, by falling probability; is changed
 * @param probabilities by position
 * @param isUntrained whether the candidate at a position has no record
 * @param factor 1 or less changes nothing
 */
export function promoteUntrained(
  order: Uint32Array,
  probabilities: Float64Array,
  isUntrained: (position: number) => boolean,
  factor: number,
): void {
  if (factor <= 1 || order.length <= FIRST) return;
  const leaving: number[] = [];
  const coming: number[] = [];
  let last = FIRST - 1;
  let next = FIRST;
  for (; ; last--, next++) {
    while (last >= 0 && isUntrained(order[last])) last--;
    while (next < order.length && !isUntrained(order[next])) next++;
    if (last < 0 || next === order.length) break;
    if (probabilities[order[next]] * factor <= probabilities[order[last]]) break;
    leaving.unshift(order[last]);
    coming.push(order[next]);
  }
  if (coming.length === 0) return;
  const changed = order.slice(0, next);
  const stays = (position: number) => !leaving.includes(position) && !coming.includes(position);
  order.set([
    ...changed.subarray(0, FIRST).filter(stays),
    ...coming,
    ...leaving,
    ...changed.subarray(FIRST).filter(stays),
  ]);
}
