import { statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Consultation,
  Corpus,
  Document,
  ModelData,
  Progress,
  RawParams,
  SubjectId,
  SuggestionBatch,
} from '@catchword/core';
import { ConfigurationError, OperationError, SHARED_STATE_BYTES, sumUsage, type Usage } from '@catchword/core';
import { bestSetSize, type Evaluation, Evaluator, GRID_LIMIT, type GridResult, LimitGrid } from '@catchword/evaluation';
import { packArrays } from '@catchword/math';
import { AnswerFolder, dataFolderPath, type SharedBuffers, withFolderLock } from '@catchword/storage';
import { createAnalyzer, createTransform } from '@catchword/text';
import { allowedSubjects } from '@catchword/vocabulary';
import {
  asksServices,
  type BackendModules,
  isEnsembleBackend,
  loadBackendType,
  modelNeed,
  showsConcepts,
} from './backend-types.js';
import type { ProjectConfig, VocabSpec } from './config/index.js';
import type { LearntMark } from './learning/learnt-mark.js';
import { ProjectLearning } from './learning/project-learning.js';
import { corpusFor } from './mapped-corpus.js';
import type { ModelRecord, TrainReport } from './model-record.js';
import { type ProjectModel, readProjectModel } from './project-model.js';
import { readSources, sourceParts } from './read-sources.js';
import { type ProjectSnapshot, snapshotVersion } from './serving/project-snapshot.js';
import { type StreamOptions, type SuggestedBatch, suggestStream } from './suggest-stream.js';
import {
  CALIBRATED_POOL,
  type ExplainedDocument,
  openSources,
  Suggester,
  type SuggesterParts,
  type SuggestionFilter,
} from './suggester.js';
import type { SourceParts } from './suggester-source.js';
import type { SynthesiseOptions, SynthesisReport, SyntheticRecord } from './synthesise-records.js';
import {
  ensembleTraining,
  requireTrained,
  type TrainEnsembleOptions,
  trainSources,
  untrainedSources,
} from './train-ensemble.js';
import {
  type CountingCorpus,
  learn,
  type Training,
  type TrainProjectOptions,
  trainingCorpus,
  trainProject,
} from './train-project.js';
import { TrainingCorpus } from './training-corpus.js';
import { type HyperoptOptions, type HyperoptReport, tuneEnsemble } from './tune-ensemble.js';
import { nothingToEvaluate, withUsableSubjects } from './usable-subjects.js';
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

export interface EvaluateOptions extends SuggestionFilter {
  /** Worker threads, 0 = one for each processor. */
  readonly nJobs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Figures beyond Annif's need so many suggestions, whatever the limit. */
const FURTHER_LIMIT = 20;

/** All that a project suggests with, as its files were when it was read. */
export interface ProjectFiles {
  /** Absent where an ensemble has no model of its own. */
  readonly model: ProjectModel | undefined;
  readonly parts: SuggesterParts;
  readonly vocabulary: ProjectVocabulary;
  /** Shape (nSubjects): training documents of each subject; of an ensemble, of the source that has most. */
  readonly trainFrequency: Uint32Array;
  readonly nTrainDocs: number;
  /** Another one after each training. */
  readonly modelId: string;
  /** What was learnt since. */
  readonly learnt: LearntMark;
}

interface OpenParts extends ProjectFiles {
  readonly suggester: Suggester;
}

/** A named set-up of vocabulary, language, text processing and backend, and the model trained for it. */
export class Project {
  readonly config: ProjectConfig;
  readonly learning: ProjectLearning;
  private readonly services: ProjectServices;
  private readonly params: RawParams;
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
    this.backendName();
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

  private get modelNeed() {
    const { backend } = this.config;
    return backend === undefined ? 'trained' : modelNeed(backend);
  }

  private modelTime(): Date | undefined {
    return statSync(join(this.folder, 'manifest.json'), { throwIfNoEntry: false })?.mtime;
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
    const { sources, transform, language, backend } = this.config;
    const { vocabulary } = await this.vocabulary();
    return {
      ...{ backend, language, transform, params: this.params, vocabulary: vocabulary.fingerprint },
      analyzer: this.analyzerSpec(),
      sources: await Promise.all(sources.map(({ projectId }) => this.services.project(projectId).trainingSettings())),
    };
  }

