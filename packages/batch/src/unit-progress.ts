import { OperationError, type SuggestionBatch } from '@catchword/core';
import {
  type Failure,
  HISTOGRAM_BINS,
  type InputPosition,
  type JobState,
  type ResultLengths,
  type Unit,
  type UnitCounts,
  type UnitState,
} from './job.js';
import type { JobStore } from './job-store.js';
import type { SubjectCounts } from './tally-log.js';

/** Noting takes at most this share of the time, however slow the disk is. */
const SHARE_OF_TIME = 0.02;
const SHORTEST_MS = 20;
const LONGEST_MS = 2_000;
/** So many documents in a row fail for a reason that is not theirs. */
const MOST_FAILURES_IN_A_ROW = 100;

/** How sure the suggestions of a document are: their confidence, or where there is none the best score. */
export function certainty(suggestions: SuggestionBatch, row: number): number {
  const from = suggestions.indptr[row] as number;
  if (suggestions.confidence) return suggestions.confidence[row] as number;
  return from < (suggestions.indptr[row + 1] as number) ? (suggestions.scores[from] as number) : 0;
}

/** What has come of a unit since it was last noted, and what there is in all. */
export class UnitProgress {
  private readonly store: JobStore;
  private readonly jobId: string;
  private unit_: Unit;
  private position: InputPosition;
  private readonly counts: { -readonly [K in keyof UnitCounts]: UnitCounts[K] };
  private readonly histogram: number[];
  private readonly outputs: number[];
  private failures: Failure[] = [];
  private subjects: SubjectCounts = new Map();
  private nInARow = 0;
  private notedAt = performance.now();
  private readonly shortestMs: number;
  private waitMs: number;

  /** @param shortestMs noted no more often; 20 unless told */
  constructor(store: JobStore, jobId: string, unit: Unit, shortestMs = SHORTEST_MS) {
    this.shortestMs = shortestMs;
    this.waitMs = shortestMs;
    this.store = store;
    this.jobId = jobId;
    this.unit_ = unit;
    this.position = unit.position;
    this.counts = { ...unit.counts };
    this.histogram = [...unit.counts.histogram];
    this.outputs = [...unit.counts.outputs];
  }

  /** As it was noted last. */
  get unit(): Unit {
    return this.unit_;
  }

  get nDocuments(): number {
    return this.counts.documents;
  }

  /** Counts a document's suggestions. @param output which file they went to */
  addResult(suggestions: SuggestionBatch, row: number, output: number): void {
    this.nInARow = 0;
    const { counts, subjects } = this;
    const [from, to] = [suggestions.indptr[row] as number, suggestions.indptr[row + 1] as number];
    for (let k = from; k < to; k++) {
      const id = suggestions.subjectIds[k] as number;
      subjects.set(id, (subjects.get(id) ?? 0) + 1);
    }
    counts.suggestions += to - from;
    if (from === to) counts.withoutSuggestion++;
    if (suggestions.confidence) counts.hasConfidence = true;
    const bin = Math.min(HISTOGRAM_BINS - 1, Math.floor(certainty(suggestions, row) * HISTOGRAM_BINS));
    (this.histogram[bin] as number)++;
    if (output < this.outputs.length) (this.outputs[output] as number)++;
  }

  /**
   * Sets a document aside.
   *
   * @throws {OperationError} `operation-failed` where one document after the other fails: then it is not for their sake
   */
  addFailure(failure: Failure, isOfDocument: boolean): void {
    this.failures.push(failure);
    if (isOfDocument || ++this.nInARow < MOST_FAILURES_IN_A_ROW) return;
    throw new OperationError(
      'operation-failed',
      `${MOST_FAILURES_IN_A_ROW} documents in a row failed, the last one (${failure.path}, document ${failure.document}) with: ${failure.reason}`,
      { hint: `See to it, then go on: catchword jobs resume ${this.jobId}`, context: { job: this.jobId } },
    );
  }

  keep(): void {
    this.counts.kept++;
  }

  /** Everything up to here is settled. */
  settle(position: InputPosition, isDocument: boolean): void {
    this.position = position;
    if (isDocument) this.counts.documents++;
  }

  /** True when it is time to note again; never in a row of failures, which may turn out not to be the documents' fault. */
  get isDue(): boolean {
    return this.nInARow === 0 && performance.now() - this.notedAt >= this.waitMs;
  }

  /**
   * Notes all of it.
   *
   * @param makeLengths brings results to the disk first
   * @returns the job's state
   */
  async note(makeLengths: () => Promise<readonly ResultLengths[]>, state: UnitState = 'running'): Promise<JobState> {
    const begun = performance.now();
    const lengths = await makeLengths();
    const { failures, subjects, position } = this;
    const unit = { ...this.unit_, state, position, lengths, counts: this.countsNow() };
    const seconds = (begun - this.notedAt) / 1000;
    const jobState = this.store.progress(this.jobId, { unit, failures, subjects, seconds });
    this.unit_ = unit;
    this.failures = [];
    this.subjects = new Map();
    this.notedAt = performance.now();
    this.waitMs =
      this.shortestMs === 0
        ? 0
        : Math.min(LONGEST_MS, Math.max(this.shortestMs, (this.notedAt - begun) / SHARE_OF_TIME));
    return jobState;
  }

  private countsNow(): UnitCounts {
    return { ...this.counts, histogram: [...this.histogram], outputs: [...this.outputs] };
  }

  /** @returns what is to be noted of a unit that was tried again */
  taken(lengths: readonly ResultLengths[], state: UnitState): Parameters<JobStore['retried']>[1] {
    const { failures, subjects } = this;
    const unit = { ...this.unit_, state, lengths, counts: this.countsNow() };
    return { unit, failures, subjects, seconds: (performance.now() - this.notedAt) / 1000 };
  }
}
