import type { BackendContext, Document, Source, SuggestionBatch, Usage } from '@catchword/core';
import { findsSimilar, similarInSources } from '@catchword/sources';
import { Budget } from '../client/budget.js';
import { EndpointError } from '../client/endpoint-error.js';
import { CandidateLines } from './candidate-lines.js';
import type { CandidateReader, CandidateReading } from './candidate-reader.js';
import type { LlmParams } from './params.js';
import { exampleLines, shownText } from './shown-text.js';

/** What came of reading some documents. */
export interface BatchReading {
  /** One for each document; undefined where it was not to be read. */
  readonly readings: readonly (CandidateReading | undefined)[];
  readonly usage: Usage;
  /** For people: what went wrong. */
  readonly warnings: readonly string[];
}

export interface ReadBatchOptions {
  /** Shape (nDocs): which documents are to be read; absent: all. */
  readonly wanted?: readonly boolean[];
  /** Shape (nSubjects): 1 for subjects that no record is to have. */
  readonly hidden?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Has a model read documents with the candidates of their sources, several at the same time. */
export class BatchReader {
  readonly reader: CandidateReader;
  private readonly params: LlmParams;
  private readonly lines: CandidateLines;
  private readonly projectId: string;

  constructor(reader: CandidateReader, params: LlmParams, context: BackendContext) {
    this.reader = reader;
    this.params = params;
    this.lines = new CandidateLines(context, params.definitionCharacters);
    this.projectId = context.projectId;
  }

  /** @param sources for examples; `base` holds the candidates */
  async read(
    docs: readonly Document[],
    base: SuggestionBatch,
    sources: readonly Source[],
    options: ReadBatchOptions = {},
  ): Promise<BatchReading> {
    const { wanted, hidden, signal } = options;
    const batch = new Budget(this.params.batch, 'a batch');
    const readings = await Promise.all(
      docs.map(async (doc, i) => {
        const row = base.subjectIds.subarray(base.indptr[i] as number, base.indptr[i + 1] as number);
        const ids = row.subarray(0, this.params.candidates);
        if (wanted?.[i] === false || ids.length === 0 || doc.text.trim() === '') return undefined;
        const budget = new Budget(this.params.document, 'a document', batch);
        return this.reader.read({
          text: shownText(doc.text, this.params.textCharacters),
          candidates: Array.from(ids, (id) => this.lines.line(id)),
          examples: await this.examples(doc, sources, hidden),
          ...{ budget, signal },
        });
      }),
    );
    return { readings, usage: batch.usage, warnings: this.warnings(readings) };
  }

  private async examples(doc: Document, sources: readonly Source[], hidden: Uint8Array | undefined): Promise<string[]> {
    const { examples, mode } = this.params;
    if (examples === 0 || mode === 'cross-encoder' || !findsSimilar(sources)) return [];
    return exampleLines(await similarInSources(sources, doc, examples), this.lines, hidden);
  }

  private warnings(readings: readonly (CandidateReading | undefined)[]): string[] {
    const { name } = this.reader;
    const warnings = new Set<string>();
    for (const reading of readings) {
      if (!reading) continue;
      const nSaid = reading.values.reduce((n, value) => n + (Number.isNaN(value) ? 0 : 1), 0);
      const why = reading.failure ? `: ${reading.failure.message}` : '';
      if (nSaid === 0) {
        warnings.add(
          `${name} did not read some texts for "${this.projectId}", which keep the scores of the sources${why}`,
        );
      } else if (nSaid < reading.values.length && this.params.mode !== 'listwise') {
        warnings.add(
          `${name} left some candidates out for "${this.projectId}", which keep the scores of the sources${why}`,
        );
      }
    }
    return [...warnings];
  }
}

/** @throws {EndpointError} for what was not read and why, where a model has to have read something */
export function requireReadings(readings: readonly CandidateReading[], leastShare: number): void {
  const read = readings.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
  if (readings.length > 0 && read.length >= readings.length * leastShare) return;
  const cause = readings.find(({ failure }) => failure)?.failure;
  const message = `Cannot learn from what a model reads: it read ${read.length} of ${readings.length} documents`;
  throw new EndpointError('unreadable', message, {
    hint: cause?.message ?? 'Look at one document: catchword llm try PROJECT FILE',
    cause,
  });
}