  /**
   * Learns from a corpus and stores the model in place of the old one. Sources of an ensemble that have no model are
   * trained first where there is a corpus for them; of an ensemble without a model of its own they are all there is.
   *
   * @throws {OperationError} `locked`, `corpus-empty`, `not-supported`, `write-failed`; after an abort the signal's reason.
   *   The old model stays.
   */
  async train(corpus: CountingCorpus, options: TrainEnsembleOptions = {}): Promise<TrainReport> {
    const { services } = this;
    const onWarning = options.onWarning ?? services.onWarning;
    const all: TrainEnsembleOptions = { ...options, onWarning };
    const isEnsemble = isEnsembleBackend(this.backendName());
    if (isEnsemble) {
      const last = await this.trainSourcesFirst(corpus, all);
      if (this.modelNeed === 'untrained' && last) return last;
    }
    const training = await this.training(all);
    let report: TrainReport;
    if (isEnsemble) {
      const { vocabulary } = training.context;
      const wrap = (each: Corpus) =>
        new TrainingCorpus(each, training.transform, vocabulary.nSubjects, training.isUsable, options.signal);
      const ensemble = await ensembleTraining(this, vocabulary, corpus, wrap, services, all);
      const { unfinished, ...learnt } = ensemble;
      const sources = await openSources(
        await readSources(this.config.sources, vocabulary, services, false),
        vocabulary.nSubjects,
      );
      try {
        report = await trainProject({ ...training, context: { ...training.context, sources } }, corpus, all, learnt);
      } finally {
        for (const source of sources) await source.close();
      }
      await unfinished?.remove();
    } else report = await trainProject(training, corpus, all);
    await this.close();
    return report;
  }

  /**
   * Trains a model that is not stored, and for an ensemble without one those of its sources.
   *
   * @throws {OperationError} `not-supported` for an ensemble with a model of its own; else as `train`
   */
  async trainInMemory(corpus: Corpus, options: TrainProjectOptions): Promise<Omit<ProjectFiles, 'model'>> {
    const { config, services } = this;
    const projectVocabulary = await this.vocabulary();
    const { vocabulary } = projectVocabulary;
    if (!this.hasOwnModel) {
      const sources: SourceParts[] = [];
      for (const spec of config.sources) {
        const source = services.project(spec.projectId);
        const own = (await source.vocabulary()).vocabulary;
        const files = await source.trainInMemory(corpusFor(corpus, vocabulary, own), options);
        sources.push(sourceParts(spec, files, vocabulary, services));
      }
      return this.filesOf(undefined, projectVocabulary, sources, '');
    }
    if (isEnsembleBackend(this.backendName())) {
      throw new OperationError(
        'not-supported',
        `Source "${this.id}" is a trained ensemble, which cannot be trained out of fold`,
        {
          hint: `Name its own sources instead: ${config.sources.map(({ projectId }) => projectId).join(', ')}`,
        },
      );
    }
    const training = await this.training(options);
    const wrapped = trainingCorpus(training, corpus, options);
    const { model, counts } = await learn(training, wrapped, options);
    const learnt = { data: model, trainFrequency: counts.frequency, nTrainDocs: counts.nDocuments };
    return this.filesOf(learnt, projectVocabulary, [], '');
  }

  /** @returns the report of the last source that was trained; undefined where all had a model */
  private async trainSourcesFirst(
    corpus: CountingCorpus,
    options: TrainEnsembleOptions,
  ): Promise<TrainReport | undefined> {
    const untrained = untrainedSources(this, this.services);
    const { outOfFold, sourceCorpus } = options;
    const from = sourceCorpus ?? (outOfFold === undefined && this.modelNeed !== 'untrained' ? undefined : corpus);
    if (from) return trainSources(untrained, from, (await this.vocabulary()).vocabulary, options);
    requireTrained(this, untrained);
    return undefined;
  }

