import {
  type Backend,
  type Document,
  type IndexingError,
  type JsonValue,
  type ModelData,
  OperationError,
  type Transform,
} from '@catchword/core';
import { contentHash } from '@catchword/math';
import { transformDocument } from '@catchword/text';
import type { SuggesterParts } from '../suggester.js';
import type { BrokenSource, SuggesterSource } from '../suggester-source.js';
import { LearntFrequency } from './learnt-frequency.js';
import type { KnownRecords, LearntRecord } from './learnt-records.js';

/** Records that are learnt at a time: as many as are assessed before any of them is known. */
const BATCH_RECORDS = 64;

/** A project and its sources as learning has left them; absent parts have learnt nothing. */
export interface LearntModel {
  readonly model: ModelData;
  /** Shape (nSubjects); absent for an ensemble, which has that of its sources. */
  readonly trainFrequency?: Uint32Array;
  readonly known: KnownRecords;
  /** One for each source of an ensemble. */
  readonly sources: readonly (LearntModel | undefined)[];
}

/** The learning of one suggester, in its thread. */
export class SuggesterLearning {
  private readonly parts: SuggesterParts;
  private readonly backend: Backend;
  private readonly transform: Transform;
  private readonly sources: readonly SuggesterSource[];
  private readonly nSubjects: number;
  private counts: LearntFrequency | undefined;

  constructor(
    parts: SuggesterParts,
    backend: Backend,
    transform: Transform,
    sources: readonly SuggesterSource[],
    nSubjects: number,
  ) {
    this.parts = parts;
    this.backend = backend;
    this.transform = transform;
    this.sources = sources;
    this.nSubjects = nSubjects;
    if (parts.learnt.known) this.counts = this.newCounts();
  }

  get canLearn(): boolean {
    return this.backend.learn !== undefined;
  }

  /** Shape (nSubjects): training documents of each subject and learnt ones; of an ensemble, of the source that has most. */
  get trainFrequency(): Uint32Array {
    if (this.sources.length === 0) return this.counts?.frequency ?? this.parts.trainFrequency;
    const most = new Uint32Array(this.nSubjects);
    for (const { trainFrequency } of this.sources) {
      trainFrequency.forEach((n, id) => {
        if (n > (most[id] as number)) most[id] = n;
      });
    }
    return most;
  }

  get hasLearnt(): boolean {
    return this.counts !== undefined;
  }

  /** A source that cannot be used, sources of sources included; undefined where there is none. */
  get broken(): BrokenSource | undefined {
    for (const { broken } of this.sources) if (broken) return broken;
    return undefined;
  }

  /** @throws {OperationError} `not-supported` if the backend cannot learn; `operation-failed` where a source that might cannot be used */
  requireLearning(): void {
    if (!this.canLearn) throw this.cannotLearn();
  }

  /** Learns what the parts say, once. */
  async begin(onWarning: ((message: string) => void) | undefined): Promise<void> {
    const { learnt, projectId, backend } = this.parts;
    if (this.canLearn || learnt.records.length === 0) return this.replay(learnt.records);
    const { broken } = this;
    const why = broken
      ? `source "${broken.projectId}" cannot be used: ${withHint(broken.failure)}`
      : `backend ${backend} cannot learn them`;
    onWarning?.(`${learnt.records.length} records in the journal of project "${projectId}" are left out: ${why}`);
  }

  /**
   * What the backend notes of records before it learns them.
   *
   * @throws as `requireLearning`
   */
  async assess(docs: readonly Document[]): Promise<readonly JsonValue[]> {
    this.requireLearning();
    const transformed = docs.map((doc) => transformDocument(doc, this.transform));
    return (await this.backend.assess?.(transformed)) ?? docs.map(() => null);
  }

  /**
   * Learns records, and keeps them among the parts for threads that are opened later.
   *
   * @throws as `requireLearning`
   */
  async learn(records: readonly LearntRecord[]): Promise<void> {
    await this.replay(records);
    this.parts.learnt.records.push(...records);
  }

  /** As `learn`; the parts have the records, or are not to have them. */
  async replay(records: readonly LearntRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (!this.backend.learn) throw this.cannotLearn();
    this.counts ??= this.newCounts();
    for (let i = 0; i < records.length; i += BATCH_RECORDS) {
      const batch = records.slice(i, i + BATCH_RECORDS);
      const docs = batch.map(({ doc }) => transformDocument(doc, this.transform));
      const trained = docs.map((doc) => this.backend.trainedSubjects?.(doc) ?? []);
      await this.backend.learn(
        docs,
        batch.map(({ note }) => note),
      );
      for (const [k, { text, subjects = [] }] of docs.entries()) {
        this.counts.add(contentHash(text), subjects, trained[k] ?? []);
      }
    }
  }

  /** @returns what is to be stored; undefined where nothing was learnt */
  models(): LearntModel | undefined {
    if (!this.counts) return undefined;
    return {
      model: this.backend.save(),
      known: this.counts.toRecords(),
      ...(this.sources.length === 0 ? { trainFrequency: this.counts.frequency } : undefined),
      sources: this.sources.map((source) => source.learntModel()),
    };
  }

  private newCounts(): LearntFrequency {
    const { trainFrequency, learnt } = this.parts;
    return new LearntFrequency(this.nSubjects, trainFrequency, learnt.known);
  }

  private cannotLearn(): OperationError {
    const { projectId, backend, sources } = this.parts;
    const { broken } = this;
    if (broken) {
      const { failure } = broken;
      const message = `Cannot learn with project '${projectId}': none of its sources that can be used learns, and "${broken.projectId}" cannot be used: ${failure.message}`;
      return new OperationError('operation-failed', message, {
        ...(failure.hint === undefined ? undefined : { hint: failure.hint }),
        context: { projectId, source: broken.projectId },
        cause: failure,
      });
    }
    return new OperationError(
      'not-supported',
      `Not supported project '${projectId}': Learning not supported by backend`,
      {
        hint:
          sources.length > 0
            ? 'A source has to learn: add one with backend knn.'
            : `Train it again with the new records, or use backend knn: ${backend} learns from a whole corpus.`,
        context: { projectId },
      },
    );
  }
}

function withHint({ message, hint }: IndexingError): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}
