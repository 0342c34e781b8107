import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnnifInstallation } from './annif.js';
import { cacheFolder, ROOT } from './places.js';
import { packagesCommit } from './result-lines.js';
import { type ProgramRun, runProgram } from './run-program.js';

/** The name of a side of a comparison. */
export type ProgramName = 'catchword' | 'annif';

/** Catchword or Annif, asked through its command line as a user asks it; both read the same `projects.cfg`. */
export interface IndexingProgram {
  readonly name: ProgramName;
  /** What its models depend on; undefined where that does not change from one benchmark to the next. */
  readonly version?: string;
  /** Loads a vocabulary; `fresh` removes what was loaded before, otherwise it is an update. */
  loadVocabulary(id: string, file: string, fresh: boolean): Promise<ProgramRun>;
  /** Writes another configuration, which the next command reads. */
  configure(configuration: string): void;
  /** Trains the project from nothing; `options` are further ones of `train`. */
  train(project: string, file: string, options?: readonly string[]): Promise<ProgramRun>;
  /** Looks for the weights of an ensemble's sources in so many trials. */
  hyperopt(project: string, file: string, nTrials: number): Promise<TunedSources>;
  /** @returns the size of what `suggest` reads of a trained project */
  modelBytes(project: string): number;
  /** Writes at most 20 suggestions for each document, a JSON line each. */
  index(project: string, files: readonly string[], output: string): Promise<ProgramRun>;
  /** Suggests subjects for one text on standard input. */
  suggest(project: string, text: string): Promise<ProgramRun>;
  /** How its server is started at a port of this machine. */
  serverCommand(port: number): ServerCommand;
}

/** A command line with what it needs of the environment. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
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

/** A search for the weights of an ensemble. */
export interface TunedSources {
  readonly run: ProgramRun;
  /** The `sources` setting that was best, weights included. */
  readonly sources: string;
}

/** The program of this repository, as it was built last. */
export class Catchword implements IndexingProgram {
  readonly name = 'catchword';
  readonly version = packagesCommit();
  private readonly dataFolder: string;
  private readonly projects: string;
  private readonly common: readonly string[];

  /**
   * @param benchmark names the folder that models are in, so that two benchmarks do not share one
   * @param configuration of the projects, as `projects.cfg`
   */
  constructor(benchmark: string, configuration: string) {
    this.dataFolder = cacheFolder('work', benchmark, 'catchword-data');
    this.projects = join(cacheFolder('work', benchmark), 'catchword.cfg');
    this.common = ['--projects', this.projects, '--data-dir', this.dataFolder];
    this.configure(configuration);
  }

  configure(configuration: string): void {
    writeFileSync(this.projects, configuration);
  }

  async loadVocabulary(id: string, file: string, fresh: boolean): Promise<ProgramRun> {
    if (fresh) rmSync(join(this.dataFolder, 'vocabs', id), { recursive: true, force: true });
    return (await this.run(['load-vocab', id, file])).run;
  }

  async train(project: string, file: string, options: readonly string[] = []): Promise<ProgramRun> {
    rmSync(this.projectFolder(project), { recursive: true, force: true });
    return (await this.run(['train', project, file, ...options])).run;
  }

  /** Trains the project while its old model is in use. */
  async trainAgain(project: string, file: string): Promise<ProgramRun> {
    return (await this.run(['train', project, file])).run;
  }

  async hyperopt(project: string, file: string, nTrials: number): Promise<TunedSources> {
    const { run, stdout } = await this.run(['hyperopt', project, file, '-T', String(nTrials)]);
    return { run, sources: sourcesSetting(stdout) };
  }

  modelBytes(project: string): number {
    return sizeOf(this.projectFolder(project), () => true);
  }

  async index(project: string, files: readonly string[], output: string): Promise<ProgramRun> {
    return (await this.run(['index', project, ...files, '-l', '20', '-I', '-f', '-O', output])).run;
  }

  async suggest(project: string, text: string): Promise<ProgramRun> {
    return (await this.run(['suggest', project], text)).run;
  }

  serverCommand(port: number): ServerCommand {
    const program = join(ROOT, 'packages/cli/bin/catchword.js');
    const args = [program, 'run', '--port', String(port), '-v', 'WARNING', ...this.common];
    // Annif's server opens a project at its first request; this one does so, too, where none is named for the start.
    // Certificates that a machine adds for its network are 2 MiB of a process, and none of a server that asks nobody.
    return { command: process.execPath, args, env: { CATCHWORD_PROJECTS_INIT: 'none$', NODE_EXTRA_CA_CERTS: '' } };
  }

