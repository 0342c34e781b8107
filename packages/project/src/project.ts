import { statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Consultation, Corpus, Document, RawParams, SubjectId, SuggestionBatch } from '@catchword/core';
import { ConfigurationError, OperationError, SHARED_STATE_BYTES, sumUsage, type Usage } from '@catchword/core';
import type { Evaluation, GridResult } from '@catchword/evaluation';
import { dataFolderPath, type SharedBuffers, withFolderLock } from '@catchword/storage';
import { allowedSubjects } from '@catchword/vocabulary';
import { type BackendModules, isEnsembleBackend, modelNeed } from './backend-types.js';
import type { ProjectConfig, VocabSpec } from './config/index.js';
import type { EvaluateOptions } from './evaluate-project.js';
import { ProjectLearning } from './learning/project-learning.js';
import type { ModelRecord, TrainReport } from './model-record.js';
import { ProjectFileReader, type ProjectFiles } from './project-files.js';
import type { ProjectTraining } from './project-training.js';
import { type ProjectSnapshot, snapshotVersion } from './serving/project-snapshot.js';
import type { StreamOptions, SuggestedBatch } from './suggest-stream.js';
import type { ExplainedDocument, Suggester, SuggestionFilter } from './suggester.js';
import type { SynthesiseOptions, SynthesisReport, SyntheticRecord } from './synthesise-records.js';
import type { TrainEnsembleOptions } from './train-ensemble.js';
import type { CountingCorpus, TrainProjectOptions } from './train-project.js';
import type { HyperoptOptions, HyperoptReport } from './tune-ensemble.js';
import type { StoredVocabulary, VocabularyStore } from './vocabulary-store.js';

/** What a project shares with the others of its registry. */
export interface ProjectServices {
  readonly dataDir: string;
  readonly vocabularyStore: VocabularyStore;
  readonly backendModules: BackendModules;
  readonly onWarning: (message: string) => void;
  /** Where projects share the memory of models. */
  readonly buffers?: SharedBuffers;
  /** @throws {ConfigurationError} `project-not-found` */
  project(id: string): Project;
}

/** A project's vocabulary with its rules applied. */
export interface ProjectVocabulary extends StoredVocabulary {
  /** The language of labels that are shown. */
  readonly language: string;
  /** Shape (nSubjects), shared memory: 1 where a subject may be suggested. */
  readonly allowed: Uint8Array;
  readonly nAllowed: number;
}

interface OpenParts extends ProjectFiles {
  readonly suggester: Suggester;
}

/**
 * A named set-up of vocabulary, language, text processing and backend, and the model trained for it.
 *
 * What only some uses need (training, evaluating, suggesting in this very thread) is loaded with the first of them: a server
 * needs none of it.
 */
export class Project {
  readonly config: ProjectConfig;
  readonly learning: ProjectLearning;
  private readonly services: ProjectServices;
  /** Of the backend. */
  readonly params: RawParams;
  private readonly files: ProjectFileReader;
  private readonly told = new Set<string>();
  /** Of a backend that asks services: what all threads of this process know of them. */
  private readonly sharedState = new SharedArrayBuffer(SHARED_STATE_BYTES);
  private usage_: Usage | undefined;
  private vocabulary_: ProjectVocabulary | undefined;
  private open_: Promise<OpenParts> | undefined;

  /** @param params stand in for parameters of the configuration */
  constructor(config: ProjectConfig, services: ProjectServices, params: RawParams = {}) {
    this.config = config;
    this.services = services;
    this.params = { ...config.params, ...params };
    this.learning = new ProjectLearning(this, services.onWarning);
    this.files = new ProjectFileReader(this, services, this.sharedState);
  }

  get id(): string {
    return this.config.id;
  }

  /** Where models and vocabularies are kept. */
  get dataDir(): string {
    return this.services.dataDir;
  }

  /** Where the model lies or will lie. */
  get folder(): string {
    return dataFolderPath(this.services.dataDir, 'projects', this.id);
  }

  isTrained(): boolean {
    return this.modificationTime() !== undefined;
  }

  /** @returns when the model was written, or undefined where there is none; an ensemble without one is as old as its newest source */
  modificationTime(): Date | undefined {
    const { sources } = this.config;
    if (this.hasOwnModel) return this.modelTime();
    const times = sources.map(({ projectId }) => this.services.project(projectId).modificationTime());
    return times.reduce((a, b) => (a && b && a > b ? a : b && a ? b : undefined));
  }

