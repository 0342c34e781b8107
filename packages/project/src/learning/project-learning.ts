import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Document,
  IndexingError,
  type JsonValue,
  OperationError,
  type Progress,
  type SubjectId,
} from '@catchword/core';
import { contentHash } from '@catchword/math';
import { calibrates } from '../backend-types.js';
import type { Project } from '../project.js';
import { type ProjectFiles, trainedOn } from '../project-files.js';
import type { Suggester } from '../suggester.js';
import type { CountingCorpus } from '../train-project.js';
import { readFold, withFold, writeFold } from './learnt-fold.js';
import { assessNew, markLearnt } from './learnt-mark.js';
import { type LearntRecord, learntKey, learntRecord } from './learnt-records.js';
import { type JournalItem, type LearntEntry, type NotedDocument, ProjectJournal } from './project-journal.js';
import { skippingTrained, trainedSince } from './trained-since.js';

/** Records that are assessed, written and learnt at a time. */
const BATCH_RECORDS = 64;
/** So many records are learnt at every start; more are folded into a model. */
const MOST_UNFOLDED = 1000;

export interface LearnOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What came of learning. */
export interface LearnReport {
  readonly projectId: string;
  /** Records that were learnt, those learnt again included. */
  readonly nDocuments: number;
  /** Of these, records with a text that was learnt before: the new subjects are in place of the old ones. */
  readonly nAgain: number;
  /** Of these, records whose text the model or one of its sources knew already, from a training or by learning: calibration does not follow them. */
  readonly nKnown: number;
  /** Documents that were not, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Ids of the journal's entries. */
  readonly entries: readonly string[];
  readonly seconds: number;
}

/** An entry of the journal, and what has become of it. */
export interface StandingEntry {
  readonly entry: LearntEntry;
  /** `trained`: the model was trained on its text since, with the same subjects, and need not learn it. */
  readonly state: 'learnt' | 'trained' | 'undone';
}

/** Records that are on the disk. */
export interface WrittenRecords {
  readonly added: readonly LearntEntry[];
  /** The same for the backends, in the same order. */
  readonly records: readonly LearntRecord[];
  /** Bytes that the journal has grown by. */
  readonly nBytes: number;
}

/**
 * What a project learns between two trainings.
 *
 * The journal is the truth: each record is on the disk there before the model in memory knows it, and whoever opens the
 * project learns what the journal says on top of the stored model. A fold, the model after so many entries, only saves
 * time; one that does not fit is not used.
 */
export class ProjectLearning {
  private readonly project: Project;
  private readonly journal: ProjectJournal;
  private readonly onWarning: (message: string) => void;

  constructor(project: Project, onWarning: (message: string) => void) {
    this.project = project;
    this.onWarning = onWarning;
    this.journal = new ProjectJournal(join(project.folder, 'journal'), onWarning);
  }

  /** @returns another number after every change of the journal */
  journalSize(): Promise<number> {
    return this.journal.size();
  }

  /** @returns all entries of the journal, the oldest first */
  items(): Promise<JournalItem[]> {
    return this.journal.items();
  }

  /** Whether the project's probabilities follow what it learns. */
  get calibrates(): boolean {
    return calibrates(this.project.backend);
  }

  /** @returns what has become of each entry of the journal, the oldest first */
  async standing(): Promise<StandingEntry[]> {
    const { project } = this;
    if (project.config.sources.length > 0 || !project.isTrained()) return this.states(undefined);
    try {
      return this.states(await project.trainedFiles());
    } catch (error) {
      if (!IndexingError.is(error)) throw error;
      this.onWarning(`${error.message}; what it was trained on is not known`);
      return this.states(undefined);
    }
  }

  /** @param files as the project was trained; undefined where it is not to be known what it was trained on */
  private async states(files: ProjectFiles | undefined): Promise<StandingEntry[]> {
    const items = await this.journal.items();
    const trained = files && trainedOn(files);
    const counting = items.filter(({ isUndone }) => !isUndone).map(({ entry }) => entry);
    const known = trained ? trainedSince(trained, counting, this.subjectsOf(files)) : undefined;
    return items.map(({ entry, isUndone }) => ({
      entry,
      state: isUndone ? 'undone' : known?.has(entry) ? 'trained' : 'learnt',
    }));
  }

  private subjectsOf(files: Pick<ProjectFiles, 'vocabulary' | 'model'>): (entry: LearntEntry) => readonly SubjectId[] {
    return (entry) => this.records([entry], files)[0]?.doc.subjects ?? [];
  }

