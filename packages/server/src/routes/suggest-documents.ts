import {
  type Document,
  type Explanation,
  IndexingError,
  type RecordEvidence,
  type SubjectId,
  type SuggestionBatch,
} from '@catchword/core';
import { displayLabel, type ExplainedDocument, type SuggestionFilter, type ToExplain } from '@catchword/project';
import type { ServedModel } from '../models/served-model.js';
import { Problem } from '../problem.js';

/** More suggestions than this help nobody, and would make answers without bound. */
export const MOST_SUGGESTIONS = 1000;

/** What a client asks for. */
export interface SuggestQuery {
  readonly limit: number | 'auto';
  readonly threshold: number;
  readonly language?: string;
  readonly explain: boolean;
}

/** One suggestion as Annif gives it, with an explanation where it was asked for. */
export interface SuggestedSubject {
  readonly uri: string;
  readonly label: string;
  readonly notation: string | null;
  readonly score: number;
  readonly explanation?: object;
}

/** The suggestions for one document. */
export interface DocumentSuggestions {
  readonly results: readonly SuggestedSubject[];
  /** The text that positions of evidence count in; only with explanations. */
  readonly text?: string;
  /** What went wrong without hindering the suggestions. */
  readonly warnings?: readonly string[];
  /** Expected F1; only where scores are probabilities. */
  readonly confidence?: number;
}

/**
 * Suggests for documents with one version of a model. A document without text has no suggestions, and confidence 0 where there is one.
 *
 * @returns one answer for each document, in their order
 * @throws {Problem} 400 for a language that the vocabulary has no labels in; else as `ServingThreads.suggest`
 */
export async function suggestDocuments(
  model: ServedModel,
  docs: readonly Document[],
  query: SuggestQuery,
  signal: AbortSignal,
): Promise<DocumentSuggestions[]> {
  const language = model.labelLanguage(query.language);
  const { limit, threshold } = query;
  const answers: DocumentSuggestions[] = docs.map(() => ({ results: [] }));
  const places = limit === 0 ? [] : [...docs.keys()].filter((i) => (docs[i] as Document).text.trim() !== '');
  const asked = places.map((i) => docs[i] as Document);
  const batch = await suggestWithin(model, asked, { limit, threshold, atMost: MOST_SUGGESTIONS }, signal);
  const toExplain = places.flatMap((place, row) => {
    const subjectIds = query.explain ? batch.row(row).map(({ subjectId }) => subjectId) : [];
    return subjectIds.length > 0 ? [{ place, doc: docs[place] as Document, subjectIds }] : [];
  });
  const explained = toExplain.length > 0 ? await explainWhereItCan(model, toExplain, signal) : [];
  const refusal = typeof explained === 'string' ? explained : undefined;
  const byPlace = new Map(toExplain.map(({ place }, k) => [place, refusal ?? explained[k]] as const));
  for (const [row, place] of places.entries()) {
    answers[place] = answerOf(model, batch, row, language, byPlace.get(place));
  }
  return batch.confidence ? answers.map((answer) => ({ confidence: 0, ...answer })) : answers;
}

/** @throws {Problem} 400 for limit `auto` where scores are no probabilities */
async function suggestWithin(
  model: ServedModel,
  docs: readonly Document[],
  filter: SuggestionFilter,
  signal: AbortSignal,
): Promise<SuggestionBatch> {
  try {
    return await model.suggest(docs, filter, signal);
  } catch (error) {
    if (filter.limit !== 'auto' || !IndexingError.is(error) || error.code !== 'not-supported') throw error;
    const { message, hint, code } = error;
    const errors = [{ field: 'limit', message: 'cannot be auto for this project' }];
    throw new Problem(400, message, { hint, code, errors, cause: error });
  }
}

/** @returns what went wrong, for people, where the backend cannot explain: the suggestions are given all the same */
async function explainWhereItCan(
  model: ServedModel,
  docs: readonly ToExplain[],
  signal: AbortSignal,
): Promise<readonly ExplainedDocument[] | string> {
  try {
    return await model.explain(docs, signal);
  } catch (error) {
    if (!IndexingError.is(error) || error.code !== 'not-supported') throw error;
    return error.message;
  }
}

function answerOf(
  model: ServedModel,
  batch: SuggestionBatch,
  row: number,
  language: string,
  given: ExplainedDocument | string | undefined,
): DocumentSuggestions {
  const explained = typeof given === 'object' ? given : undefined;
  const warnings = typeof given === 'string' ? [...batch.warnings, given] : batch.warnings;
  const results = batch.row(row).map(({ subjectId, score }, k): SuggestedSubject => {
    const subject = subjectFacts(model, subjectId, language, score);
    const explanation = explained?.explanations[k];
    return explained && explanation
      ? { ...subject, explanation: shownExplanation(explained.text, explanation) }
      : subject;
  });
  return {
    results,
    ...(explained ? { text: explained.text } : undefined),
    ...(batch.confidence ? { confidence: batch.confidence[row] as number } : undefined),
    ...(warnings.length > 0 ? { warnings } : undefined),
  };
}

/** @param text the one that positions of the evidence count in */
export function shownExplanation(text: string, explanation: Explanation) {
  const { evidence, contributions, scale, sources, records } = explanation;
  return {
    evidence: evidence.map((each) => ({ ...each, words: text.slice(each.start, each.end) })),
    contributions,
    ...(scale ? { scale } : undefined),
    ...(sources
      ? { sources: sources.map(({ projectId, ...share }) => ({ project_id: projectId, ...share })) }
      : undefined),
    ...(records ? { records: records.map(shownRecord) } : undefined),
  };
}

function shownRecord({ documentId, title, similarity, nearDuplicate }: RecordEvidence) {
  return {
    ...(documentId === undefined ? undefined : { document_id: documentId }),
    title,
    similarity,
    ...(nearDuplicate ? { near_duplicate: true } : undefined),
  };
}

function subjectFacts({ vocabulary }: ServedModel, id: SubjectId, language: string, score: number): SuggestedSubject {
  return {
    uri: vocabulary.uri(id),
    label: displayLabel(vocabulary, id, language),
    notation: vocabulary.notation(id) ?? null,
    score,
  };
}
