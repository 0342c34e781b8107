import { statSync } from 'node:fs';
import { type Document, IndexingError, type InputError } from '@catchword/core';
import { documentResultPath, suggestionLines } from '@catchword/corpus';
import { atomicWriteFile } from '@catchword/storage';
import { documentChecksum } from './document-chain.js';
import { inputChanged } from './input-files.js';
import type { Failure, Unit } from './job.js';
import { RecordLines, resultPlaces, writesRecords } from './result-places.js';
import { checkRecordsUnchanged, placeResults, type UnitTools } from './run-unit.js';
import { SplicedResult } from './spliced-result.js';
import { triageOf } from './triage.js';
import { UnitProgress } from './unit-progress.js';

/**
 * Tries the failed documents of a unit again, and puts the results of those that succeed where they belong.
 *
 * @param failures in the order of the inputs
 * @throws {OperationError} `job-changed` where a document or a result file is not what it was; the signal's reason. Nothing is changed then.
 */
export async function retryUnit(tools: UnitTools, unit: Unit, failures: readonly Failure[]): Promise<void> {
  const { store, job, fs } = tools;
  checkRecordsUnchanged(job, unit);
  const progress = new UnitProgress(store, job.id, unit);
  const read: { readonly failure: Failure; readonly document?: Document; readonly error?: InputError }[] = [];
  const isFolder = unit.plan.kind === 'folder';
  const recordLines = new RecordLines(tools.lines.subjects, job.modelVersion);
  const results = isFolder
    ? []
    : resultPlaces(store, job, unit.n, unit.plan).map(
        ({ whole, part, gzip }, i) => new SplicedResult(whole, part, unit.lengths[i]?.text ?? 0, gzip, fs),
      );
  const shifted = (offsets: readonly number[]) => offsets.map((offset, i) => offset + (results[i]?.nInserted ?? 0));
  const again = (failure: Failure, error: Error): void => {
    const code = IndexingError.is(error) ? error.code : 'operation-failed';
    const offsets = shifted(failure.offsets);
    const failed = { ...failure, offsets, code, reason: error.message, attempts: failure.attempts + 1 };
    progress.addFailure(failed, true);
    tools.onFailure?.(failed);
  };
  const settleUnreadable = (): void => {
    while (read[0]?.error) again(read[0].failure, (read.shift() as { error: InputError }).error);
  };
  try {
    for await (const { docs, suggestions, failures: failed = [] } of tools.suggest(
      failedDocuments(tools, unit, failures, read),
    )) {
      const errors = new Map(failed.map(({ row, error }) => [row, error]));
      for (const [row, document] of docs.entries()) {
        settleUnreadable();
        const { failure } = read.shift() as (typeof read)[number];
        const error = errors.get(row);
        if (error) {
          again(failure, error);
          continue;
        }
        const output = isFolder ? 0 : triageOf(job.plan, suggestions, row);
        if (isFolder) {
          const lines = suggestionLines(suggestions, row, tools.lines).map((line) => `${line}\n`);
          const path = documentResultPath(document.path as string, job.plan.suffix);
          await atomicWriteFile(path, lines.join(''), fs ? { fs } : {});
        } else {
          const position = { source: failure.source, documents: failure.document };
          const piece =
            output === 0 && writesRecords(job.plan)
              ? recordLines.line(document, suggestions, row, position)
              : (tools.formats[output]?.piece(document, suggestions, row) ?? '');
          await results[output]?.insert(failure.offsets[output] ?? 0, piece);
        }
        progress.addResult(suggestions, row, output);
      }
    }
    settleUnreadable();
    if (isFolder) {
      store.retried(job.id, progress.taken([], 'done'));
      return;
    }
    const lengths = [];
    for (const result of results) lengths.push(await result.end());
    store.retried(job.id, progress.taken(lengths, 'finishing'));
    await placeResults(tools, { ...unit, lengths, counts: progress.taken(lengths, 'finishing').unit.counts });
  } finally {
    for (const result of results) await result.close();
  }
}

/** Reads the failed documents once more, in the order of the inputs. */
async function* failedDocuments(
  { job, open }: UnitTools,
  { plan }: Unit,
  failures: readonly Failure[],
  read: { failure: Failure; document?: Document; error?: InputError }[],
): AsyncGenerator<Document, void, undefined> {
  for (const [source, path] of plan.paths.entries()) {
    const own = failures.filter((failure) => failure.source === source);
    if (own.length === 0) continue;
    const check = (failure: Failure, document: Document): Document => {
      const isSame = failure.checksum === '' || documentChecksum(document).toString(16) === failure.checksum;
      if (!isSame)
        throw inputChanged(job, ` ${failure.path}, document ${failure.document}, is not the one that failed`);
      read.push({ failure, document });
      return document;
    };
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const wanted = new Map(own.map((failure) => [failure.path, failure]));
      const corpus = open(path, {
        isWanted: (file) => wanted.has(file),
        onPassedOver: () => undefined,
        onUnreadable: (file, error) => {
          read.push({ failure: wanted.get(file) as Failure, error });
        },
      });
      for await (const document of corpus.documents()) {
        yield check(wanted.get(document.path as string) as Failure, document);
      }
      continue;
    }
    const wanted = new Map(own.map((failure) => [failure.document, failure]));
    let n = 0;
    const corpus = open(path, {
      isWanted: () => true,
      onPassedOver: () => undefined,
      onUnreadable: (_, error) => {
        const failure = wanted.get(++n);
        wanted.delete(n);
        if (failure) read.push({ failure, error });
      },
    });
    for await (const document of corpus.documents()) {
      const failure = wanted.get(++n);
      if (!failure) continue;
      wanted.delete(n);
      yield check(failure, document);
      if (wanted.size === 0) break;
    }
    if (wanted.size > 0) throw inputChanged(job, ` ${path} has only ${n} documents`);
  }
}
