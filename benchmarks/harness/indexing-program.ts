import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnnifInstallation } from './annif.js';
import { LEXICAL_SETS } from './data-sets.js';
import { cacheFolder, ROOT } from './places.js';
import { type ProgramRun, runProgram } from './run-program.js';

/** The name of a side of a comparison. */
export type ProgramName = 'catchword' | 'annif';

/** Catchword or Annif, asked through its command line as a user asks it; both read the same `projects.cfg`. */
export interface IndexingProgram {
  readonly name: ProgramName;
  /** Loads a vocabulary; `fresh` removes what was loaded before, otherwise it is an update. */
  loadVocabulary(id: string, file: string, fresh: boolean): Promise<ProgramRun>;
  /** Trains the project from nothing. */
  train(set: string, file: string): Promise<ProgramRun>;
  /** @returns the size of what `suggest` reads of a trained project */
  modelBytes(set: string): number;
  /** Writes at most 20 suggestions for each document, a JSON line each. */
  index(set: string, files: readonly string[], output: string): Promise<ProgramRun>;
  /** Suggests subjects for one text on standard input. */
  suggest(set: string, text: string): Promise<ProgramRun>;
}

/** What `catchword eval --json` prints, as far as it is used here. */
export interface CatchwordEvaluation {
  readonly further: {
    readonly nDocsWithGold: number;
    readonly precisionAt1: number;
    readonly precisionAt5: number;
    readonly f1At5: number;
    readonly ndcgAt10: number;
    readonly recallAt10: number;
    readonly bands: readonly { readonly band: string; readonly nGold: number; readonly recallAt10: number | null }[];
  };
}

/** @returns the project of a set in both programs */
export function projectOf(set: string): string {
  return `mllm-${set}`;
}

/** Writes the configuration that both programs read: Annif's mllm with its defaults. */
function writeConfiguration(benchmark: string): string {
  const path = join(cacheFolder('work', benchmark), 'projects.cfg');
  const sections = LEXICAL_SETS.map(
    ({ name, language, snowball, vocabulary }) =>
      `[${projectOf(name)}]\nname=MLLM ${name}\nlanguage=${language}\nbackend=mllm\n` +
      `analyzer=snowball(${snowball})\nvocab=${vocabulary}\nlimit=100\n`,
  );
  // A vocabulary can be loaded where a project names it.
  sections.push('[synthetic]\nname=Synthetic\nlanguage=en\nbackend=mllm\nanalyzer=simple\nvocab=synthetic\n');
  writeFileSync(path, sections.join('\n'));
  return path;
}

/** The program of this repository, as it was built last. */
export class Catchword implements IndexingProgram {
  readonly name = 'catchword';
  private readonly dataFolder: string;
  private readonly common: readonly string[];

  /** @param benchmark names the data folder, so that two benchmarks do not share one */
  constructor(benchmark: string) {
    this.dataFolder = cacheFolder('work', benchmark, 'catchword-data');
    this.common = ['--projects', writeConfiguration(benchmark), '--data-dir', this.dataFolder];
  }

  async loadVocabulary(id: string, file: string, fresh: boolean): Promise<ProgramRun> {
    if (fresh) rmSync(join(this.dataFolder, 'vocabs', id), { recursive: true, force: true });
    return (await this.run(['load-vocab', id, file])).run;
  }

  async train(set: string, file: string): Promise<ProgramRun> {
    rmSync(this.projectFolder(set), { recursive: true, force: true });
    return (await this.run(['train', projectOf(set), file])).run;
  }

  modelBytes(set: string): number {
    return sizeOf(this.projectFolder(set), () => true);
  }

  async index(set: string, files: readonly string[], output: string): Promise<ProgramRun> {
    return (await this.run(['index', projectOf(set), ...files, '-l', '20', '-I', '-f', '-O', output])).run;
  }

  async suggest(set: string, text: string): Promise<ProgramRun> {
    return (await this.run(['suggest', projectOf(set)], text)).run;
  }

  /** `catchword eval` over the first 20 suggestions. */
  async evaluate(set: string, file: string): Promise<CatchwordEvaluation> {
    const { stdout } = await this.run(['eval', projectOf(set), file, '-l', '20', '--json']);
    return JSON.parse(stdout) as CatchwordEvaluation;
  }

  private projectFolder(set: string): string {
    return join(this.dataFolder, 'projects', projectOf(set));
  }

  private run(args: readonly string[], input?: string) {
    const program = join(ROOT, 'packages/cli/bin/catchword.js');
    const all = [program, ...args, ...this.common];
    return runProgram(process.execPath, all, input === undefined ? {} : { input });
  }
}

/** The peer. */
export class Annif implements IndexingProgram {
  readonly name = 'annif';
  private readonly dataFolder: string;
  private readonly installation: AnnifInstallation;
  private readonly env: Readonly<Record<string, string>>;

  /** @param benchmark names the data folder, so that two benchmarks do not share one */
  constructor(installation: AnnifInstallation, benchmark: string) {
    this.installation = installation;
    this.dataFolder = cacheFolder('work', benchmark, 'annif-data');
    const projects = writeConfiguration(benchmark);
    this.env = { ...installation.env, ANNIF_DATADIR: this.dataFolder, ANNIF_PROJECTS: projects };
  }

  async loadVocabulary(id: string, file: string, fresh: boolean): Promise<ProgramRun> {
    if (fresh) rmSync(join(this.dataFolder, 'vocabs', id), { recursive: true, force: true });
    return this.run(['load-vocab', id, file]);
  }

  async train(set: string, file: string): Promise<ProgramRun> {
    rmSync(this.projectFolder(set), { recursive: true, force: true });
    return this.run(['train', projectOf(set), file]);
  }

  /** The training matrix, which Annif keeps for `train --cached`, does not count. */
  modelBytes(set: string): number {
    return sizeOf(this.projectFolder(set), (name) => name !== 'mllm-train.gz');
  }

  async index(set: string, files: readonly string[], output: string): Promise<ProgramRun> {
    return this.run(['index', projectOf(set), ...files, '-l', '20', '-I', '-f', '-O', output]);
  }

  async suggest(set: string, text: string): Promise<ProgramRun> {
    return this.run(['suggest', projectOf(set)], text);
  }

  private projectFolder(set: string): string {
    return join(this.dataFolder, 'projects', projectOf(set));
  }

  private async run(args: readonly string[], input?: string): Promise<ProgramRun> {
    const options = { env: this.env, ...(input === undefined ? undefined : { input }) };
    return (await runProgram(this.installation.program, args, options)).run;
  }
}

function sizeOf(folder: string, counts: (name: string) => boolean): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && counts(entry.name))
    .reduce((sum, entry) => sum + statSync(join(folder, entry.name)).size, 0);
}
