import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VOCABULARIES } from './data-sets.js';
import {
  documentLines,
  documentsAtEqualSteps,
  firstDocuments,
  repeatedDocuments,
  unpackedVocabulary,
} from './document-files.js';
import { Catchword, type IndexingProgram } from './indexing-program.js';
import { cacheFolder, dataFile } from './places.js';
import type { MeasuredProject, Suggesting, Training, Unmeasured } from './project-line.js';
import { N_TRIALS, type ProjectPlan, projectId, projectSection } from './project-plan.js';
import { differences, evaluateIndependently, qualityOf } from './quality.js';
import { type Regime, type RegimeFiles, regimeFiles } from './regimes.js';
import { round } from './result-lines.js';
import type { SplitSet } from './split-sets.js';

/** What has been trained and suggested before, by project and by `project/test`. */
interface Done {
  readonly vocabularies: string[];
  readonly trained: Record<string, Training>;
  readonly suggested: Record<string, Suggesting & { readonly ofTrainingAt: string }>;
}

/** What of the work before is used again: nothing but sources, or all that is there. */
export type Reuse = 'sources' | 'all';

/**
 * Trains the projects of one program, and suggests and evaluates with them. What was done is recorded beside the models, so
 * that an interrupted run goes on, and a benchmark finds the sources that another has trained.
 */
export class ProjectRuns {
  readonly program: IndexingProgram;
  private readonly folder: string;
  private readonly python: string | undefined;
  private readonly nDocuments: number;
  private readonly done: Done;

