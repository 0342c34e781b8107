import type { Document, SubjectId, SuggestionBatch, Vocabulary } from '@catchword/core';
import type { ExplainedDocument, Project, ProjectSnapshot, ServingThreads, SuggestionFilter } from '@catchword/project';
import { labelLanguage } from './vocabulary-languages.js';

/** One version of a project's model and vocabulary, open in all threads until nobody uses it any more. */
export class ServedModel {
  readonly projectId: string;
  private readonly projectLimit: number;
  readonly snapshot: ProjectSnapshot;
  readonly loadedAt = new Date();
  private readonly key: string;
  private readonly threads: ServingThreads;
  private nUsers = 0;
  private isRetired = false;

  private constructor(project: Project, key: string, snapshot: ProjectSnapshot, threads: ServingThreads) {
    this.projectId = project.id;
    this.projectLimit = project.config.limit ?? Number.POSITIVE_INFINITY;
    this.key = key;
    this.snapshot = snapshot;
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

  /** What answers call it. */
  get version(): string {
    return this.snapshot.version;
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

  explain(doc: Document, subjectIds: readonly SubjectId[], signal: AbortSignal): Promise<ExplainedDocument> {
    return this.threads.explain(this.key, doc, subjectIds, signal);
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
