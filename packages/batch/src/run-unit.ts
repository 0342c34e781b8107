import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Document, IndexingError, OperationError, type Progress } from '@catchword/core';
import { documentResultPath, type IndexOutputOptions, type ResultFormat, suggestionLines } from '@catchword/corpus';
import type { MarcWriteReport } from '@catchword/marc';
import type { SuggestedBatch } from '@catchword/project';
import { atomicWriteFile, type FileSystem } from '@catchword/storage';
import { carefully } from './careful-suggestions.js';
import { GrowingResult, partPath } from './growing-result.js';
import { checkInputs } from './input-files.js';
import type { Failure, Job, JobState, ResultLengths, Unit, UnitCounts } from './job.js';
import { JobDocuments, type OpenSource, type ReadItem } from './job-documents.js';
import type { JobStore } from './job-store.js';
import { RecordLines, type ResultPlace, resultPlaces, writesRecords } from './result-places.js';
import { triageOf } from './triage.js';
import { UnitProgress } from './unit-progress.js';

/** Suggests for a stream of documents, `nExpected` about, in its order, and sets aside those that fail. */
export type SuggestDocuments = (
  documents: AsyncIterable<Document>,
  nExpected?: number | undefined,
) => AsyncIterable<SuggestedBatch>;

/**
 * Makes the records of a unit with headings: those of its results, none where they have none for a record. The same each time.
 *
 * @param results path of JSON Lines, in the order of the records
 */
export type RecordsOfResults = (
  unit: Unit,
  results: string,
) => { readonly bytes: AsyncIterable<Uint8Array>; readonly report: MarcWriteReport };