  /**
   * Opens the vocabulary; once, unless the store has loaded another version meanwhile.
   *
   * @throws {ConfigurationError} if the project names none
   * @throws {OperationError} `vocabulary-not-found` if it was never loaded
   */
  async vocabulary(): Promise<ProjectVocabulary> {
    const { vocab } = this.config;
    if (!vocab) throw this.missing('vocab');
    const stored = await this.services.vocabularyStore.open(vocab.id);
    if (this.vocabulary_?.vocabulary !== stored.vocabulary) this.vocabulary_ = this.withRules(stored, vocab);
    return this.vocabulary_;
  }

  /** @throws {ConfigurationError} `configuration-invalid` if the project has no backend, or one that Catchword lacks */
  checkBackend(): void {
    void this.backend;
  }

  /** @returns what the stored model says about itself and its training; undefined for an ensemble without one */
  async modelRecord(): Promise<ModelRecord | undefined> {
    return (await this.open()).model?.record;
  }

  /** @returns 16 hexadecimal digits that name all that suggestions depend on: model, vocabulary, what was learnt */
  async modelVersion(): Promise<string> {
    return snapshotVersion(await this.open());
  }

  /**
   * @returns shape (nSubjects): the documents of the training corpus, and those learnt since, that each subject stands on;
   *   of an ensemble, those of the source that has most
   */
  async trainFrequency(): Promise<Uint32Array> {
    return (await this.open()).suggester.learning.trainFrequency;
  }

  /** True where the project stands on a model of its own, trained or not; where it need not have one, once it is trained. */
  get hasOwnModel(): boolean {
    const need = this.modelNeed;
    return need === 'trained' || (need === 'optional' && this.modelTime() !== undefined);
  }

  /** Whether the backend needs a model of its own. */
  get modelNeed() {
    const { backend } = this.config;
    return backend === undefined ? 'trained' : modelNeed(backend);
  }

  private modelTime(): Date | undefined {
    return statSync(join(this.folder, 'manifest.json'), { throwIfNoEntry: false })?.mtime;
  }

  /**
   * Learns from a corpus and stores the model in place of the old one. Sources of an ensemble that have no model are
   * trained first where there is a corpus for them; of an ensemble without a model of its own they are all there is.
   *
   * @throws {OperationError} `locked`, `corpus-empty`, `not-supported`, `write-failed`; after an abort the signal's reason.
   *   The old model stays.
   */
  async train(corpus: CountingCorpus, options: TrainEnsembleOptions = {}): Promise<TrainReport> {
    const report = await (await this.training()).train(corpus, options);
    await this.close();
    return report;
  }

  /**
   * Trains a model that is not stored, and for an ensemble without one those of its sources.
   *
   * @throws {OperationError} `not-supported` for an ensemble with a model of its own; else as `train`
   */
  async trainInMemory(corpus: Corpus, options: TrainProjectOptions): Promise<Omit<ProjectFiles, 'model'>> {
    return (await this.training()).inMemory(corpus, options);
  }

  /** @throws {OperationError} `not-supported` where it cannot be a source of what is trained out of fold */
  checkOutOfFold(): void {
    if (!isEnsembleBackend(this.backend)) return;
    throw new OperationError(
      'not-supported',
      `Source "${this.id}" is a trained ensemble, which cannot be trained out of fold`,
      { hint: `Name its own sources instead: ${this.config.sources.map(({ projectId }) => projectId).join(', ')}` },
    );
  }

  /** Whether the stored model is one of these documents and the settings of now. */
  async isTrainedOn(corpus: Corpus, options: TrainProjectOptions): Promise<boolean> {
    return (await this.training()).isTrainedOn(corpus, options);
  }

  private async training(): Promise<ProjectTraining> {
    const { ProjectTraining } = await import('./project-training.js');
    return new ProjectTraining(this, this.services, this.files, this.sharedState);
  }

  /** @returns of each model of the project and its sources, the content hashes of the documents that it was trained on or has learnt, ascending */
  async trainDocuments(): Promise<Float64Array[]> {
    const { model } = await this.readFiles();
    const own = [...(model ? [model.trainDocuments] : []), await this.learning.documents()];
    const { sources } = this.config;
    const others = await Promise.all(sources.map(({ projectId }) => this.services.project(projectId).trainDocuments()));
    return [...own, ...others.flat()];
  }

  /** @returns what a training depends on, besides the corpus: of this project and its sources */
  async trainingSettings(): Promise<object> {
    const { sources, transform, language, backend, limit, vocab } = this.config;
    const { vocabulary } = await this.vocabulary();
    return {
      ...{ backend, language, transform, params: this.params, vocabulary: vocabulary.fingerprint },
      ...{ limit, vocab, given: sources },
      analyzer: this.analyzer,
      sources: await Promise.all(sources.map(({ projectId }) => this.services.project(projectId).trainingSettings())),
    };
  }

