import { type Checkpoints, type Corpus, type Document, Family, OperationError, type Vocabulary } from '@catchword/core';
import { contentHash, holds } from '@catchword/math';
import { FoldCorpus, foldOf } from './fold-corpus.js';
import { corpusFor } from './mapped-corpus.js';
import type { TrainReport } from './model-record.js';
import { openPanel } from './open-panel.js';
import type { Project, ProjectServices } from './project.js';
import { readSources, sourceParts } from './read-sources.js';
import { threadCount } from './suggest-stream.js';
import type { SourceParts } from './suggester-source.js';
import type { CountingCorpus, EnsembleTraining, TrainProjectOptions } from './train-project.js';
import type { TrainingCorpus } from './training-corpus.js';
import { UnfinishedTraining } from './unfinished-training.js';

/** Documents of a corpus that an ensemble learns from out of fold; its sources learn from all of the others. */
const MOST_FOLD_DOCS = 6000;

/** How an ensemble is trained. */
export interface TrainEnsembleOptions extends TrainProjectOptions {
  /** Trains the sources on all but one of so many parts of the corpus in turn, and learns from what they say of the one. */
  readonly outOfFold?: number;
  /** With `outOfFold`: further documents, which no source is trained on. */
  readonly unseen?: CountingCorpus;
  /** What sources without a model are trained on. */
  readonly sourceCorpus?: CountingCorpus;
}

/** Sources without a model, those of sources before the ensembles that need them. */
export function untrainedSources(project: Project, services: ProjectServices): Project[] {
  return sourcesWithModels(project, services).filter((source) => !source.isTrained());
}

/** Sources that have a model or need one, those of sources before the ensembles that need them. */
function sourcesWithModels(project: Project, services: ProjectServices): Project[] {
  const found: Project[] = [];
  for (const { projectId } of project.config.sources) {
    const source = services.project(projectId);
    for (const each of sourcesWithModels(source, services)) if (!found.includes(each)) found.push(each);
    if (source.hasOwnModel && !found.includes(source)) found.push(source);
  }
  return found;
}

/**
 * Sources that have to be trained before an ensemble learns out of fold what sources of this corpus say: those without a
 * model, and those whose model is of other documents, subjects or settings.
 *
 * @throws {OperationError} `not-supported` for a source that cannot be trained out of fold
 */
export async function sourcesToTrain(
  project: Project,
  services: ProjectServices,
  corpus: Corpus,
  options: TrainProjectOptions,
): Promise<Project[]> {
  const { vocabulary } = await project.vocabulary();
  const family = new Family();
  const all = sourcesWithModels(project, services);
  for (const source of all) source.checkOutOfFold();
  const found: Project[] = [];
  for (const source of all) {
    const own = (await source.vocabulary()).vocabulary;
    const onProgress = prefixed(options, source.id);
    const known = await source.isTrainedOn(corpusFor(corpus, vocabulary, own), { ...options, family, onProgress });
    if (known) continue;
    found.push(source);
    if (!source.isTrained()) continue;
    options.onWarning?.(
      `Source "${source.id}" has a model of other documents, subjects or settings than this training: it is trained again`,
    );
  }
  return found;
}

/** @throws {OperationError} `corpus-empty` where one of so many parts of a corpus has no document */
export async function checkFolds(corpus: Corpus, nFolds: number): Promise<void> {
  const sizes = new Uint32Array(nFolds);
  for await (const { text } of corpus.documents()) {
    const fold = foldOf(text, nFolds);
    sizes[fold] = (sizes[fold] as number) + 1;
  }
  if (!sizes.includes(0)) return;
  const nDocs = sizes.reduce((sum, n) => sum + n, 0);
  const message = `Cannot train out of fold: ${corpus.name} holds ${nDocs} documents with subjects, too few for ${nFolds} parts`;
  throw new OperationError('corpus-empty', message, {
    hint: 'Give fewer parts, or more documents; documents with equal texts are in one part.',
    context: { corpus: corpus.name, nDocs, nFolds },
  });
}

/**
 * Trains sources, one after the other; what they can share is computed once.
 *
 * @param vocabulary whose subjects the corpus has
 * @returns the report of the last one; undefined where there is none
 */
export async function trainSources(
  sources: readonly Project[],
  corpus: CountingCorpus,
  vocabulary: Vocabulary,
  options: TrainProjectOptions,
): Promise<TrainReport | undefined> {
  const family = new Family();
  let report: TrainReport | undefined;
  for (const source of sources) {
    const own = (await source.vocabulary()).vocabulary;
    report = await source.train(corpusFor(corpus, vocabulary, own), {
      ...options,
      family,
      onProgress: prefixed(options, source.id),
    });
    options.onSourceTrained?.(report);
  }
  return report;
}