/** What units are worked with. */
export interface UnitTools {
  readonly store: JobStore;
  readonly job: Job;
  readonly open: OpenSource;
  readonly suggest: SuggestDocuments;
  /** How results are written, for each output. */
  readonly formats: readonly ResultFormat[];
  /** Makes records of results. */
  readonly records?: RecordsOfResults | undefined;
  /** How the result files of a folder are written. */
  readonly lines: IndexOutputOptions;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of a document that is set aside. */
  readonly onFailure?: ((failure: Failure) => void) | undefined;
  /** Told of a result file that is there and is kept. */
  readonly onKept?: ((path: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @see UnitProgress */
  readonly noteAfterMs?: number | undefined;
  readonly fs?: FileSystem | undefined;
}

/** Thrown where somebody has cancelled the job meanwhile. */
export class Cancelled extends Error {}

/**
 * Works a unit from where it stands to its end.
 *
 * @param nBefore documents of the units before, for the progress
 * @throws {Cancelled}; the signal's reason after an abort, with all noted that was done; whatever reading, suggesting and writing throw: what
 *   was noted stays
 */
export async function runUnit(tools: UnitTools, unit: Unit, nBefore: number): Promise<void> {
  if (unit.state === 'done') return;
  if (unit.state === 'finishing') return placeResults(tools, unit);
  const run = unit.plan.kind === 'folder' ? new FolderRun(tools, unit) : new FileRun(tools, unit);
  await run.run(nBefore);
}

/**
 * Gives whole results their final names, also those that another process has ended.
 *
 * @throws {OperationError} `job-changed` where somebody else has made a file of that name meanwhile, or results are gone
 */
export async function placeResults(tools: UnitTools, unit: Unit): Promise<void> {
  const { store, job, fs } = tools;
  for (const { part, whole } of resultPlaces(store, job, unit.n, unit.plan)) {
    if (existsSync(part)) {
      checkFree(tools, whole);
      await GrowingResult.place(part, whole, fs ? { fs } : {});
    } else if (!existsSync(whole)) throw resultsChanged(job, `${part} and ${whole} are gone`);
  }
  const begun = performance.now();
  const records = writesRecords(job.plan) ? { records: await placeRecords(tools, unit) } : undefined;
  const seconds = (performance.now() - begun) / 1000;
  store.setUnit(job.id, { ...unit, state: 'done', counts: { ...unit.counts, ...records } }, seconds);
}

/** Writes the records of a unit beside their place, then puts them there. @throws as `placeResults`; {Cancelled} */
async function placeRecords(tools: UnitTools, unit: Unit): Promise<NonNullable<UnitCounts['records']>> {
  const { store, job, fs, records, onProgress, signal } = tools;
  if (!records) throw new Error('records are written with what makes them');
  const output = unit.plan.outputs[0] as string;
  const part = partPath(output, job.id);
  // One that is there may be the job's own, of a run that ended just now.
  if (!store.isIntended(job.id, output)) {
    checkFree(tools, output);
    checkRecordsUnchanged(job, unit);
  }
  const nothing = { part: 0, waiting: 0, waitingFile: 0, text: 0 };
  const result = await GrowingResult.open(part, nothing, { gzip: job.plan.gzip, ...(fs ? { fs } : undefined) });
  const { bytes, report } = records(unit, (resultPlaces(store, job, unit.n, unit.plan)[0] as ResultPlace).whole);
  try {
    for await (const block of bytes) {
      signal?.throwIfAborted();
      await result.append(block);
      onProgress?.({ stage: 'writing', done: report.nRecords, unit: 'records', total: unit.counts.documents });
      if (store.job(job.id).state === 'cancelling') throw new Cancelled();
    }
    await result.end();
  } finally {
    await result.close().catch(() => undefined); // an error of writing is the one that explains
  }
  await checkInputs(store, job, [unit]);
  store.intend(job.id, [output]);
  await GrowingResult.place(part, output, fs ? { fs } : {});
  const { size, mtimeMs } = statSync(output);
  return { ...report, size, mtimeMs };
}

/** @throws {OperationError} `job-changed` where somebody has changed the records since the job wrote them: a retry would write over that */
export function checkRecordsUnchanged(job: Job, { plan, counts: { records } }: Unit): void {
  const [output] = plan.outputs;
  const now = output === undefined ? undefined : statSync(output, { throwIfNoEntry: false });
  if (!records || !now || (now.size === records.size && now.mtimeMs === records.mtimeMs)) return;
  throw new OperationError('job-changed', `Cannot write ${output} again: somebody has changed it since the job did`, {
    hint: `Move it away, then: catchword jobs retry ${job.id}`,
    context: { job: job.id, path: output },
  });
}

function resultsChanged(job: Job, what: string): OperationError {
  return new OperationError(
    'job-changed',
    `Cannot go on with job ${job.id}: its results are not as it left them: ${what}`,
    {
      hint: `Bring them back, or begin anew: catchword jobs resume ${job.id} --restart`,
      context: { job: job.id },
    },
  );
}

/** @throws {OperationError} `job-changed` where a file that is not the job's has the name; a retry replaces what the job itself has written */
function checkFree({ job }: UnitTools, path: string): void {
  if (job.state !== 'open' || job.force || !existsSync(path)) return;
  throw new OperationError('job-changed', `Cannot end job ${job.id}: ${path} was made by somebody else meanwhile`, {
    hint: `Move it away, then: catchword jobs resume ${job.id}`,
    context: { job: job.id, path },
  });
}

abstract class UnitRun {
  protected readonly tools: UnitTools;
  protected readonly progress: UnitProgress;
  protected readonly documents: JobDocuments;
  /** False while a batch is written: what is counted and what is written are not the same then. */
  private isWhole = true;

  constructor(tools: UnitTools, unit: Unit) {
    const { store, job, open, noteAfterMs } = tools;
    this.tools = tools;
    this.progress = new UnitProgress(store, job.id, unit, noteAfterMs);
    this.documents = new JobDocuments({
      ...{ job, unit, open },
      isMissing: (path) => this.isMissing(path),
      onRest: () => this.settleRest(),
    });
  }

  async run(nBefore: number): Promise<void> {
    const { store, job, suggest, onProgress, signal } = this.tools;
    const { unit } = this.progress;
    const isCareful = store.beginRun(job.id, unit.n);
    const documents = this.documents.documents();
    const nLeft = unit.expected === undefined ? undefined : Math.max(0, unit.expected - this.progress.nDocuments);
    const begin = () => store.beginDocument(job.id, unit.n, this.progress.nDocuments);
    try {
      await this.begin();
      for await (const batch of isCareful ? carefully(documents, suggest, begin) : suggest(documents, nLeft)) {
        this.isWhole = false;
        await this.take(batch);
        this.isWhole = true;
        const done = nBefore + this.progress.nDocuments;
        const total =
          unit.expected === undefined ? undefined : nBefore + Math.max(unit.expected, this.progress.nDocuments);
        onProgress?.({ stage: 'indexing', done, unit: 'documents', ...(total === undefined ? undefined : { total }) });
        if (this.isDue || isCareful) this.checkState(await this.progress.note(() => this.lengths()));
      }
      this.isWhole = false;
      for (const item of this.documents.rest()) this.settleWithoutDocument(item);
      await checkInputs(store, job, [unit]);
      await this.finish();
    } catch (error) {
      if (signal?.aborted && this.isWhole) await this.progress.note(() => this.lengths());
      throw error;
    } finally {
      store.endRun(job.id, unit.n);
      await this.close();
    }
  }

  protected get isDue(): boolean {
    return this.progress.isDue;
  }

  /** Settles files that cannot be read, or whose results are there, also where no document comes in between for long. */
  private async settleRest(): Promise<void> {
    if (!this.isWhole) return;
    for (const item of this.documents.rest()) this.settleWithoutDocument(item);
    if (this.progress.isDue) this.checkState(await this.progress.note(() => this.lengths()));
  }

  /** Text bytes of each output so far. */
  protected abstract offsets(): number[];
  protected abstract isMissing(path: string): boolean;
  protected abstract begin(): Promise<void>;
  protected abstract write(batch: SuggestedBatch, row: number, item: ReadItem): Promise<number>;
  protected abstract lengths(): Promise<readonly ResultLengths[]>;
  protected abstract finish(): Promise<void>;
  protected abstract close(): Promise<void>;

  protected async take(batch: SuggestedBatch): Promise<void> {
    const failed = new Map(batch.failures?.map(({ row, error }) => [row, error]));
    for (const [row, document] of batch.docs.entries()) {
      const items = this.documents.upTo(document);
      const own = items.pop() as ReadItem;
      for (const item of items) this.settleWithoutDocument(item);
      const error = failed.get(row);
      if (error) this.setAside(own, error, false);
      else {
        const output = await this.write(batch, row, own);
        this.progress.addResult(batch.suggestions, row, output);
      }
      this.progress.settle(own.position, true);
    }
  }

  protected checkState(state: JobState): void {
    if (state === 'cancelling') throw new Cancelled();
  }

  private settleWithoutDocument(item: ReadItem): void {
    if (item.error) this.setAside(item, item.error, true);
    else {
      this.progress.keep();
      this.tools.onKept?.(documentResultPath(item.position.path as string, this.tools.job.plan.suffix));
    }
    this.progress.settle(item.position, item.error !== undefined);
  }

  private setAside({ position, checksum }: ReadItem, error: Error, isOfDocument: boolean): void {
    const { n, plan } = this.progress.unit;
    const failure: Failure = {
      unit: n,
      source: position.source,
      document: position.path === undefined ? position.documents : 0,
      path: position.path ?? (plan.paths[position.source] as string),
      checksum,
      offsets: this.offsets(),
      code: IndexingError.is(error) ? error.code : 'operation-failed',
      reason: error.message,
      attempts: 1,
    };
    this.progress.addFailure(failure, isOfDocument);
    this.tools.onFailure?.(failure);
  }
}

/** Results of many documents in one file, or with triage in three. */
class FileRun extends UnitRun {
  private results: GrowingResult[] = [];
  private readonly recordLines = new RecordLines(this.tools.lines.subjects, this.tools.job.modelVersion);

  protected isMissing(): boolean {
    return true;
  }

  protected offsets(): number[] {
    return this.results.map((result) => result.nTextBytes);
  }

  protected async begin(): Promise<void> {
    const { store, job, fs, formats } = this.tools;
    const { n, plan, lengths, state } = this.progress.unit;
    for (const [i, { part, gzip }] of resultPlaces(store, job, n, plan).entries()) {
      const result = await GrowingResult.open(part, lengths[i] as ResultLengths, {
        gzip,
        ...(fs ? { fs } : undefined),
      }).catch((cause) => {
        if (!IndexingError.is(cause) || cause.code === 'write-failed') throw cause;
        throw resultsChanged(job, cause.message);
      });
      this.results.push(result);
      if (state === 'waiting') await result.append(formats[i]?.head ?? '');
    }
  }

  protected async write({ docs, suggestions }: SuggestedBatch, row: number, { position }: ReadItem): Promise<number> {
    const { job, formats } = this.tools;
    const output = triageOf(job.plan, suggestions, row);
    const document = docs[row] as Document;
    const piece =
      output === 0 && writesRecords(job.plan)
        ? this.recordLines.line(document, suggestions, row, position)
        : (formats[output]?.piece(document, suggestions, row) ?? '');
    await this.results[output]?.append(piece);
    return output;
  }

  protected lengths(): Promise<readonly ResultLengths[]> {
    return inTurn(this.results, (result) => result.commit());
  }

  protected async finish(): Promise<void> {
    for (const [i, result] of this.results.entries()) await result.append(this.tools.formats[i]?.end ?? '');
    const results = this.results;
    await this.progress.note(async () => {
      const lengths = await inTurn(results, (result) => result.end());
      this.results = [];
      return lengths;
    }, 'finishing');
    await placeResults(this.tools, this.progress.unit);
  }

  protected async close(): Promise<void> {
    for (const result of this.results) await result.close().catch(() => undefined); // nothing more is written to it
  }
}

/** A result file for each document of a folder, beside it. */
class FolderRun extends UnitRun {
  protected isMissing(path: string): boolean {
    const { store, job } = this.tools;
    const result = this.resultPath(path);
    return job.force || !existsSync(result) || store.isIntended(job.id, resolve(job.cwd, result));
  }

  protected offsets(): number[] {
    return [];
  }

  protected async begin(): Promise<void> {}

  protected override async take(batch: SuggestedBatch): Promise<void> {
    const { store, job } = this.tools;
    store.intend(
      job.id,
      batch.docs.map((doc) => resolve(job.cwd, this.resultPath(doc.path as string))),
    );
    await super.take(batch);
  }

  /** Files were written one by one, which takes longer than noting that they were. */
  protected override get isDue(): boolean {
    return true;
  }

  protected async write({ docs, suggestions }: SuggestedBatch, row: number): Promise<number> {
    const { fs } = this.tools;
    const lines = suggestionLines(suggestions, row, this.tools.lines).map((line) => `${line}\n`);
    await atomicWriteFile(this.resultPath((docs[row] as Document).path as string), lines.join(''), fs ? { fs } : {});
    return 0;
  }

  protected async lengths(): Promise<readonly ResultLengths[]> {
    return [];
  }

  protected async finish(): Promise<void> {
    await this.progress.note(() => this.lengths(), 'done');
  }

  protected async close(): Promise<void> {}

  private resultPath(path: string): string {
    return documentResultPath(path, this.tools.job.plan.suffix);
  }
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