  /** @returns content hashes of the texts in the journal, ascending */
  async documents(): Promise<Float64Array> {
    const counting = (await this.journal.items()).filter(({ isUndone }) => !isUndone);
    return Float64Array.from(counting, ({ entry }) => contentHash(entry.text)).sort();
  }

  /** @returns the project as it was trained, and with it what it has to learn from its journal */
  async apply(files: ProjectFiles): Promise<ProjectFiles> {
    const entries = counting(await this.states(files));
    const start = files.learnt.key;
    if (entries.length === 0) return files;
    const fold = await readFold(this.foldFolder, this.onWarning);
    const fits =
      fold !== undefined && fold.n <= entries.length && fold.key === stateKey(files, entries.slice(0, fold.n));
    const rest = fits ? entries.slice(fold.n) : entries;
    const parts = fits ? withFold(files.parts, fold.model) : files.parts;
    const records = this.records(rest, files).filter(({ doc }) => (doc.subjects ?? []).length > 0);
    return {
      ...files,
      parts: {
        ...skippingTrained(parts, entries, rest, this.subjectsOf(files)),
        learnt: { ...parts.learnt, records },
      },
      learnt: {
        key: learntKey(start, entries),
        n: entries.length,
        hashes: new Set(entries.map(({ text }) => contentHash(text))),
        known: files.learnt.known,
      },
    };
  }

  /**
   * Learns from documents: each is on the disk before it is learnt.
   *
   * @throws {OperationError} `not-enabled` unless the project has `allow_learn`; `not-supported` if its backend cannot
   *   learn; `write-failed`; the signal's reason after an abort. What was learnt until then stays.
   */
  async learn(corpus: CountingCorpus, options: LearnOptions = {}): Promise<LearnReport> {
    this.requireEnabled();
    const started = performance.now();
    const { suggester, files } = await this.project.opened();
    suggester.learning.requireLearning();
    const { allowed } = files.vocabulary;
    const entries: string[] = [];
    let [nAgain, nKnown, nWithoutText, nWithoutUsableSubject] = [0, 0, 0, 0];
    const learnBatch = async (docs: readonly Document[]): Promise<void> => {
      options.signal?.throwIfAborted();
      const noted = await assessNew(docs, files.learnt, (fresh) => suggester.learning.assess(fresh));
      for (const { isAgain, isKnown } of noted) {
        if (isAgain) nAgain++;
        if (isKnown) nKnown++;
      }
      const { added, records } = await this.add(noted, files);
      await suggester.learning.learn(records);
      markLearnt(files.learnt, added);
      for (const { id } of added) entries.push(id);
      options.onProgress?.({ stage: 'learning', done: entries.length, unit: 'documents' });
    };
    let batch: Document[] = [];
    for await (const doc of corpus.documents()) {
      const subjects = doc.subjects?.filter((id) => allowed[id] === 1) ?? [];
      if (doc.text.trim() === '') nWithoutText++;
      else if (subjects.length === 0) nWithoutUsableSubject++;
      else batch.push({ ...doc, subjects });
      if (batch.length < BATCH_RECORDS) continue;
      await learnBatch(batch);
      batch = [];
    }
    if (batch.length > 0) await learnBatch(batch);
    if (files.parts.learnt.records.length >= MOST_UNFOLDED) await this.compact();
    const report = corpus.report?.();
    return {
      projectId: this.project.id,
      nDocuments: entries.length,
      nAgain,
      nKnown,
      skipped: {
        withoutText: nWithoutText,
        withoutSubjects: report?.nWithoutSubjects ?? 0,
        withoutKnownSubject: (report?.nWithoutKnownSubject ?? 0) + nWithoutUsableSubject,
        invalid: report?.nInvalid ?? 0,
      },
      entries,
      seconds: (performance.now() - started) / 1000,
    };
  }

  /**
   * Writes records down, for those who have the models that learn them; see `learn`.
   *
   * @param files of the model that made the notes
   * @returns what is to be learnt, and the bytes that the journal has grown by
   * @throws {OperationError} `write-failed`
   */
  async add(
    noted: readonly NotedDocument[],
    files: Pick<ProjectFiles, 'vocabulary' | 'model'>,
  ): Promise<WrittenRecords> {
    const { vocabulary, language } = files.vocabulary;
    const { added, nBytes } = await this.journal.add(noted, vocabulary, language, files.model?.sha256 ?? '');
    return { added, nBytes, records: this.records(added, files) };
  }

  /** @throws {OperationError} `not-enabled` unless the project has `allow_learn` */
  requireEnabled(): void {
    const { id, config } = this.project;
    if (config.allowLearn) return;
    throw new OperationError('not-enabled', `Not enabled project '${id}': Learning not enabled for project`, {
      hint: 'Set allow_learn to true for the project in the configuration.',
      context: { projectId: id },
    });
  }

