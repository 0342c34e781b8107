import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ExtractionAnswer, ExtractionTask } from './extract-process.js';
import {
  DEFAULT_EXTRACTION_LIMITS,
  type ExtractedText,
  ExtractionError,
  type ExtractionLimits,
  type ExtractionProblem,
  type UploadedFile,
} from './extraction.js';

const PROCESS = fileURLToPath(new URL('../../dist/extraction/extract-process.js', import.meta.url));
const PAGE_BYTES = 4096;
const WATCH_MS = 50;

export interface ExtractorOptions {
  readonly limits: ExtractionLimits;
  /** A process that works longer is killed. */
  readonly timeoutMs: number;
  /** A process that takes more memory is killed, where the system tells (Linux). */
  readonly maxRssBytes: number;
  /** Processes at one time. */
  readonly nProcesses: number;
  /** Files that may wait for one; more are refused. */
  readonly maxWaiting: number;
  /** Files that a process reads before the next one takes over: 1 where they come from strangers. */
  readonly filesPerProcess: number;
}

/** For a server: files are rare, and a process for one takes memory, so few at a time. */
export const DEFAULT_EXTRACTOR: ExtractorOptions = {
  limits: DEFAULT_EXTRACTION_LIMITS,
  timeoutMs: 30_000,
  maxRssBytes: 1 << 30,
  nProcesses: 2,
  maxWaiting: 16,
  filesPerProcess: 1,
};

/** A process, and how many files it has read. */
interface Reader {
  readonly child: ChildProcess;
  nFiles: number;
}

/**
 * Gets texts of files in processes of their own, which are killed where a file takes too long or too much memory.
 *
 * Call `stop` at the end: a process that waits for another file would keep the program from ending.
 */
export class Extractor {
  private readonly options: ExtractorOptions;
  private readonly waiting: (() => void)[] = [];
  private readonly running = new Set<ChildProcess>();
  private readonly idle: Reader[] = [];
  private nBusy = 0;

  constructor(options: ExtractorOptions) {
    this.options = options;
  }

  /** @throws {ExtractionError} of any kind; the signal's reason */
  async extract(file: UploadedFile, signal?: AbortSignal): Promise<ExtractedText> {
    await this.turn();
    try {
      signal?.throwIfAborted();
      const answer = await this.inProcess({ file, limits: this.options.limits }, signal);
      if ('extracted' in answer) return answer.extracted;
      const { kind, message } = answer.error;
      throw kind === undefined ? brokeDown() : new ExtractionError(kind, message);
    } finally {
      this.nBusy--;
      this.waiting.shift()?.();
    }
  }

  /** Kills what is under way, and what waits for another file. */
  stop(): void {
    this.idle.length = 0;
    for (const child of this.running) child.kill('SIGKILL');
  }

  private async turn(): Promise<void> {
    const { nProcesses, maxWaiting } = this.options;
    if (this.nBusy >= nProcesses) {
      if (this.waiting.length >= maxWaiting) throw new ExtractionError('overloaded', 'Too many files wait already');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.nBusy++;
  }

  private reader(): Reader {
    for (let reader = this.idle.pop(); reader; reader = this.idle.pop()) if (reader.child.connected) return reader;
    const child = fork(PROCESS, {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${Math.round(this.options.maxRssBytes / 2 ** 20)}`],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    return { child, nFiles: 0 };
  }

  private inProcess(task: ExtractionTask, signal: AbortSignal | undefined): Promise<ExtractionAnswer> {
    const { timeoutMs, maxRssBytes, filesPerProcess } = this.options;
    return new Promise((resolve, reject) => {
      const reader = this.reader();
      const { child } = reader;
      let verdict = brokeDown();
      const kill = (kind: ExtractionProblem, message: string) => {
        verdict = new ExtractionError(kind, message);
        child.kill('SIGKILL');
      };
      const timer = setTimeout(
        () => kill('timed-out', `Reading the file took longer than ${timeoutMs / 1000} s`),
        timeoutMs,
      );
      let rssBytes = 0;
      const watch = setInterval(async () => {
        rssBytes = await residentBytes(child.pid);
        if (rssBytes > maxRssBytes) kill('too-large', 'Reading the file takes more memory than is allowed');
      }, WATCH_MS);
      const onAbort = () => child.kill('SIGKILL');
      signal?.addEventListener('abort', onAbort);
      const end = () => {
        clearTimeout(timer);
        clearInterval(watch);
        signal?.removeEventListener('abort', onAbort);
        child.off('message', onAnswer).off('error', onError).off('exit', onExit);
      };
      const onAnswer = (answer: ExtractionAnswer) => {
        end();
        // One that has grown large would be blamed on the next file.
        if (++reader.nFiles < filesPerProcess && rssBytes < maxRssBytes / 2) this.idle.push(reader);
        else child.kill('SIGKILL'); // it has done its work, whatever may still keep it
        resolve(answer);
      };
      const onError = (error: Error) => {
        end();
        reject(error);
      };
      const onExit = () => {
        end();
        reject(signal?.aborted ? signal.reason : verdict);
      };
      child.once('message', onAnswer);
      child.once('error', onError);
      child.once('exit', onExit);
      child.send(task, (error) => {
        if (error && child.connected) child.kill('SIGKILL');
      });
    });
  }
}

/** @returns 0 where the system does not tell, or the process is gone */
async function residentBytes(pid: number | undefined): Promise<number> {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0');
  return Number(statm.split(' ')[1]) * PAGE_BYTES;
}

function brokeDown(): ExtractionError {
  return new ExtractionError('broke-down', 'The file cannot be read: its reader broke down');
}