  /**
   * @param workspace the name that `program` was made with
   * @param python one that has numpy, for the independent evaluator; undefined leaves that out
   * @param nDocuments short test files are indexed several times in a row, as one file of about so many documents, so that a run
   *   lasts for more than its start
   */
  constructor(program: IndexingProgram, workspace: string, python: string | undefined, nDocuments: number) {
    this.program = program;
    this.nDocuments = nDocuments;
    this.folder = cacheFolder('work', workspace);
    this.python = python;
    const path = this.donePath();
    this.done = existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as Done)
      : { vocabularies: [], trained: {}, suggested: {} };
  }

  /**
   * Measures some projects of a set.
   *
   * @param plans all plans of the set, sources before what combines them
   * @param chosen names of the plans to measure; sources that they need are trained where they have not been
   * @returns a line for each project and test file, as soon as it is there
   */
  async *measure(
    set: SplitSet,
    regime: Regime,
    plans: readonly ProjectPlan[],
    chosen: ReadonlySet<string>,
    nRound: number,
    reuse: Reuse,
  ): AsyncGenerator<MeasuredProject | Unmeasured> {
    const files = regimeFiles(set, regime);
    if (!files) {
      const why = 'the set has no such regime, or its files are not there';
      yield { kind: 'skipped', what: `${set.name}, ${regime}`, why };
      return;
    }
    const own = plans.filter((plan) => plan.programs.includes(this.program.name));
    await this.loadVocabulary(set.vocabulary);
    for (const plan of own.filter(({ name }) => chosen.has(name))) {
      try {
        const training = await this.train(plan, own, set, regime, files, reuse);
        if (plan.onlySource) continue;
        for (const test of set.tests) {
          const file = dataFile(test.file);
          if (file === undefined) {
            yield { kind: 'skipped', what: test.name, why: `there is no ${test.file}` };
            continue;
          }
          const id = projectId(plan.name, set, regime);
          const about = { program: this.program.name, set: set.name, regime, project: plan.name, id, test: test.name };
          const predictions = join(cacheFolder('predictions', this.folderName()), `${id}.${test.name}.jsonl`);
          const suggesting = await this.suggest(id, test.name, file, predictions, reuse);
          const judged = await this.judge(id, plan, file, predictions, files, training);
          const bytesWithSources = this.bytes(plan, own, set, regime);
          yield {
            kind: 'project',
            ...about,
            round: nRound,
            training,
            bytesWithSources,
            suggesting,
            predictions,
            ...judged,
          };
        }
      } catch (error) {
        // One project that a program cannot train or ask must not cost the others their figures; the benchmark fails at its end.
        const why = (error as Error).message;
        yield { kind: 'failed', what: `${this.program.name}, ${projectId(plan.name, set, regime)}`, why };
      }
    }
  }

  /** Once in a workspace: `done.vocabularies` names those that are there. */
  private async loadVocabulary(id: string): Promise<void> {
    if (this.done.vocabularies.includes(id)) return;
    const file = dataFile(VOCABULARIES[id] ?? '');
    if (file === undefined) throw new RangeError(`there is no file of the vocabulary ${id}`);
    this.program.configure(`[${id}]\nname=${id}\nlanguage=en\nbackend=mllm\nanalyzer=simple\nvocab=${id}\n`);
    await this.program.loadVocabulary(id, await unpackedVocabulary(file), true);
    this.done.vocabularies.push(id);
    this.writeDone();
  }

  private async train(
    plan: ProjectPlan,
    plans: readonly ProjectPlan[],
    set: SplitSet,
    regime: Regime,
    files: RegimeFiles,
    reuse: Reuse,
  ): Promise<Training> {
    const id = projectId(plan.name, set, regime);
    const ofSources: Training[] = [];
    for (const name of plan.sources ?? []) {
      ofSources.push(await this.train(planOf(plans, name), plans, set, regime, files, 'all'));
    }
    const before = this.done.trained[id];
    // What another version trained is not measured, nor what learnt from another training of its sources.
    const { version } = this.program;
    if (
      before &&
      reuse === 'all' &&
      before.version === version &&
      ofSources.every((source) => source.at <= before.at)
    ) {
      this.configure(plan, plans, set, regime);
      return before;
    }
    delete this.done.trained[id];
    this.configure(plan, plans, set, regime);
    const file = plan.training === 'train' ? documentsAtEqualSteps(files.train, plan.nTrain ?? 0) : files.validate;
    const nDocs = documentLines(file).length;
    const about = { nDocs, at: new Date().toISOString(), ...(version === undefined ? undefined : { version }) };
    let training: Training;
    if (plan.training === 'hyperopt') {
      const { run, sources } = await this.program.hyperopt(id, file, plan.nTrials ?? N_TRIALS);
      training = { ...about, run, modelBytes: 0, sources };
    } else {
      const options = [...(plan.trainOptions ?? []), ...(plan.unseen ? ['--unseen', files.validate] : [])];
      const run = await this.program.train(id, file, options);
      training = { ...about, run, modelBytes: this.program.modelBytes(id) };
    }
    this.done.trained[id] = training;
    this.writeDone();
    this.configure(plan, plans, set, regime);
    return training;
  }

  /** Writes the configuration of a project and its sources, with the weights that were found. */
  private configure(plan: ProjectPlan, plans: readonly ProjectPlan[], set: SplitSet, regime: Regime): void {
    const sections = withSources(plan, plans).map((each) =>
      projectSection(each, set, regime, this.done.trained[projectId(each.name, set, regime)]?.sources),
    );
    this.program.configure(sections.join('\n'));
  }

  private async suggest(id: string, test: string, file: string, output: string, reuse: Reuse): Promise<Suggesting> {
    const key = `${id}/${test}`;
    const ofTrainingAt = this.done.trained[id]?.at ?? '';
    const before = this.done.suggested[key];
    const nDocs = documentLines(file).length;
    const copies = Math.max(1, Math.round(this.nDocuments / nDocs));
    const isSame = before?.ofTrainingAt === ofTrainingAt && before.copies === copies;
    if (isSame && reuse === 'all' && existsSync(output)) return before;
    const oneDocument = await this.program.index(id, [firstDocuments(file, 1)], output);
    const run = await this.program.index(id, [repeatedDocuments(file, copies)], output);
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
    if (copies > 1) writeFileSync(output, `${lines.slice(0, nDocs).join('\n')}\n`);
    const rate = (all: number | null, one: number | null) =>
      all === null || one === null || all <= one ? null : round((nDocs * copies - 1) / (all - one), 2);
    const suggesting = {
      nDocs,
      copies,
      run,
      oneDocument,
      docsPerSecond: rate(run.wallSeconds, oneDocument.wallSeconds),
      docsPerCpuSecond: rate(run.cpuSeconds, oneDocument.cpuSeconds),
      at: new Date().toISOString(),
    };
    this.done.suggested[key] = { ...suggesting, ofTrainingAt };
    this.writeDone();
    return suggesting;
  }

  /** Both evaluators, which have to agree. */
  private async judge(
    id: string,
    plan: ProjectPlan,
    gold: string,
    predictions: string,
    files: RegimeFiles,
    training: Training,
  ): Promise<Pick<MeasuredProject, 'quality' | 'ownQuality'>> {
    const { python, program } = this;
    const quality =
      python === undefined ? null : await evaluateIndependently(python, gold, predictions, files.train, files.masked);
    if (!(program instanceof Catchword)) return { quality };
    const ownQuality = qualityOf(await program.evaluate(id, gold));
    // `catchword eval` counts bands in what the project itself was trained on.
    const sameBands = plan.training === 'train' && training.nDocs === documentLines(files.train).length;
    const found = quality ? differences(quality, ownQuality, sameBands) : [];
    if (found.length > 0) throw new Error(`evaluate.py and catchword eval do not agree on ${id}: ${found.join('; ')}`);
    return { quality, ownQuality };
  }

  private bytes(plan: ProjectPlan, plans: readonly ProjectPlan[], set: SplitSet, regime: Regime): number {
    const bytes = withSources(plan, plans).map(
      ({ name }) => this.done.trained[projectId(name, set, regime)]?.modelBytes ?? 0,
    );
    return bytes.reduce((sum, each) => sum + each, 0);
  }

  private folderName(): string {
    return `${this.folder.split(/[/\\]/).at(-1)}-${this.program.name}`;
  }

  private donePath(): string {
    return join(this.folder, `${this.program.name}.done.json`);
  }

  private writeDone(): void {
    const path = this.donePath();
    writeFileSync(`${path}.part`, JSON.stringify(this.done, undefined, 1));
    renameSync(`${path}.part`, path);
  }
}

/** @returns the plan and all that it combines, each once, sources first */
function withSources(plan: ProjectPlan, plans: readonly ProjectPlan[]): ProjectPlan[] {
  const below = (plan.sources ?? []).flatMap((name) => withSources(planOf(plans, name), plans));
  return [...new Set([...below, plan])];
}

function planOf(plans: readonly ProjectPlan[], name: string): ProjectPlan {
  const plan = plans.find((each) => each.name === name);
  if (!plan) throw new RangeError(`there is no project ${name}`);
  return plan;
}