  /**
   * @returns a row for each document
   * @throws {OperationError} `not-trained`
   * @throws {ModelError} `model-damaged`, `model-incompatible`
   */
  async suggest(docs: readonly Document[], filter: SuggestionFilter): Promise<SuggestionBatch> {
    const { suggester } = await this.open();
    const suggestions = await suggester.suggest(docs, this.capped(filter));
    this.tell(suggestions);
    return suggestions;
  }

  /**
   * Suggests for a stream of documents, in its order, with worker threads where there are many.
   *
   * @throws as `suggest`
   */
  async *suggestStream(
    documents: AsyncIterable<Document>,
    options: StreamOptions,
  ): AsyncGenerator<SuggestedBatch, void, undefined> {
    const { suggester, parts } = await this.open();
    const { suggestStream } = await import('./suggest-stream.js');
    const stream = suggestStream(suggester, parts, documents, { ...options, ...this.capped(options) });
    for await (const batch of stream) {
      this.tell(batch.suggestions);
      yield batch;
    }
  }

  /** Suggests for indexed documents and compares with their subjects. @throws as `evaluateProject` */
  async evaluate(corpus: Corpus, options: EvaluateOptions): Promise<Evaluation> {
    const { evaluateProject } = await import('./evaluate-project.js');
    return evaluateProject(this, corpus, options);
  }

  /** Measures suggestions under many limits and thresholds. @throws as `evaluateProject` */
  async optimize(corpus: Corpus, options: Omit<EvaluateOptions, 'limit' | 'threshold'>): Promise<GridResult> {
    const { measureLimits } = await import('./evaluate-project.js');
    return measureLimits(this, corpus, options);
  }

  /** Looks for the weights of an ensemble's sources. @throws as `tuneEnsemble` */
  async hyperopt(corpus: Corpus, options: HyperoptOptions): Promise<HyperoptReport> {
    const { tuneEnsemble } = await import('./tune-ensemble.js');
    const limit = Math.min(options.limit, this.config.limit ?? options.limit);
    return tuneEnsemble(this, this.services, this.params, corpus, { ...options, limit });
  }

  /**
   * Tells why subjects were suggested for a document.
   *
   * @throws as `suggest`; `not-supported` where the backend cannot tell
   */
  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<ExplainedDocument> {
    const { suggester } = await this.open();
    return suggester.explain(doc, subjectIds);
  }

  /**
   * Lists terms that a document is about and the vocabulary seems to lack.
   *
   * @throws as `suggest`; `not-supported` where neither the backend nor a source looks for any
   */
  async newTerms(doc: Document): Promise<readonly string[]> {
    const { suggester } = await this.open();
    if (!suggester.findsNewTerms) {
      throw new OperationError('not-supported', `Project "${this.id}" does not look for new terms`, {
        hint: 'A project with backend llm_keywords does, and an ensemble that has one as a source.',
      });
    }
    return suggester.newTerms(doc);
  }

  /**
   * Has the project's language model make up records for subjects that a corpus has few of, or none.
   *
   * @param onRecord called with each record, in order
   * @throws {OperationError} `not-supported` where the project names no chat model; as `RecordWriter.write` if nothing is answered
   */
  async synthesise(
    corpus: Corpus,
    options: SynthesiseOptions,
    onRecord: (record: SyntheticRecord) => Promise<void>,
  ): Promise<SynthesisReport> {
    const { synthesiseRecords } = await import('./synthesise-records.js');
    const context = {
      ...{ projectId: this.id, language: this.config.language, backend: this.backend, params: this.params },
      vocabulary: await this.vocabulary(),
      answersFolder: join(this.folder, 'answers'),
      sharedState: this.sharedState,
    };
    return synthesiseRecords(context, corpus, options, onRecord);
  }

  /**
   * Suggests for one document, with all that a language model was asked and answered.
   *
   * @throws as `suggest`; `not-supported` where the backend asks none
   */
  async consult(doc: Document, limit: number): Promise<Consultation> {
    const { suggester } = await this.open();
    return suggester.consult(doc, limit);
  }

  /**
   * Reads model and vocabulary as they are now, whatever is open: for those who serve several versions.
   *
   * @throws as `suggest`
   */
  async snapshot(): Promise<ProjectSnapshot> {
    const files = await this.readFiles();
    return { ...files, version: snapshotVersion(files) };
  }

