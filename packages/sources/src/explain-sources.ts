import type {
  Document,
  Explanation,
  Source,
  SourceShare,
  SubjectId,
  SuggestionBatch,
  TextEvidence,
} from '@catchword/core';

/** Places of one subject that are shown, over all sources. */
const MOST_EVIDENCE = 50;

/**
 * Explains suggestions of an ensemble: what each source gave, and what the sources say of it themselves.
 *
 * @param batches what the sources suggested for the document alone; absent where one failed
 * @param own the ensemble's own score, and what moved it
 */
export async function explainSources(
  sources: readonly Source[],
  batches: readonly (SuggestionBatch | undefined)[],
  doc: Document,
  subjectIds: readonly SubjectId[],
  own: (subjectId: SubjectId) => Pick<Explanation, 'score' | 'contributions' | 'scale'>,
): Promise<Explanation[]> {
  const explained: (readonly Explanation[] | undefined)[] = [];
  for (const [s, source] of sources.entries()) {
    explained.push(batches[s] && source.explain ? await source.explain(doc, subjectIds) : undefined);
  }
  return subjectIds.map((subjectId, i) => {
    const shares = sources.map((source, s): SourceShare => {
      const batch = batches[s];
      const k = batch ? batch.subjectIds.indexOf(subjectId) : -1;
      return {
        projectId: source.projectId,
        score: batch && k >= 0 ? batch.scores[k] : null,
        rank: k >= 0 ? k + 1 : null,
        contributions: explained[s]?.[i]?.contributions ?? [],
        ...(explained[s]?.[i]?.scale ? { scale: explained[s][i].scale } : undefined),
      };
    });
    const records = explained.flatMap((each) => each?.[i]?.records ?? []);
    return {
      subjectId,
      ...own(subjectId),
      ...(records.length > 0 ? { records } : undefined),
      evidence: joinedEvidence(explained.map((each) => each?.[i]?.evidence ?? [])),
      sources: shares,
    };
  });
}

/** Places that several sources name stand once; where there are too many, labels come before terms. */
function joinedEvidence(lists: readonly (readonly TextEvidence[])[]): TextEvidence[] {
  const places = new Map<string, TextEvidence>();
  for (const place of lists.flat()) {
    const key = `${place.start} ${place.end}`;
    if (!places.has(key)) places.set(key, place);
  }
  const all = [...places.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  if (all.length <= MOST_EVIDENCE) return all;
  const labels = all.filter(({ kind }) => kind !== 'term').slice(0, MOST_EVIDENCE);
  const terms = all.filter(({ kind }) => kind === 'term').slice(0, MOST_EVIDENCE - labels.length);
  return [...labels, ...terms].sort((a, b) => a.start - b.start || a.end - b.end);
}
