import type { Document } from '@catchword/core';
import type { Project, ProjectVocabulary, Registry, ServingThreads, StoredVocabulary } from '@catchword/project';
import { Problem } from '../problem.js';
import { journalBytes, modelStamp } from './file-stamp.js';
import { ServedModel } from './served-model.js';

/** What happens to models, for logs and figures. */
export interface ModelEvents {
  onLoaded(model: ServedModel, seconds: number): void;
  onRetired(model: ServedModel): void;
  /** The model has learnt, and has another name than before. */
  onLearnt(model: ServedModel, before: string): void;
  /** A model on the disk cannot be used; the one before serves on where there is one. */
  onRefused(projectId: string, error: Error): void;
}

interface Entry {
  readonly project: Project;
  /** What its files looked like when they were last read. */
  stamp?: string;
  model?: ServedModel;
  /** Why the files of this stamp cannot be used. */
  refusal?: Error;
  opening?: Promise<void>;
  /** Ends when nothing is being opened or learnt any more. */
  turn?: Promise<unknown>;
}

/**
 * The projects that are served, each in its newest version.
 *
 * A model is opened at its first use. Whoever trains it again, or loads another vocabulary, does so in another process;
 * `refresh` finds that out, opens the new version beside the old one and puts it in its place. What is under way ends
 * with the version that it began with.
 */
export class ServedProjects {
  readonly registry: Registry;
  private readonly threads: ServingThreads;
  private readonly events: ModelEvents;
  private readonly entries = new Map<string, Entry>();
  private readonly vocabularyStamps = new Map<string, string>();
  private nOpened = 0;

  constructor(registry: Registry, threads: ServingThreads, events: ModelEvents) {
    this.registry = registry;
    this.threads = threads;
    this.events = events;
    for (const project of registry.projects()) {
      if (project.config.access !== 'private') this.entries.set(project.id, { project });
    }
  }

  /** @returns those that anybody may see */
  listed(): Project[] {
    return [...this.entries.values()].map(({ project }) => project).filter(({ config }) => config.access === 'public');
  }

  /** @returns all that are served, hidden ones included */
  ids(): string[] {
    return [...this.entries.keys()];
  }

  /** @throws {Problem} 404; a private project is treated as one that is not there */
  project(id: string): Project {
    return this.entry(id).project;
  }

  /** @returns the version that serves now, or undefined where none was opened */
  opened(id: string): ServedModel | undefined {
    return this.entries.get(id)?.model;
  }

  /**
   * @returns the newest version; opened where none was
   * @throws {Problem} 404; else as `Project.snapshot`
   */
  async model(id: string): Promise<ServedModel> {
    const entry = this.entry(id);
    if (entry.model) return entry.model;
    if (this.isStale(entry)) await this.load(entry);
    return openedIn(entry);
  }

  /**
   * Has a project learn from documents: they are on the disk, and known in every thread, when the promise is fulfilled.
   *
   * @returns how many were learnt; those without text or usable subject are left out
   * @throws {OperationError} `not-enabled`, `not-supported`, `write-failed`; else as `model`
   */
  async learn(id: string, docs: readonly Document[]): Promise<number> {
    const entry = this.entry(id);
    entry.project.learning.requireEnabled();
    return this.inTurn(entry, async () => {
      if (!entry.model && this.isStale(entry)) await this.loadNow(entry);
      const model = openedIn(entry);
      const { allowed } = model.snapshot.vocabulary;
      const usable = docs
        .map((doc) => ({ ...doc, subjects: (doc.subjects ?? []).filter((subject) => allowed[subject] === 1) }))
        .filter(({ text, subjects }) => text.trim() !== '' && subjects.length > 0);
      await model.using(() => this.learnNow(entry, model, usable));
      return usable.length;
    });
  }

