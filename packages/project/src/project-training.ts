import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Corpus } from '@catchword/core';
import { ConfigurationError, IndexingError } from '@catchword/core';
import { AnswerFolder } from '@catchword/storage';
import { createAnalyzer, createTransform } from '@catchword/text';
import { parseBackendParams } from './backend-params.js';
import { asksServices, isEnsembleBackend, loadBackendType, showsConcepts } from './backend-types.js';
import { corpusFor } from './mapped-corpus.js';
import type { TrainReport } from './model-record.js';
import type { Project, ProjectServices } from './project.js';
import type { ProjectFileReader, ProjectFiles } from './project-files.js';
import { type ProjectModel, readProjectModel } from './project-model.js';
import { readSources, sourceParts } from './read-sources.js';
import { openSources } from './suggester.js';
import type { SourceParts } from './suggester-source.js';
import {
  checkFolds,
  ensembleTraining,
  requireTrained,
  sourcesToTrain,
  type TrainEnsembleOptions,
  tellLanguages,
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

/** Trains a project's model, and those of its sources where it is an ensemble. */
export class ProjectTraining {
  private readonly project: Project;
  private readonly services: ProjectServices;
  private readonly files: ProjectFileReader;
  private readonly sharedState: SharedArrayBuffer;

  constructor(project: Project, services: ProjectServices, files: ProjectFileReader, sharedState: SharedArrayBuffer) {
    this.project = project;
    this.services = services;
    this.files = files;
    this.sharedState = sharedState;
  }

  /**
   * Learns from a corpus and stores the model in place of the old one. Sources of an ensemble that have no model are
   * trained first where there is a corpus for them; of an ensemble without a model of its own they are all there is.
   *
   * @throws {OperationError} `locked`, `corpus-empty`, `not-supported`, `write-failed`; after an abort the signal's reason.
   *   The old model stays.
   */
  async train(corpus: CountingCorpus, options: TrainEnsembleOptions = {}): Promise<TrainReport> {
    const { project, services } = this;
    const onWarning = options.onWarning ?? services.onWarning;
    const all: TrainEnsembleOptions = { ...options, onWarning };
    const isEnsemble = isEnsembleBackend(project.backend);
    this.checkOptions(all);
    if (isEnsemble) {
      tellLanguages(project, services, onWarning);
      const last = await this.trainSourcesFirst(corpus, all);
      if (project.modelNeed === 'untrained' && last) return last;
    }
    const training = await this.training(all);
    let report: TrainReport;
    if (isEnsemble) {
      const { vocabulary } = training.context;
      const wrap = (each: Corpus) =>
        new TrainingCorpus(each, training.transform, vocabulary.nSubjects, training.isUsable, options.signal);
      const ensemble = await ensembleTraining(project, vocabulary, corpus, wrap, services, all);
      const { unfinished, ...learnt } = ensemble;
      const sources = await openSources(
        await readSources(project.config.sources, vocabulary, services, 'refuse'),
        vocabulary.nSubjects,
      );
      try {
        report = await trainProject({ ...training, context: { ...training.context, sources } }, corpus, all, learnt);
      } finally {
        for (const source of sources) await source.close();
      }
      await unfinished?.remove();
    } else report = await trainProject(training, corpus, all);
    return report;
  }

  /**
   * Trains a model that is not stored, and for an ensemble without one those of its sources.
   *
   * @throws {OperationError} `not-supported` for an ensemble with a model of its own; else as `train`
   */
  async inMemory(corpus: Corpus, options: TrainProjectOptions): Promise<Omit<ProjectFiles, 'model'>> {
    const { project, services } = this;
    const { config } = project;
    const projectVocabulary = await project.vocabulary();
    const { vocabulary } = projectVocabulary;
    if (!project.hasOwnModel) {
      const sources: SourceParts[] = [];
      for (const spec of config.sources) {
        const source = services.project(spec.projectId);
        const own = (await source.vocabulary()).vocabulary;
        const files = await source.trainInMemory(corpusFor(corpus, vocabulary, own), options);
        sources.push(sourceParts(spec, files, vocabulary, services));
      }
      return this.files.of(undefined, projectVocabulary, sources, '');
    }
    project.checkOutOfFold();
    const training = await this.training(options);
    const wrapped = trainingCorpus(training, corpus, options);
    const { model, counts } = await learn(training, wrapped, options);
    const learnt = { data: model, trainFrequency: counts.frequency, nTrainDocs: counts.nDocuments };
    return this.files.of(learnt, projectVocabulary, [], '');
  }

  /** Whether the stored model is what a training on these documents with the settings of now would begin from. */
  async isTrainedOn(corpus: Corpus, options: TrainProjectOptions): Promise<boolean> {
    const { project } = this;
    if (!project.isTrained()) return false;
    const training = await this.training(options);
    const { type, context, analyzerSpec, transformSpec, vocabulary } = training;
    let model: ProjectModel;
    try {
      const stored = await project.vocabulary();
      const settings = { projectId: project.id, backend: project.backend, analyzer: analyzerSpec, stored };
      model = await readProjectModel(project.folder, settings, () => undefined);
    } catch (error) {
      if (IndexingError.is(error)) return false; // it is mended by the training
      throw error;
    }
    const { record } = model;
    const isSet =
      record.language === context.language &&
      record.analyzer === analyzerSpec &&
      record.transform === transformSpec &&
      record.vocabulary.fingerprint === vocabulary.fingerprint &&
      record.seed === (options.seed ?? 0) &&
      isDeepStrictEqual(plain(record.params), plain(parseBackendParams(type, training.params, project.id)));
    if (!isSet) return false;
    const wrapped = trainingCorpus(training, corpus, options);
    // counts, unless a source that sees the same has done it already
    if (wrapped.counts.nDocuments === 0) for await (const _ of wrapped.documents());
    return (
      isDeepStrictEqual(model.trainRecords, wrapped.recordHashes) &&
      isDeepStrictEqual(model.trainFrequency, wrapped.counts.frequency)
    );
  }

  /** @throws {ConfigurationError} `usage-invalid` for options that would change nothing */
  private checkOptions({ outOfFold, unseen, sourceCorpus }: TrainEnsembleOptions): void {
    const { project } = this;
    const refuse = (message: string, hint: string) => {
      throw new ConfigurationError('usage-invalid', message, { hint, context: { projectId: project.id } });
    };
    if (!isEnsembleBackend(project.backend) || project.modelNeed === 'untrained') {
      const option = outOfFold !== undefined ? '--out-of-fold' : sourceCorpus ? '--source-corpus' : '--unseen';
      if (outOfFold === undefined && !sourceCorpus && !unseen) return;
      refuse(
        `${option} is for ensembles that learn, and project "${project.id}" has backend ${project.backend}`,
        'Such are fusion, pav, nn_ensemble and llm_ensemble.',
      );
    }
    if (unseen && outOfFold === undefined) {
      refuse('--unseen goes with --out-of-fold', 'Without folds, name the unseen documents as the corpus itself.');
    }
    if (sourceCorpus && outOfFold !== undefined) {
      refuse(
        '--source-corpus and --out-of-fold exclude each other',
        'Out of fold, sources learn from the corpus itself.',
      );
    }
  }

  /** @returns the report of the last source that was trained; undefined where all had a model */
  private async trainSourcesFirst(
    corpus: CountingCorpus,
    options: TrainEnsembleOptions,
  ): Promise<TrainReport | undefined> {
    const { project, services } = this;
    const { outOfFold, sourceCorpus, unseen: _, ...ofSources } = options;
    const { vocabulary } = await project.vocabulary();
    if (outOfFold !== undefined) {
      await checkFolds(corpus, outOfFold);
      const stale = await sourcesToTrain(project, services, corpus, ofSources);
      return trainSources(stale, corpus, vocabulary, ofSources);
    }
    const untrained = untrainedSources(project, services);
    const from = sourceCorpus ?? (project.modelNeed === 'untrained' ? corpus : undefined);
    if (from) return trainSources(untrained, from, vocabulary, ofSources);
    requireTrained(project, untrained);
    return undefined;
  }

  private async training(options: TrainProjectOptions): Promise<Training> {
    const { project, services, sharedState } = this;
    const { config, folder, params } = project;
    const { language } = config;
    const type = await loadBackendType(project.backend, services.backendModules);
    const { allowed, nAllowed, ...stored } = await project.vocabulary();
    const { onWarning = services.onWarning, family } = options;
    const analyzerSpec = project.analyzer;
    const analyzer = await createAnalyzer(analyzerSpec, { language, onWarning });
    const { vocabulary } = stored;
    const definitions = showsConcepts(type.name) ? await stored.definitions() : undefined;
    return {
      type,
      context: {
        ...{ projectId: project.id, language, vocabulary, analyzer },
        ...(definitions ? { definitions } : undefined),
        ...(family ? { family } : undefined),
        ...(asksServices(type.name) ? { answers: new AnswerFolder(join(folder, 'answers')), sharedState } : undefined),
      },
      transform: await createTransform(config.transform, { language }),
      transformSpec: config.transform,
      analyzerSpec,
      params,
      folder,
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
}

/** @returns parameters as a manifest holds them, with the prototype of any object */
function plain(params: unknown): unknown {
  return JSON.parse(JSON.stringify(params));
}
