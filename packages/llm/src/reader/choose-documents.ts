/**
 * Chooses the documents of a batch that a model is to read: those whose suggestions are not sure enough, and of them at most
 * a share of the batch (of a single document, the one), the least sure first.
 *
 * @param confidence shape (nDocs), 0 to 1
 * @param askBelow 1 for all
 * @returns shape (nDocs): true where it is to be read
 */
export function chooseDocuments(confidence: Float64Array, askBelow: number, askShare: number): boolean[] {
  const unsure = Array.from(confidence, (_, i) => i).filter(
    (i) => askBelow >= 1 || (confidence[i] as number) < askBelow,
  );
  const most = askShare <= 0 ? 0 : Math.max(1, Math.round(askShare * confidence.length));
  unsure.sort((a, b) => (confidence[a] as number) - (confidence[b] as number) || a - b);
  const chosen = new Set(unsure.slice(0, most));
  return Array.from(confidence, (_, i) => chosen.has(i));
}