  /**
   * Undoes entries: the project is as if they had never been learnt.
   *
   * @throws as `ProjectJournal.undo`
   */
  async undo(ids: readonly string[]): Promise<LearntEntry[]> {
    const undone = await this.journal.undo(ids);
    await this.project.close();
    return undone;
  }

  /**
   * Folds what was learnt into a model beside the trained one, so that opening takes no longer than before.
   *
   * @returns how many entries it holds
   */
  async compact(): Promise<number> {
    const { suggester, files } = await this.project.opened();
    return this.fold(suggester, files);
  }

  /**
   * Learns the whole journal again on top of the trained model, which sees each record as it would have seen it then: so the
   * calibration follows it also after a training. Folds the result.
   *
   * @returns how many entries were learnt
   */
  async replay(options: LearnOptions = {}): Promise<number> {
    const files = await this.project.trainedFiles();
    const entries = counting(await this.states(files));
    const { vocabulary } = files.vocabulary;
    const { Suggester } = await import('../suggester.js');
    const suggester = await Suggester.open(skippingTrained(files.parts, entries, entries, this.subjectsOf(files)), {
      vocabulary,
      onWarning: this.onWarning,
    });
    try {
      suggester.learning.requireLearning();
      const notes = new Map<string, JsonValue>();
      for (let i = 0; i < entries.length; i += BATCH_RECORDS) {
        options.signal?.throwIfAborted();
        const batch = entries.slice(i, i + BATCH_RECORDS);
        const before = this.records(batch, files);
        const docs = before.map(({ doc }) => doc);
        const assessed = await assessNew(docs, files.learnt, (fresh) => suggester.learning.assess(fresh));
        // Where a source knows the text by now, what was noted before it did is all there is.
        const noted = assessed.map(({ doc, note }, k) => ({ doc, note: note ?? (before[k] as LearntRecord).note }));
        await suggester.learning.learn(noted.filter(({ doc }) => (doc.subjects ?? []).length > 0));
        batch.forEach(({ id }, k) => {
          const note = noted[k]?.note ?? null;
          if (note !== null) notes.set(id, note);
        });
        markLearnt(files.learnt, batch);
        options.onProgress?.({
          stage: 'learning',
          done: Math.min(i + BATCH_RECORDS, entries.length),
          total: entries.length,
          unit: 'documents',
        });
      }
      if (notes.size > 0) await this.journal.renote(notes, files.model?.sha256 ?? '');
      await this.fold(suggester, files);
    } finally {
      await suggester.close();
    }
    await this.project.close();
    return entries.length;
  }

  /** Forgets all that was learnt, the journal included. @returns whether there was anything */
  async drop(): Promise<boolean> {
    const hadAny = (await this.journal.size()) > 0;
    await this.project.close();
    for (const folder of [this.foldFolder, join(this.project.folder, 'journal')]) {
      await rm(folder, { recursive: true, force: true });
    }
    return hadAny;
  }

  private async fold(suggester: Suggester, files: ProjectFiles): Promise<number> {
    const model = suggester.learning.models();
    if (!model) return 0;
    const { key, n } = files.learnt;
    await writeFold(this.foldFolder, { key: foldKey(files, key), n, model });
    return n;
  }

  private get foldFolder(): string {
    return join(this.project.folder, 'learnt');
  }

  private records(entries: readonly LearntEntry[], files: Pick<ProjectFiles, 'vocabulary' | 'model'>): LearntRecord[] {
    const { vocabulary, allowed } = files.vocabulary;
    const idOf = (uri: string): SubjectId => {
      const id = vocabulary.idOfUri(uri);
      return id >= 0 && allowed[id] === 1 ? id : -1;
    };
    return entries.map((entry) => learntRecord(entry, idOf, files.model?.sha256 ?? ''));
  }
}

/** @returns those that the model has to learn */
function counting(entries: readonly StandingEntry[]): LearntEntry[] {
  return entries.filter(({ state }) => state === 'learnt').map(({ entry }) => entry);
}

/** @returns the key of the state after some entries */
function stateKey(files: ProjectFiles, entries: readonly LearntEntry[]): string {
  return foldKey(files, learntKey(files.learnt.key, entries));
}

/** A fold fits the models, the vocabulary and the text processing that it was made with. */
function foldKey({ modelId, vocabulary, parts }: ProjectFiles, key: string): string {
  return JSON.stringify([modelId, vocabulary.vocabulary.fingerprint, parts.analyzer, parts.transform, key]);
}
