import { Float32List, topK, Uint32List } from '@catchword/math';
import type { SubjectId } from './document.js';
import type { Evidence } from './evidence.js';
import { sumUsage, type Usage } from './usage.js';

/** One suggestion, for those who want an object. */
export interface Suggestion {
  readonly subjectId: SubjectId;
  /** In (0, 1]. */
  readonly score: number;
}

/**
 * Suggestions for several documents: shape (nDocs, nSubjects) in compressed sparse rows.
 *
 * A row is ordered by score descending, ties by ascending id; scores are in (0, 1] and each subject stands once in a row.
 */
export class SuggestionBatch {
  readonly nSubjects: number;
  readonly indptr: Uint32Array;
  readonly subjectIds: Uint32Array;
  readonly scores: Float32Array;
  /** Present where it was asked for and the backend has any. */
  readonly evidence: Evidence | undefined;
  /** What went wrong without hindering the suggestions, for people: a source that was left out. */
  readonly warnings: readonly string[];
  /** Shape (nDocs), where scores are probabilities: the F1 that each document's suggestions can be expected to have. */
  readonly confidence: Float32Array | undefined;
  /** What models elsewhere cost that were asked for it; absent where none was. */
  readonly usage: Usage | undefined;

  constructor(
    nSubjects: number,
    indptr: Uint32Array,
    subjectIds: Uint32Array,
    scores: Float32Array,
    further: {
      readonly evidence?: Evidence | undefined;
      readonly warnings?: readonly string[];
      readonly confidence?: Float32Array | undefined;
      readonly usage?: Usage | undefined;
    } = {},
  ) {
    this.nSubjects = nSubjects;
    this.indptr = indptr;
    this.subjectIds = subjectIds;
    this.scores = scores;
    this.evidence = further.evidence;
    this.warnings = further.warnings ?? [];
    this.confidence = further.confidence;
    this.usage = further.usage;
  }

  get nDocs(): number {
    return this.indptr.length - 1;
  }

  /** @returns the suggestions of document i as objects */
  row(i: number): Suggestion[] {
    const row: Suggestion[] = [];
    for (let k = this.indptr[i] as number; k < (this.indptr[i + 1] as number); k++) {
      row.push({ subjectId: this.subjectIds[k] as number, score: this.scores[k] as number });
    }
    return row;
  }

  /**
   * Keeps of each row the first `limit` entries whose subject is allowed, and of these the ones with score >= threshold.
   *
   * @param limit one for all rows, or one for each
   * @param allowed tells whether a subject may be suggested; absent: all may
   */
  filter(limit: number | ArrayLike<number>, threshold: number, allowed?: (id: SubjectId) => boolean): SuggestionBatch {
    const builder = new SuggestionBatchBuilder(this.nSubjects, this.evidence?.names);
    builder.warn(this.warnings);
    builder.charge(this.usage);
    for (let i = 0; i < this.nDocs; i++) {
      const most = typeof limit === 'number' ? limit : (limit[i] as number);
      let kept = 0;
      for (let k = this.indptr[i] as number; k < (this.indptr[i + 1] as number) && kept < most; k++) {
        const id = this.subjectIds[k] as number;
        if (allowed && !allowed(id)) continue;
        kept++;
        if ((this.scores[k] as number) < threshold) continue;
        builder.push(id, this.scores[k] as number);
        if (this.evidence) builder.pushEvidence(this.evidence.values, k);
      }
      builder.endRow();
    }
    return builder.build();
  }

  /** Joins batches over the same subjects, rows in order; evidence where all of them have the same columns, confidence where all have it. */
  static concat(nSubjects: number, batches: readonly SuggestionBatch[]): SuggestionBatch {
    const names = batches[0]?.evidence?.names;
    const alike = batches.every((batch) => batch.evidence?.names.join('\n') === names?.join('\n'));
    const builder = new SuggestionBatchBuilder(nSubjects, alike ? names : undefined);
    for (const batch of batches) {
      builder.warn(batch.warnings);
      builder.charge(batch.usage);
      for (let i = 0; i < batch.nDocs; i++) {
        for (let k = batch.indptr[i] as number; k < (batch.indptr[i + 1] as number); k++) {
          builder.push(batch.subjectIds[k] as number, batch.scores[k] as number);
          if (alike && batch.evidence) builder.pushEvidence(batch.evidence.values, k);
        }
        builder.endRow();
      }
    }
    const joined = builder.build();
    const confidence = joinConfidence(batches);
    if (!confidence) return joined;
    const { indptr, subjectIds, scores, ...further } = joined;
    return new SuggestionBatch(nSubjects, indptr, subjectIds, scores, { ...further, confidence });
  }
}

