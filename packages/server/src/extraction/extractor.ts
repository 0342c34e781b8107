import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { overloaded, Problem } from '../problem.js';
import type { ExtractionAnswer, ExtractionTask } from './extract-process.js';
import type { ExtractedText, ExtractionError, ExtractionLimits, UploadedFile } from './extraction.js';

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
}

/** Gets texts of files, each in a process of its own that is killed where it takes too long or too much memory. */
export class Extractor {
  private readonly options: ExtractorOptions;
  private readonly waiting: (() => void)[] = [];
  private readonly running = new Set<ChildProcess>();
  private nBusy = 0;

  constructor(options: ExtractorOptions) {
    this.options = options;
  }

  /** @throws {Problem} 413, 415, 422, 503 */
  async extract(file: UploadedFile, signal: AbortSignal): Promise<ExtractedText> {
    await this.turn();
    try {
      signal.throwIfAborted();
      const answer = await this.inProcess({ file, limits: this.options.limits }, signal);
      if ('extracted' in answer) return answer.extracted;
      throw problemOf(answer.error.kind, answer.error.message);
    } finally {
      this.nBusy--;
      this.waiting.shift()?.();
    }
  }

  /** Kills what is under way. */
  stop(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }

  private async turn(): Promise<void> {
    const { nProcesses, maxWaiting } = this.options;
    if (this.nBusy >= nProcesses) {
      if (this.waiting.length >= maxWaiting) throw overloaded('Too many files wait already');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.nBusy++;
  }

  private inProcess(task: ExtractionTask, signal: AbortSignal): Promise<ExtractionAnswer> {
    const { timeoutMs, maxRssBytes } = this.options;
    return new Promise((resolve, reject) => {
      const child = fork(PROCESS, {
        serialization: 'advanced',
        execArgv: [`--max-old-space-size=${Math.round(maxRssBytes / 2 ** 20)}`],
        env: {},
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      this.running.add(child);
      let verdict = new Problem(422, 'The file cannot be read: its reader broke down', { code: 'input-invalid' });
      const kill = (status: number, detail: string) => {
        verdict = new Problem(status, detail, { code: 'input-invalid' });
        child.kill('SIGKILL');
      };
      const timer = setTimeout(() => kill(422, `Reading the file took longer than ${timeoutMs / 1000} s`), timeoutMs);
      const watch = setInterval(async () => {
        if ((await residentBytes(child.pid)) > maxRssBytes)
          kill(413, 'Reading the file takes more memory than is allowed');
      }, WATCH_MS);
      const onAbort = () => child.kill('SIGKILL');
      signal.addEventListener('abort', onAbort);
      const end = () => {
        clearTimeout(timer);
        clearInterval(watch);
        signal.removeEventListener('abort', onAbort);
        this.running.delete(child);
      };
      child.once('message', (answer: ExtractionAnswer) => {
        end();
        resolve(answer);
        child.kill('SIGKILL'); // it has done its work, whatever may still keep it
      });
      child.once('error', (error) => {
        end();
        reject(error);
      });
      child.once('exit', () => {
        end();
        reject(signal.aborted ? signal.reason : verdict);
      });
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

const STATUS: Readonly<Record<ExtractionError['kind'], number>> = {
  unsupported: 415,
  damaged: 422,
  protected: 422,
  'too-large': 413,
};

function problemOf(kind: ExtractionError['kind'] | undefined, message: string): Problem {
  if (kind === undefined)
    return new Problem(422, 'The file cannot be read: its reader broke down', { code: 'input-invalid' });
  return new Problem(STATUS[kind], message, { code: 'input-invalid' });
}