/** What an ensemble learns from: each part a corpus with the sources that have not learnt it. */
export async function ensembleTraining(
  project: Project,
  vocabulary: Vocabulary,
  corpus: CountingCorpus,
  wrap: (corpus: Corpus) => TrainingCorpus,
  services: ProjectServices,
  options: TrainEnsembleOptions,
): Promise<EnsembleTraining & { unfinished?: UnfinishedTraining }> {
  const { outOfFold, unseen } = options;
  const nJobs = threadCount(options.nJobs ?? 0);
  const { nSubjects } = vocabulary;
  const whole = async (): Promise<SourceParts[]> => readSources(project.config.sources, vocabulary, services, 'refuse');
  const open = (parts: readonly SourceParts[]) => openPanel(parts, nSubjects, nJobs, options.onWarning);
  const advice =
    `an ensemble that learns from them trusts it too much. Train "${project.id}" on other documents, ` +
    'or with --out-of-fold';
  const unlearnt = (name: string, documents: Corpus): EnsembleTraining['heldOut'][number] => ({
    name,
    corpus: wrap(new OverlapCorpus(documents, project, services, options.onWarning, advice)),
    open: async () => open(await whole()),
  });
  if (outOfFold === undefined) return { heldOut: [unlearnt('', corpus)] };
  const unfinished = await UnfinishedTraining.open(project, corpus, options);
  const share = Math.min(1, MOST_FOLD_DOCS / unfinished.nDocs);
  const folds = Array.from({ length: outOfFold }, (_, fold): EnsembleTraining['heldOut'][number] => {
    const name = `fold ${fold + 1} of ${outOfFold}`;
    return {
      name,
      corpus: wrap(new FoldCorpus(corpus, fold, outOfFold, true, share)),
      open: async () => {
        const family = new Family();
        const others = new FoldCorpus(corpus, fold, outOfFold, false);
        const parts: SourceParts[] = [];
        for (const spec of project.config.sources) {
          const source = services.project(spec.projectId);
          const onProgress = prefixed(options, `${source.id}, ${name}`);
          const own = (await source.vocabulary()).vocabulary;
          const files = await source.trainInMemory(corpusFor(others, vocabulary, own), {
            ...options,
            family,
            onProgress,
          });
          parts.push(sourceParts(spec, files, vocabulary, services));
        }
        return open(parts);
      },
    };
  });
  const heldOut = unseen ? [...folds, unlearnt('unseen documents', unseen)] : folds;
  return { heldOut, checkpoints: checkpointsOf(folds, unfinished), unfinished };
}

/**
 * Keeps what was made of the folds, which takes long. What is made of unseen documents is not kept: sources may have been
 * trained again meanwhile.
 */
function checkpointsOf(folds: EnsembleTraining['heldOut'], unfinished: UnfinishedTraining): Checkpoints {
  const foldNamed = (name: string) => folds.find((fold) => fold.name === name);
  return {
    async load(name) {
      const fold = foldNamed(name);
      const kept = fold && (await unfinished.load(name));
      if (kept) fold.corpus.counts = kept.counts;
      return kept?.data;
    },
    async save(name, data) {
      const fold = foldNamed(name);
      if (fold) await unfinished.save(name, data, fold.corpus.counts);
    },
  };
}

function prefixed(options: TrainProjectOptions, name: string): NonNullable<TrainProjectOptions['onProgress']> {
  return (progress) => options.onProgress?.({ ...progress, stage: `${name}: ${progress.stage}` });
}

/** Documents that something is to be learnt from about sources; those that a source was trained on are counted and told. */
export class OverlapCorpus implements Corpus {
  readonly name: string;
  private readonly corpus: Corpus;
  private readonly project: Project;
  private readonly services: ProjectServices;
  private readonly onWarning: ((message: string) => void) | undefined;
  private readonly advice: string;

  /** @param advice goes on after `it knows their subjects, and` */
  constructor(
    corpus: Corpus,
    project: Project,
    services: ProjectServices,
    onWarning: ((message: string) => void) | undefined,
    advice: string,
  ) {
    this.name = corpus.name;
    this.corpus = corpus;
    this.project = project;
    this.services = services;
    this.onWarning = onWarning;
    this.advice = advice;
  }

  async *documents(): AsyncGenerator<Document, void, undefined> {
    const sources: { id: string; learnt: Float64Array; n: number }[] = [];
    for (const { projectId } of this.project.config.sources) {
      const source = this.services.project(projectId);
      for (const learnt of await source.trainDocuments()) sources.push({ id: projectId, learnt, n: 0 });
    }
    let nDocs = 0;
    for await (const doc of this.corpus.documents()) {
      nDocs++;
      const hash = contentHash(doc.text);
      for (const source of sources) if (holds(source.learnt, hash)) source.n++;
      yield doc;
    }
    for (const { id, n } of sources) {
      if (n === 0) continue;
      this.onWarning?.(
        `${n} of ${nDocs} documents are among those that source "${id}" was trained on: it knows their subjects, and ${this.advice}`,
      );
    }
  }
}

/** Tells of sources in another language than the ensemble: the same text is hardly in both. */
export function tellLanguages(
  project: Project,
  services: ProjectServices,
  onWarning: ((message: string) => void) | undefined,
): void {
  const { language, sources } = project.config;
  for (const { projectId } of sources) {
    const { config } = services.project(projectId);
    if (config.language === language) continue;
    onWarning?.(
      `Source "${projectId}" is for texts in language ${config.language}, and project "${project.id}" for language ${language}`,
    );
  }
}

/** @throws {OperationError} `not-trained`, naming the sources that have no model and what can be done */
export function requireTrained(project: Project, untrained: readonly Project[]): void {
  if (untrained.length === 0) return;
  const ids = untrained.map(({ id }) => id);
  throw new OperationError('not-trained', `Cannot train "${project.id}": its sources ${ids.join(', ')} have no model`, {
    hint:
      `Train them from the same corpus: catchword train ${project.id} CORPUS --out-of-fold 5\n` +
      `or from one of their own: catchword train ${project.id} VALIDATION --source-corpus CORPUS`,
    context: { projectId: project.id, sources: ids },
  });
}