  /** One after the other: a model that is opened while another learns would not know it, and yet take its place. */
  private inTurn<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
    const result = (entry.turn ?? Promise.resolve()).then(work);
    entry.turn = result.catch(() => undefined); // told to whoever asked for it
    return result;
  }

  private async learnNow(entry: Entry, model: ServedModel, docs: readonly Document[]): Promise<void> {
    const { project } = entry;
    const version = model.version;
    const stamp = this.stampOf(project);
    const nBefore = journalBytes(project.folder);
    let nBytes = 0;
    await model.learn(docs, async (noted) => {
      const written = await project.learning.add(noted, model.snapshot);
      nBytes = written.nBytes;
      return written;
    });
    if (model.version !== version) this.events.onLearnt(model, version);
    // What others have written meanwhile is found by the next `refresh`: only our own bytes are known already.
    const isOurs = entry.model === model && entry.stamp === stamp && journalBytes(project.folder) === nBefore + nBytes;
    if (isOurs) entry.stamp = this.stampOf(project);
  }

  /** Takes over what has changed on the disk. Does not throw. */
  async refresh(): Promise<void> {
    for (const entry of this.entries.values()) {
      const isInUse = entry.model !== undefined || entry.refusal !== undefined;
      if (isInUse && this.isStale(entry)) await this.load(entry);
    }
  }

  /** Whether what is on the disk was not read yet. */
  private isStale(entry: Entry): boolean {
    return (!entry.model && !entry.refusal) || this.stampOf(entry.project) !== entry.stamp;
  }

  /** Forgets a vocabulary that changed on the disk, so that whoever asks for it gets the new one. */
  private refreshVocabulary(id: string): void {
    const { vocabularyStore } = this.registry;
    const stamp = modelStamp(vocabularyStore.folder(id));
    const before = this.vocabularyStamps.get(id);
    if (before === stamp) return;
    if (before !== undefined) vocabularyStore.forget(id);
    this.vocabularyStamps.set(id, stamp);
  }

  /**
   * Opens a vocabulary in its newest version.
   *
   * @throws {OperationError} `vocabulary-not-found`
   * @throws {ModelError} `model-damaged`, `model-incompatible`
   */
  vocabulary(id: string): Promise<StoredVocabulary> {
    this.refreshVocabulary(id);
    return this.registry.vocabularyStore.open(id);
  }

  /**
   * Opens the vocabulary of a project, trained or not, in its newest version.
   *
   * @throws {Problem} 404; else as `Project.vocabulary`
   */
  async projectVocabulary(id: string): Promise<ProjectVocabulary> {
    const { project } = this.entry(id);
    if (project.config.vocab) this.refreshVocabulary(project.config.vocab.id);
    return project.vocabulary();
  }

  private entry(id: string): Entry {
    const entry = this.entries.get(id);
    if (!entry) throw new Problem(404, `Project '${id.slice(0, 100)}' not found`, { title: 'Project not found' });
    return entry;
  }

  private async load(entry: Entry): Promise<void> {
    // What is asked for meanwhile may be there by then.
    const loadIfStale = async () => {
      if (this.isStale(entry)) await this.loadNow(entry);
    };
    entry.opening ??= this.inTurn(entry, loadIfStale).finally(() => {
      delete entry.opening;
    });
    await entry.opening;
  }

  private async loadNow(entry: Entry): Promise<void> {
    const { project, model: before } = entry;
    const started = performance.now();
    const { vocab } = project.config;
    if (vocab) this.refreshVocabulary(vocab.id);
    entry.stamp = this.stampOf(project);
    delete entry.refusal;
    try {
      const snapshot = await project.snapshot();
      if (snapshot.version === before?.version) return;
      entry.model = await ServedModel.open(project, `${project.id}#${++this.nOpened}`, snapshot, this.threads);
    } catch (error) {
      entry.refusal = error as Error;
      this.events.onRefused(project.id, error as Error);
      // A project that was cleared is so on purpose; an ensemble goes on with what it has.
      if (before && project.config.sources.length === 0 && !project.isTrained()) this.retire(entry, before);
      return;
    }
    this.events.onLoaded(entry.model, (performance.now() - started) / 1000);
    if (before) this.retire(entry, before);
  }

  private retire(entry: Entry, model: ServedModel): void {
    if (entry.model === model) delete entry.model;
    model.retire();
    this.events.onRetired(model);
  }

  /** What the files of a project, of its vocabulary and of its sources look like now. */
  private stampOf({ folder, config }: Project): string {
    const vocabulary = config.vocab ? modelStamp(this.registry.vocabularyStore.folder(config.vocab.id)) : '';
    const sources = config.sources.map(({ projectId }) => this.stampOf(this.registry.project(projectId)));
    return [modelStamp(folder), journalBytes(folder), vocabulary, ...sources].join(' ');
  }
}

/** @throws what the files were refused for */
function openedIn({ project, model, refusal }: Entry): ServedModel {
  if (model) return model;
  throw refusal ?? new Error(`project ${project.id} was not opened`);
}
