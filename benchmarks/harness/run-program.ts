import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './places.js';
import { round } from './result-lines.js';

/** GNU time; it reports what the kernel counted for the process and all children that it waited for. */
const GNU_TIME = '/usr/bin/time';
export const HAS_GNU_TIME = existsSync(GNU_TIME);

/** What one run of a program took. */
export interface ProgramRun {
  /** From start to exit, process start included. */
  readonly wallSeconds: number;
  /** User and system time of the process, its threads and its children; null without GNU time. */
  readonly cpuSeconds: number | null;
  /** Greatest resident memory of one process; where children work in parallel, a lower bound. Null without GNU time. */
  readonly peakRssMiB: number | null;
}

export interface RunOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input; otherwise that is empty. */
  readonly input?: string;
}

/**
 * Runs a program to its end and measures it from outside.
 *
 * @returns the measures, and what it wrote to standard output
 * @throws {Error} with the end of its standard error if it fails
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ run: ProgramRun; stdout: string; stderr: string }> {
  const report = join(cacheFolder('work'), `time-${process.pid}.txt`);
  const timed = HAS_GNU_TIME ? [GNU_TIME, '-q', '-o', report, '-f', '%U %S %M', command, ...args] : [command, ...args];
  const started = performance.now();
  const child = spawn(timed[0] as string, timed.slice(1), {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined); // a program that does not read its input may close it
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const wallSeconds = round((performance.now() - started) / 1000, 3);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr.slice(-2000)}`);
  }
  if (!HAS_GNU_TIME) return { run: { wallSeconds, cpuSeconds: null, peakRssMiB: null }, stdout, stderr };
  const [user = 0, system = 0, kiB = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  rmSync(report);
  return {
    run: { wallSeconds, cpuSeconds: round(user + system, 2), peakRssMiB: round(kiB / 1024, 1) },
    stdout,
    stderr,
  };
}
