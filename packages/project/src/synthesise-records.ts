import type { Corpus, RawParams, SubjectId, Usage } from '@catchword/core';
import { IndexingError, OperationError } from '@catchword/core';
import type { BudgetLimits, PlannedRecord } from '@catchword/llm';
import { AnswerFolder } from '@catchword/storage';
import type { ProjectVocabulary } from './project.js';

/** What records are written for, and what that may cost. */
export interface SynthesiseOptions {
  /** Subjects with at most so many records. */
  readonly atMost: number;
  /** Records in all, those that are there already included. */
  readonly records: number;
  /** What a record counts in training beside a real one, above 0 and up to 1. */
  readonly weight: number;
  readonly seed: number;
  readonly limits: BudgetLimits;
  /** Ids of records that are there already: nothing is asked for them. */
  readonly done: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A record that a model made up, as a line of a corpus in JSON Lines. */
export interface SyntheticRecord {
  readonly document_id: string;
  readonly text: string;
  readonly subjects: readonly { readonly uri: string; readonly label: string }[];
  /** `synthetic` is `true`; `model` is the one that wrote it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly weight: number;
}

export interface SynthesisReport {
  readonly nRare: number;
  readonly nUnseen: number;
  readonly nPlanned: number;
  readonly nWritten: number;
  /** Why answers were of no use, and how often. */
  readonly refused: Readonly<Record<string, number>>;
  /** What ended the work before its end. */
  readonly stopped?: string;
  readonly usage: Usage;
}

/** Of the project that names the model. */
export interface SynthesisContext {
  readonly projectId: string;
  readonly language: string;
  readonly backend: string;
  readonly params: RawParams;
  readonly vocabulary: ProjectVocabulary;
  readonly answersFolder: string;
  readonly sharedState: SharedArrayBuffer;
}

/** Backends whose endpoint answers conversations. */
const CHAT_BACKENDS = new Set(['llm', 'llm_ensemble', 'llm_keywords']);

/**
 * Has a language model write records for subjects that have few or none, several at the same time, in the order of the plan.
 *
 * @param onRecord called for each record as soon as it is its turn; awaited
 * @throws {OperationError} `not-supported` if the project names no chat model
 * @throws {EndpointError} if the very first answers fail
 */
export async function synthesiseRecords(
  context: SynthesisContext,
  corpus: Corpus,
  options: SynthesiseOptions,
  onRecord: (record: SyntheticRecord) => Promise<void>,
): Promise<SynthesisReport> {
  const { projectId, language, backend, params, sharedState } = context;
  if (!CHAT_BACKENDS.has(backend)) {
    throw new OperationError('not-supported', `Backend "${backend}" asks no language model that could write records`, {
      hint: 'Name a project with backend llm or llm_keywords.',
    });
  }
  const llm = await import('@catchword/llm');
  const ignored = (): void => undefined; // all problems of parameters were reported when the configuration was read
  const service =
    backend === 'llm_ensemble' ? llm.parseLlmEnsembleParams(params, ignored) : llm.parseServiceParams(params, ignored);
  const { vocabulary, allowed } = context.vocabulary;
  const answers = new AnswerFolder(context.answersFolder);
  const instructions = backend === 'llm_ensemble' ? '' : String(params.instructions ?? '').trim();
  const writer = llm.RecordWriter.open(service, { projectId, sharedState, answers }, { language, instructions });
  const { atMost, records, seed, signal, done, onProgress } = options;
  const isAllowed = (id: SubjectId) => allowed[id] === 1;
  const definitions = await context.vocabulary.definitions();
  const meaning = { vocabulary, language, ...(definitions ? { definitions } : undefined) };
  const plan = await llm.planRecords(meaning, corpus, { atMost, records, seed, isAllowed, signal });
  const pending = plan.planned.filter(({ id }) => !done.has(id));
  const budget = new llm.Budget(options.limits, 'the records');
  const refused: Record<string, number> = {};
  let [nWritten, nAsked] = [0, 0];
  let stopped: string | undefined;
  const recordOf = ({ id, subjects }: PlannedRecord, text: string): SyntheticRecord => ({
    document_id: id,
    text,
    subjects: subjects.map((each) => ({
      uri: vocabulary.uri(each),
      label: vocabulary.label(each, context.vocabulary.language) ?? '',
    })),
    metadata: { synthetic: 'true', model: writer.name },
    weight: options.weight,
  });
  try {
    for (let from = 0; from < pending.length && stopped === undefined; from += service.concurrency) {
      signal?.throwIfAborted();
      const some = pending.slice(from, from + service.concurrency);
      const asked = await Promise.allSettled(
        some.map((each) => writer.write(each.task, each.seed, { budget, signal })),
      );
      for (const [i, outcome] of asked.entries()) {
        const planned = some[i] as PlannedRecord;
        if (outcome.status === 'rejected') {
          if (!(outcome.reason instanceof IndexingError)) throw outcome.reason;
          stopped ??= outcome.reason.message;
          continue;
        }
        nAsked++;
        if ('problem' in outcome.value) {
          refused[outcome.value.problem] = (refused[outcome.value.problem] ?? 0) + 1;
          continue;
        }
        await onRecord(recordOf(planned, outcome.value.text));
        nWritten++;
      }
      if (stopped !== undefined && nAsked === 0) {
        throw asked.find((each): each is PromiseRejectedResult => each.status === 'rejected')?.reason;
      }
      onProgress?.(from + some.length, pending.length);
    }
  } finally {
    await writer.close();
  }
  const { nRare, nUnseen, planned } = plan;
  const report = { nRare, nUnseen, nPlanned: planned.length, nWritten, refused, usage: budget.usage };
  return stopped === undefined ? report : { ...report, stopped };
}
