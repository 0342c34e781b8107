import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServerCommand } from '../harness/indexing-program.js';

/** A server that runs as a process of its own. */
export class ServerProcess {
  readonly url: string;
  private readonly child: ChildProcess;
  private stderr = '';
  private readonly ended: Promise<void>;

  private constructor(url: string, { command, args, env }: ServerCommand) {
    this.url = url;
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-2000);
    });
    this.ended = new Promise((resolve) => this.child.on('exit', () => resolve()));
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @throws {Error} with the end of its standard error if it does not within two minutes
   */
  static async start(port: number, command: ServerCommand): Promise<{ server: ServerProcess; startSeconds: number }> {
    const started = performance.now();
    const server = new ServerProcess(`http://127.0.0.1:${port}`, command);
    while (!(await isUp(server.url))) {
      if (server.child.exitCode !== null || performance.now() - started > 120_000) {
        await server.stop();
        throw new Error(`the server did not start: ${server.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { server, startSeconds: (performance.now() - started) / 1000 };
  }

  /** Resident memory now and at most so far, in MiB, children included; null where the system does not tell. */
  memory(): { readonly rssMiB: number; readonly peakRssMiB: number } | null {
    if (process.platform !== 'linux' || this.child.pid === undefined) return null;
    const processes = withChildren(this.child.pid);
    const sum = (field: string) => processes.reduce((total, pid) => total + statusKiB(pid, field), 0) / 1024;
    return { rssMiB: Math.round(sum('VmRSS')), peakRssMiB: Math.round(sum('VmHWM')) };
  }

  /** Processor time so far, children included; null where the system does not tell. */
  cpuSeconds(): number | null {
    if (process.platform !== 'linux' || this.child.pid === undefined) return null;
    return withChildren(this.child.pid).reduce((total, pid) => total + processorSeconds(pid), 0);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(timer);
  }
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/v1/projects`)).ok;
  } catch {
    return false; // not yet
  }
}

function withChildren(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [
      pid,
      ...children
        .split(' ')
        .filter(Boolean)
        .flatMap((child) => withChildren(Number(child))),
    ];
  } catch {
    return [pid]; // it has ended meanwhile
  }
}

function statusKiB(pid: number, field: string): number {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has ended meanwhile
  }
}

const TICKS_A_SECOND = 100;

function processorSeconds(pid: number): number {
  try {
    // After the name in parentheses, which may hold blanks: state is field 3, user and system time are 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0; // it has ended meanwhile
  }
}
