import {
  type Document,
  IndexingError,
  OperationError,
  type Source,
  type SourceAnswers,
  SuggestionBatch,
  type SuggestOptions,
} from '@catchword/core';

/**
 * Asks all sources for the same documents.
 *
 * A document at a time, so that what sources share (the analysis of a text, its vector) is still at hand when the next
 * source needs it. A source that fails for one document is left out for all of them: whoever can do with fewer sources for
 * some asks about each by itself, as `suggestOneByOne` does.
 *
 * @throws {OperationError} `operation-failed` if every source fails
 */
export async function askSources(
  sources: readonly Source[],
  docs: readonly Document[],
  nSubjects: number,
  options: SuggestOptions,
): Promise<SourceAnswers> {
  const warnings = new Set<string>();
  const failed = new Set<Source>();
  let failure: unknown;
  const rows = sources.map((): SuggestionBatch[] => []);
  for (const doc of docs) {
    for (const [s, source] of sources.entries()) {
      if (failed.has(source)) continue;
      try {
        const batch = await source.suggest([doc], options);
        for (const warning of batch.warnings) warnings.add(warning);
        rows[s].push(batch);
      } catch (error) {
        if (!IndexingError.is(error)) throw error;
        failure = error;
        failed.add(source);
        warnings.add(`source "${source.projectId}" was left out: ${error.message}`);
      }
    }
  }
  const batches = sources.map((source, s) => (failed.has(source) ? undefined : joined(nSubjects, rows[s])));
  if (sources.length > 0 && failed.size === sources.length) {
    throw new OperationError('operation-failed', 'No source of the ensemble could suggest', {
      hint: [...warnings].join('\n'),
      cause: failure,
    });
  }
  return { batches, warnings: [...warnings] };
}

function joined(nSubjects: number, rows: readonly SuggestionBatch[]): SuggestionBatch {
  return rows.length === 1 ? rows[0] : SuggestionBatch.concat(nSubjects, rows);
}
