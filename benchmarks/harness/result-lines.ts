import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { ROOT } from './places.js';

/** A file of JSON lines that runs add to, so that a table can be made from several of them. */
export class ResultLines<Line extends object> {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Adds a line, here and on standard output, with the time and the machine's load. */
  add(line: Line): void {
    const text = JSON.stringify({ ...line, at: new Date().toISOString(), load1: round(loadavg()[0] ?? 0, 2) });
    appendFileSync(this.path, `${text}\n`);
    console.log(text);
  }

  /** @returns all lines of the file, those of earlier runs included */
  all(): Line[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  }
}

/** What a figure depends on besides the program. */
export interface Machine {
  readonly cpu: string;
  readonly nCores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  /** The commit that was measured; `+` where files had been changed since. */
  readonly commit: string;
}

/** @returns the machine that this process runs on */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    nCores: all.length,
    memoryGiB: round(totalmem() / 2 ** 30, 1),
    platform: `${platform()} ${arch()}`,
    node: process.version,
    commit: commit(),
  };
}

function commit(): string {
  return described((git) => git('rev-parse', '--short', 'HEAD'));
}

/** @returns the last commit that changed a package, `+` added where files have been changed since */
export function packagesCommit(): string {
  return described((git) => git('log', '-1', '--format=%h', '--', 'packages'));
}

function described(of: (git: (...args: string[]) => string) => string): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    return of(git) + (git('status', '--porcelain', 'packages') === '' ? '' : '+');
  } catch (error) {
    return `unknown (${(error as Error).message.split('\n')[0]})`;
  }
}

/** Rounds to so many decimals. */
export function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
