/**
 * Finds out before the work whether Annif has the metrics that were asked for.
 *
 * @param known those that may be asked for
 * @throws {OperationError} `usage-invalid` for the first one that is not known
 */
export async function checkMetrics(names: readonly string[], known: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const { nearestMetrics } = await import('./nearest-metrics.js');
  const { OperationError } = await import('@catchword/core');
  const meant = nearestMetrics(unknown, known).map((name) => `"${name}"`);
  throw new OperationError('usage-invalid', `Invalid value for '-m' / '--metric': there is no metric '${unknown}'.`, {
    hint: `${meant.length > 0 ? `Did you mean ${meant.join(' or ')}? ` : ''}Metrics: ${known.join(', ')}.`,
  });
}