  /** `catchword eval` over the first 20 suggestions. */
  async evaluate(project: string, file: string): Promise<CatchwordEvaluation> {
    const { stdout } = await this.run(['eval', project, file, '-l', '20', '--json']);
    return JSON.parse(stdout) as CatchwordEvaluation;
  }

  private projectFolder(project: string): string {
    return join(this.dataFolder, 'projects', project);
  }

  private run(args: readonly string[], input?: string) {
    const program = join(ROOT, 'packages/cli/bin/catchword.js');
    const all = [program, ...args, ...this.common];
    // Certificates that a machine adds are read by each process, and are not the program's memory.
    const env = { NODE_EXTRA_CA_CERTS: '' };
    return runProgram(process.execPath, all, input === undefined ? { env } : { env, input });
  }
}

/** The peer. */
export class Annif implements IndexingProgram {
  readonly name = 'annif';
  private readonly dataFolder: string;
  private readonly projects: string;
  private readonly installation: AnnifInstallation;
  private readonly env: Readonly<Record<string, string>>;

  /**
   * @param benchmark names the folder that models are in, so that two benchmarks do not share one
   * @param configuration of the projects, as `projects.cfg`
   */
  constructor(installation: AnnifInstallation, benchmark: string, configuration: string) {
    this.installation = installation;
    this.dataFolder = cacheFolder('work', benchmark, 'annif-data');
    this.projects = join(cacheFolder('work', benchmark), 'annif.cfg');
    this.env = { ...installation.env, ANNIF_DATADIR: this.dataFolder, ANNIF_PROJECTS: this.projects };
    this.configure(configuration);
  }

  configure(configuration: string): void {
    writeFileSync(this.projects, configuration);
  }

  async loadVocabulary(id: string, file: string, fresh: boolean): Promise<ProgramRun> {
    if (fresh) rmSync(join(this.dataFolder, 'vocabs', id), { recursive: true, force: true });
    return (await this.run(['load-vocab', id, file])).run;
  }

  async train(project: string, file: string, options: readonly string[] = []): Promise<ProgramRun> {
    rmSync(this.projectFolder(project), { recursive: true, force: true });
    return (await this.run(['train', project, file, ...options])).run;
  }

  async hyperopt(project: string, file: string, nTrials: number): Promise<TunedSources> {
    const { run, stdout } = await this.run(['hyperopt', project, file, '-T', String(nTrials)]);
    return { run, sources: sourcesSetting(stdout) };
  }

  /** What Annif keeps for `train --cached` does not count. */
  modelBytes(project: string): number {
    return sizeOf(this.projectFolder(project), (name) => !/^(mllm|omikuji|nn)-train\./.test(name));
  }

  async index(project: string, files: readonly string[], output: string): Promise<ProgramRun> {
    return (await this.run(['index', project, ...files, '-l', '20', '-I', '-f', '-O', output])).run;
  }

  serverCommand(port: number): ServerCommand {
    return { command: this.installation.program, args: ['run', '--port', String(port)], env: this.env };
  }

  async suggest(project: string, text: string): Promise<ProgramRun> {
    return (await this.run(['suggest', project], text)).run;
  }

  private projectFolder(project: string): string {
    return join(this.dataFolder, 'projects', project);
  }

  private run(args: readonly string[], input?: string) {
    const options = { env: this.env, ...(input === undefined ? undefined : { input }) };
    return runProgram(this.installation.program, args, options);
  }
}

/** The line of `hyperopt` that can be pasted into the configuration. */
function sourcesSetting(stdout: string): string {
  const setting = /^sources\s*=\s*(.+)$/m.exec(stdout)?.[1];
  if (setting === undefined) throw new Error(`hyperopt printed no line with sources=:\n${stdout.slice(-2000)}`);
  return setting.trim();
}

/** The files of a folder, those in folders below it included; 0 where there is none. */
function sizeOf(folder: string, counts: (name: string) => boolean): number {
  if (!existsSync(folder)) return 0;
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!counts(entry.name)) continue;
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? sizeOf(path, counts) : statSync(path).size;
  }
  return sum;
}