  /** Removes the model; what was learnt since it was trained stays in the journal. @returns false where there was none */
  async clear(): Promise<boolean> {
    await this.close();
    const { folder } = this;
    if (!statSync(folder, { throwIfNoEntry: false })) return false;
    return withFolderLock(folder, async () => {
      if ((await this.learning.journalSize()) === 0) {
        await rm(folder, { recursive: true });
        return true;
      }
      const names = (await readdir(folder)).filter((name) => name !== 'journal' && !name.startsWith('.lock'));
      for (const name of names) await rm(join(folder, name), { recursive: true });
      return names.length > 0;
    });
  }

  async close(): Promise<void> {
    const open = this.open_;
    this.open_ = undefined;
    if (open) await (await open).suggester.close();
  }

  /** @returns a filter with the limit of the configuration */
  capped({ limit, threshold }: SuggestionFilter): SuggestionFilter {
    const { limit: atMost = Number.POSITIVE_INFINITY } = this.config;
    return limit === 'auto' ? { limit, threshold, atMost } : { limit: Math.min(limit, atMost), threshold };
  }

  private open(): Promise<OpenParts> {
    if (!this.open_) {
      this.open_ = this.openParts();
      this.open_.catch(() => {
        this.open_ = undefined;
      });
    }
    return this.open_;
  }

  /** What models elsewhere have cost so far, in suggesting and evaluating; undefined where none was asked. */
  get usage(): Usage | undefined {
    return this.usage_;
  }

  /** Says what went wrong in suggesting, each thing once, and adds up what it cost. */
  private tell({ warnings, usage }: SuggestionBatch): void {
    this.usage_ = sumUsage([this.usage_, usage]);
    for (const warning of warnings) {
      if (this.told.has(warning)) continue;
      this.told.add(warning);
      this.services.onWarning(warning);
    }
  }

  /** @returns what suggests here, and what it was opened from */
  async opened(): Promise<{ readonly suggester: Suggester; readonly files: ProjectFiles }> {
    const open = await this.open();
    return { suggester: open.suggester, files: open };
  }

  private async openParts(): Promise<OpenParts> {
    const files = await this.readFiles();
    const { vocabulary } = files.vocabulary;
    const { onWarning } = this.services;
    const { Suggester } = await import('./suggester.js');
    return { ...files, suggester: await Suggester.open(files.parts, { vocabulary, onWarning }) };
  }

  /** Reads model, vocabulary and journal from the disk, those of sources included. */
  async readFiles(): Promise<ProjectFiles> {
    return this.learning.apply(await this.trainedFiles());
  }

  /** Reads model and vocabulary as they were trained, without what was learnt since; of sources with it. */
  trainedFiles(): Promise<ProjectFiles> {
    return this.files.trained();
  }

  /** @returns the error that says that there is no model */
  notTrained(): OperationError {
    const { vocab } = this.config;
    const isLoaded = !vocab || this.services.vocabularyStore.exists(vocab.id);
    const load = isLoaded ? '' : `catchword load-vocab ${vocab.id} FILE, then: `;
    return new OperationError('not-trained', `Couldn't initialize project '${this.id}': Project is not trained.`, {
      hint: `Run: ${load}catchword train ${this.id} CORPUS`,
      context: { projectId: this.id },
    });
  }

  private withRules(
    stored: StoredVocabulary,
    { language = this.config.language, rules }: VocabSpec,
  ): ProjectVocabulary {
    const { vocabulary } = stored;
    const allowed = new Uint8Array(new SharedArrayBuffer(vocabulary.nSubjects));
    allowed.set(allowedSubjects(vocabulary, rules, this.services.onWarning));
    const nAllowed = allowed.reduce((n, flag) => n + flag, 0);
    return { ...stored, language, allowed, nAllowed };
  }

  /** The backend's name. @throws {ConfigurationError} `configuration-invalid` if there is none, or Catchword lacks it */
  get backend(): string {
    const { backend, unsupported } = this.config;
    if (unsupported)
      throw new ConfigurationError('configuration-invalid', unsupported, { context: { projectId: this.id } });
    if (!backend) throw this.missing('backend');
    return backend;
  }

  /** The analyzer's specification. @throws {ConfigurationError} `configuration-invalid` if it has to be there and is not */
  get analyzer(): string {
    const { analyzer, backend } = this.config;
    if (analyzer) return analyzer;
    if (backend !== undefined && isEnsembleBackend(backend)) return 'simple';
    throw this.missing('analyzer');
  }

  private missing(setting: string): ConfigurationError {
    return new ConfigurationError(
      'configuration-invalid',
      `Misconfigured project '${this.id}': ${setting} setting is missing`,
      {
        hint: `Add ${setting} to the project in the configuration.`,
        context: { projectId: this.id },
      },
    );
  }
}
