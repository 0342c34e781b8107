import { InputError } from '@catchword/core';
import { readLines } from '@catchword/input';

/** The suggestions for one document, as `index` wrote them in JSON Lines. */
export interface DocumentResults {
  readonly documentId: string | undefined;
  /** Where results have it. */
  readonly text: string | undefined;
  /** Of results for the records of a job: where the document stands, and the model that suggested. */
  readonly place?: ResultPlace;
  /** The best first. */
  readonly results: readonly { readonly uri: string; readonly score: number }[];
  /** What a person decided who looked through them; empty where nobody has. */
  readonly decisions: readonly ResultDecision[];
}

/** Which of the job's paths, from 0, and which of its documents, from 1. */
export interface ResultPlace {
  readonly source: number;
  readonly document: number;
  readonly modelId: string;
}

/** A subject that a person took over, refused, or gave. */
export interface ResultDecision {
  readonly uri: string;
  readonly action: (typeof ACTIONS)[number];
}

const ACTIONS = ['accepted', 'rejected', 'added'] as const;

/**
 * Reads results that `index` wrote in JSON Lines, gzipped or not.
 *
 * @throws {InputError} as `readLines`; `input-invalid` with path and line for what is no such line
 */
export async function* readResults(path: string): AsyncGenerator<DocumentResults, void, undefined> {
  for await (const { lines, firstLine } of readLines(path)) {
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const results = documentResults(line);
      if (results === undefined) {
        throw new InputError('input-invalid', `${path}, line ${firstLine + i}: this is no line of results`, {
          hint: 'Results are made by: catchword index … --format jsonl',
          context: { path, line: firstLine + i },
        });
      }
      yield results;
    }
  }
}

function documentResults(line: string): DocumentResults | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('results' in value) || !Array.isArray(value.results)) {
    return undefined;
  }
  const results: { uri: string; score: number }[] = [];
  for (const result of value.results as unknown[]) {
    if (typeof result !== 'object' || result === null || !('uri' in result) || !('score' in result)) return undefined;
    const { uri, score } = result;
    if (typeof uri !== 'string' || typeof score !== 'number') return undefined;
    results.push({ uri, score });
  }
  const documentId = 'document_id' in value && typeof value.document_id === 'string' ? value.document_id : undefined;
  const decisions = 'decisions' in value ? resultDecisions(value.decisions) : [];
  const text = 'text' in value && typeof value.text === 'string' ? value.text : undefined;
  return decisions && { documentId, text, results, decisions, ...placeOf(value) };
}

function placeOf(value: object): { readonly place: ResultPlace } | undefined {
  if (!('source' in value) || !('document' in value) || !('model' in value)) return undefined;
  const { source, document, model } = value;
  if (typeof source !== 'number' || typeof document !== 'number' || typeof model !== 'string') return undefined;
  return { place: { source, document, modelId: model } };
}

function resultDecisions(value: unknown): ResultDecision[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const decisions: ResultDecision[] = [];
  for (const decision of value as unknown[]) {
    if (typeof decision !== 'object' || decision === null || !('uri' in decision) || !('action' in decision)) {
      return undefined;
    }
    const action = ACTIONS.find((each) => each === decision.action);
    if (typeof decision.uri !== 'string' || action === undefined) return undefined;
    decisions.push({ uri: decision.uri, action });
  }
  return decisions;
}
