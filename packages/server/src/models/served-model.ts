import type { Document, SuggestionBatch, Vocabulary } from '@catchword/core';
import {
  assessNew,
  type ExplainedDocument,
  markLearnt,
  type NotedDocument,
  type Project,
  type ProjectSnapshot,
  type ServingThreads,
  type SuggestionFilter,
  snapshotVersion,
  type ToExplain,
  type WrittenRecords,
} from '@catchword/project';
import { labelLanguage } from './vocabulary-languages.js';

/** One version of a project's model and vocabulary, open in all threads until nobody uses it any more. */
export class ServedModel {
  readonly projectId: string;
  private readonly projectLimit: number;
  readonly snapshot: ProjectSnapshot;
  readonly loadedAt = new Date();
  private readonly key: string;
  private readonly threads: ServingThreads;
  private version_: string;
  private nUsers = 0;
  private isRetired = false;

  private constructor(project: Project, key: string, snapshot: ProjectSnapshot, threads: ServingThreads) {
    this.projectId = project.id;
    this.projectLimit = project.config.limit ?? Number.POSITIVE_INFINITY;
    this.key = key;
    this.snapshot = snapshot;
    this.version_ = snapshot.version;
    this.threads = threads;
  }

  /** @param key of all versions ever opened in these threads no other's */
  static async open(
    project: Project,
    key: string,
    snapshot: ProjectSnapshot,
    threads: ServingThreads,
  ): Promise<ServedModel> {
    await threads.open(key, snapshot.parts);
    return new ServedModel(project, key, snapshot, threads);
  }

  /** What answers call it; another name after it has learnt. */
  get version(): string {
    return this.version_;
  }

  get vocabulary(): Vocabulary {
    return this.snapshot.vocabulary.vocabulary;
  }

  /**
   * @param wanted what a client asks for, the project's own where it does not
   * @throws {Problem} 400 where the vocabulary has no labels in it
   */
  labelLanguage(wanted: string | undefined): string {
    return labelLanguage(this.vocabulary, wanted, this.snapshot.vocabulary.language);
  }

  /** Keeps the model open while something is done with it. */
  async using<T>(work: (model: ServedModel) => Promise<T>): Promise<T> {
    this.nUsers++;
    try {
      return await work(this);
    } finally {
      this.nUsers--;
      this.closeIfUnused();
    }
  }

  suggest(docs: readonly Document[], filter: SuggestionFilter, signal: AbortSignal): Promise<SuggestionBatch> {
    return this.threads.suggest(this.key, docs, this.capped(filter), signal);
  }

  /** @returns every subject with a score, up to a number, whatever the limit of the project's configuration */
  rank(doc: Document, atMost: number, signal: AbortSignal): Promise<SuggestionBatch> {
    return this.threads.suggest(this.key, [doc], { limit: atMost, threshold: 0 }, signal);
  }

  explain(docs: readonly ToExplain[], signal: AbortSignal): Promise<ExplainedDocument[]> {
    return this.threads.explain(this.key, docs, signal);
  }

  /**
   * Learns records in every thread, after `write` has put them on the disk.
   *
   * @param docs with usable gold subjects
   * @throws as `ServingThreads.assess` and `learn`, and `write`
   */
  async learn(
    docs: readonly Document[],
    write: (noted: readonly NotedDocument[]) => Promise<WrittenRecords>,
  ): Promise<void> {
    const { snapshot, threads, key } = this;
    const noted = await assessNew(docs, snapshot.learnt, (fresh) => threads.assess(key, fresh));
    if (noted.length === 0) return;
    const { added, records } = await write(noted);
    await threads.learn(key, records);
    markLearnt(snapshot.learnt, added);
    this.version_ = snapshotVersion(snapshot);
  }

  /** Closes it as soon as nobody uses it; a newer version has taken its place. */
  retire(): void {
    this.isRetired = true;
    this.closeIfUnused();
  }

  /** The limit of the project's configuration holds for everybody. */
  private capped({ limit, threshold, atMost = Number.POSITIVE_INFINITY }: SuggestionFilter): SuggestionFilter {
    const most = Math.min(atMost, this.projectLimit);
    return { limit: limit === 'auto' ? limit : Math.min(limit, most), threshold, atMost: most };
  }

  private closeIfUnused(): void {
    if (this.isRetired && this.nUsers === 0) void this.threads.close(this.key);
  }
}