/** @returns undefined where a batch has none, or there is no batch */
function joinConfidence(batches: readonly SuggestionBatch[]): Float32Array | undefined {
  if (batches.length === 0) return undefined;
  const joined = new Float32Array(batches.reduce((sum, { nDocs }) => sum + nDocs, 0));
  let at = 0;
  for (const { confidence, nDocs } of batches) {
    if (!confidence) return undefined;
    joined.set(confidence, at);
    at += nDocs;
  }
  return joined;
}

/** Rows of evidence that there is room for from the start: the candidates of a document. */
const EVIDENCE_CAPACITY = 100;
/** Entries that there is room for at first: those of a batch of documents, most times. */
const ENTRY_CAPACITY = 640;

/** Builds a SuggestionBatch row by row. */
export class SuggestionBatchBuilder {
  private readonly nSubjects: number;
  private readonly indptr = new Uint32List();
  private readonly ids = new Uint32List(ENTRY_CAPACITY);
  private readonly scores = new Float32List(ENTRY_CAPACITY);
  private readonly names: readonly string[] | undefined;
  private readonly values: Float32List;
  private readonly warnings = new Set<string>();
  private usage: Usage | undefined;

  /** @param evidenceNames the columns of evidence; where there are any, each `push` is followed by a `pushEvidence` */
  constructor(nSubjects: number, evidenceNames?: readonly string[]) {
    this.nSubjects = nSubjects;
    this.names = evidenceNames;
    this.values = new Float32List(evidenceNames ? EVIDENCE_CAPACITY * evidenceNames.length : 0);
    this.indptr.push(0);
  }

  /** Appends to the current row; the caller keeps the batch's order. */
  push(id: SubjectId, score: number): void {
    this.ids.push(id);
    this.scores.push(score);
  }

  /** @param values row-major, as many columns as the batch has; row `k` belongs to the entry pushed last */
  pushEvidence(values: Float32Array, k: number): void {
    const nColumns = this.names?.length ?? 0;
    const own = this.values;
    own.reserve(own.length + nColumns);
    const { data, length } = own;
    // A few numbers: a view of them would take longer than they do.
    for (let c = 0, from = k * nColumns; c < nColumns; c++) data[length + c] = values[from + c] as number;
    own.length += nColumns;
  }

  /** Notes warnings of the batch; the same text counts once. */
  warn(messages: Iterable<string>): void {
    for (const message of messages) this.warnings.add(message);
  }

  /** Adds what models elsewhere cost. */
  charge(usage: Usage | undefined): void {
    this.usage = sumUsage([this.usage, usage]);
  }

  endRow(): void {
    this.indptr.push(this.ids.length);
  }

  /**
   * Appends a whole row: the `limit` best of the candidates, scores cut to at most 1, those not above 0 dropped.
   *
   * @param ids shape (n), distinct, any order
   * @param evidence shape (n, nColumns), row-major; needed where the batch has columns
   */
  pushTop(ids: ArrayLike<number>, scores: ArrayLike<number>, n: number, limit: number, evidence?: Float32Array): void {
    for (const k of topK(ids, scores, n, limit)) {
      const score = scores[k] as number;
      if (!(score > 0)) break;
      this.push(ids[k] as number, Math.min(score, 1));
      if (evidence) this.pushEvidence(evidence, k);
    }
    this.endRow();
  }

  build(): SuggestionBatch {
    const { names } = this;
    return new SuggestionBatch(this.nSubjects, this.indptr.toArray(), this.ids.toArray(), this.scores.toArray(), {
      evidence: names && { names, values: this.values.toArray() },
      warnings: [...this.warnings],
      usage: this.usage,
    });
  }
}