  private async training(options: TrainProjectOptions): Promise<Training> {
    const { config, services } = this;
    const { language } = config;
    const type = await loadBackendType(this.backendName(), services.backendModules);
    const { allowed, nAllowed, ...stored } = await this.vocabulary();
    const { onWarning = services.onWarning, family } = options;
    const analyzerSpec = this.analyzerSpec();
    const analyzer = await createAnalyzer(analyzerSpec, { language, onWarning });
    const { vocabulary } = stored;
    const definitions = showsConcepts(type.name) ? await stored.definitions() : undefined;
    return {
      type,
      context: {
        ...{ projectId: this.id, language, vocabulary, analyzer },
        ...(definitions ? { definitions } : undefined),
        ...(family ? { family } : undefined),
        ...(asksServices(type.name)
          ? { answers: new AnswerFolder(join(this.folder, 'answers')), sharedState: this.sharedState }
          : undefined),
      },
      transform: await createTransform(config.transform, { language }),
      transformSpec: config.transform,
      analyzerSpec,
      params: this.params,
      folder: this.folder,
      vocabulary: {
        id: stored.id,
        fingerprint: vocabulary.fingerprint,
        lineage: stored.lineage,
        nSubjects: vocabulary.nSubjects,
      },
      corpusKey: JSON.stringify([language, config.transform, config.vocab]),
      isUsable: (id) => allowed[id] === 1,
      nUsable: nAllowed,
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
    const stream = suggestStream(suggester, parts, documents, { ...options, ...this.capped(options) });
    for await (const batch of stream) {
      this.tell(batch.suggestions);
      yield batch;
    }
  }

  /**
   * Suggests for indexed documents and compares with their subjects.
   *
   * @throws {OperationError} `corpus-empty` if no document has a subject that may be suggested; else as `suggest`
   */
  async evaluate(corpus: Corpus, options: EvaluateOptions): Promise<Evaluation> {
    const { limit, threshold, nJobs, signal, onProgress } = options;
    const { allowed } = await this.vocabulary();
    const trainFrequency = await this.trainFrequency();
    const { suggester } = await this.open();
    const { isCalibrated } = suggester;
    const filter = this.capped(options);
    const evaluator = new Evaluator({
      nSubjects: trainFrequency.length,
      ...(filter.limit === 'auto' ? undefined : { limit: filter.limit }),
      threshold,
      trainFrequency,
      isCalibrated,
    });
    if (limit === 'auto') suggester.requireCalibrated();
    let done = 0;
    const usable = withUsableSubjects(corpus, (id) => allowed[id] === 1);
    const stream = this.suggestStream(usable, {
      limit: Math.max(limit === 'auto' ? 0 : limit, isCalibrated ? CALIBRATED_POOL : FURTHER_LIMIT),
      threshold: 0,
      nJobs,
      ...(signal ? { signal } : undefined),
    });
    for await (const { docs, suggestions } of stream) {
      const gold = docs.map((doc) => doc.subjects ?? []);
      evaluator.add(suggestions, gold, limit === 'auto' ? autoLimits(suggestions, filter.atMost) : undefined);
      done += docs.length;
      onProgress?.({ stage: 'evaluating', done, unit: 'documents' });
    }
    if (done === 0) throw nothingToEvaluate(corpus);
    return evaluator.finish();
  }

  /**
   * Measures suggestions under many limits and thresholds.
   *
   * @throws as `evaluate`
   */
  async optimize(corpus: Corpus, options: Omit<EvaluateOptions, 'limit' | 'threshold'>): Promise<GridResult> {
    const { onProgress, ...streamOptions } = options;
    const { allowed } = await this.vocabulary();
    const grid = new LimitGrid();
    let done = 0;
    const usable = withUsableSubjects(corpus, (id) => allowed[id] === 1);
    for await (const { docs, suggestions } of this.suggestStream(usable, {
      ...streamOptions,
      limit: GRID_LIMIT,
      threshold: 0,
    })) {
      grid.add(
        suggestions,
        docs.map((doc) => doc.subjects ?? []),
      );
      done += docs.length;
      onProgress?.({ stage: 'suggesting', done, unit: 'documents' });
    }
    if (done === 0) throw nothingToEvaluate(corpus);
    return grid.finish();
  }

  /** Looks for the weights of an ensemble's sources. @throws as `tuneEnsemble` */
  hyperopt(corpus: Corpus, options: HyperoptOptions): Promise<HyperoptReport> {
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
      ...{ projectId: this.id, language: this.config.language, backend: this.backendName(), params: this.params },
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

  private capped({ limit, threshold }: SuggestionFilter): SuggestionFilter {
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
    return { ...files, suggester: await Suggester.open(files.parts, { vocabulary, onWarning }) };
  }

  /** Reads model, vocabulary and journal from the disk, those of sources included. */
  async readFiles(): Promise<ProjectFiles> {
    return this.learning.apply(await this.trainedFiles());
  }

  /** Reads model and vocabulary as they were trained, without what was learnt since; of sources with it. */
  async trainedFiles(): Promise<ProjectFiles> {
    const { id, config, services } = this;
    const backend = this.backendName();
    const ownModel = this.hasOwnModel;
    if (ownModel && !this.isTrained()) throw this.notTrained();
    const projectVocabulary = await this.vocabulary();
    const { vocabulary } = projectVocabulary;
    const settings = { projectId: id, backend, analyzer: this.analyzerSpec(), stored: projectVocabulary };
    const model = ownModel
      ? await readProjectModel(this.folder, settings, services.onWarning, services.buffers)
      : undefined;
    const sources = await readSources(config.sources, vocabulary, services, ownModel);
    const read = model && {
      data: model.data,
      trainFrequency: model.trainFrequency,
      nTrainDocs: model.record.report.nDocuments,
      trainDocuments: model.trainDocuments,
    };
    return { model, ...(await this.filesOf(read, projectVocabulary, sources, model?.sha256 ?? '')) };
  }

  /** @param learnt the model; undefined for an ensemble without one */
  private async filesOf(
    learnt:
      | {
          readonly data: ModelData;
          readonly trainFrequency: Uint32Array;
          readonly nTrainDocs: number;
          readonly trainDocuments?: Float64Array;
        }
      | undefined,
    projectVocabulary: ProjectVocabulary,
    sources: readonly SourceParts[],
    sha256: string,
  ): Promise<Omit<ProjectFiles, 'model'>> {
    const { config, services } = this;
    const { vocabulary, allowed, nAllowed } = projectVocabulary;
    const nDisallowed = vocabulary.nSubjects - nAllowed;
    const trainFrequency = new Uint32Array(new SharedArrayBuffer(4 * vocabulary.nSubjects));
    const definitions = showsConcepts(this.backendName()) ? await projectVocabulary.definitions() : undefined;
    const parts: SuggesterParts = {
      projectId: this.id,
      language: config.language,
      backend: this.backendName(),
      backendModules: services.backendModules,
      params: this.params,
      analyzer: this.analyzerSpec(),
      transform: config.transform,
      vocabulary: vocabulary.toModelData(),
      ...(definitions ? { definitions: definitions.toModelData() } : undefined),
      model: learnt?.data ?? { meta: {}, pack: packArrays({}) },
      allowed: nDisallowed > 0 ? allowed : undefined,
      nDisallowed,
      sources,
      trainFrequency,
      learnt: { records: [], known: undefined },
      ...(asksServices(this.backendName())
        ? { answersFolder: join(this.folder, 'answers'), sharedState: this.sharedState }
        : undefined),
    };
    if (sources.length === 0) trainFrequency.set(learnt?.trainFrequency ?? []);
    for (const source of sources) {
      source.trainFrequency.forEach((n, id) => {
        if (n > (trainFrequency[id] as number)) trainFrequency[id] = n;
      });
    }
    return {
      parts,
      vocabulary: projectVocabulary,
      trainFrequency,
      nTrainDocs: sources.length === 0 ? (learnt?.nTrainDocs ?? 0) : Math.max(...sources.map((s) => s.nTrainDocs)),
      modelId: [sha256, ...sources.map((source) => source.modelId)].join(' ').trim(),
      learnt: {
        key: sources
          .map((source) => source.learntKey)
          .join(' ')
          .trim(),
        n: 0,
        hashes: new Set(),
        known: [...(learnt?.trainDocuments ? [learnt.trainDocuments] : []), ...sources.flatMap(({ known }) => known)],
      },
    };
  }

  /** @returns the error that says that there is no model */
  notTrained(): OperationError {
    return new OperationError('not-trained', `Couldn't initialize project '${this.id}': Project is not trained.`, {
      hint: `Run: catchword train ${this.id} CORPUS`,
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

  private backendName(): string {
    const { backend, unsupported } = this.config;
    if (unsupported)
      throw new ConfigurationError('configuration-invalid', unsupported, { context: { projectId: this.id } });
    if (!backend) throw this.missing('backend');
    return backend;
  }

  private analyzerSpec(): string {
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

/** @returns for each document the size of its best set */
function autoLimits({ indptr, scores, nDocs }: SuggestionBatch, atMost = Number.POSITIVE_INFINITY): Uint32Array {
  return Uint32Array.from({ length: nDocs }, (_, i) =>
    Math.min(bestSetSize(scores, indptr[i] as number, indptr[i + 1] as number), atMost),
  );
}
