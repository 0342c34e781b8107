import { parentPort, Worker } from 'node:worker_threads';

const COMMAND = 0;
const DONE = 1;
const KIND = 2;
const ARGUMENTS = 3;
const STOP = -1;
const MOST_ARGUMENTS = 12;

interface CommandInit {
  readonly init: unknown;
  readonly state: Int32Array;
}

/**
 * A thread that obeys small commands of whole numbers in shared memory: for work in steps of a millisecond, where a
 * message for each step would take longer than the step.
 */
export class CommandThread {
  private readonly state = new Int32Array(new SharedArrayBuffer(64));
  private readonly worker: Worker;
  private sent = 0;

  /** Starts the thread, which loads its modules meanwhile. @param module a worker that calls `serveCommands` */
  constructor(module: URL) {
    this.worker = new Worker(module);
  }

  /** Before the first command. @param init is handed to the worker, typed arrays over shared memory uncopied */
  open(init: unknown): void {
    this.worker.postMessage({ init, state: this.state } satisfies CommandInit);
  }

  /**
   * Begins a command; the one before it has to be finished.
   *
   * @param kind 0 or more
   * @throws {RangeError} if there are more than 12 arguments
   */
  begin(kind: number, ...args: number[]): void {
    if (args.length > MOST_ARGUMENTS) throw new RangeError(`${args.length} arguments, at most ${MOST_ARGUMENTS} fit`);
    this.state[KIND] = kind;
    this.state.set(args, ARGUMENTS);
    Atomics.store(this.state, COMMAND, ++this.sent);
    Atomics.notify(this.state, COMMAND);
  }

  /**
   * Blocks this thread until the command is done.
   *
   * @throws {Error} if the other thread does not answer within two minutes: it has died
   */
  finish(): void {
    for (;;) {
      const done = Atomics.load(this.state, DONE);
      if (done === this.sent) return;
      if (Atomics.wait(this.state, DONE, done, 120_000) === 'timed-out') throw new Error('a thread does not answer');
    }
  }

  /** Also of a thread that was never opened. */
  async close(): Promise<void> {
    this.begin(STOP);
    await this.worker.terminate();
  }
}

/**
 * Runs in a CommandThread: obeys commands until it is closed.
 *
 * @param open receives `init` and returns what obeys a command
 * @throws {Error} if called outside a worker thread
 */
export function serveCommands<I>(open: (init: I) => (kind: number, args: Int32Array) => void): void {
  if (!parentPort) throw new Error('serveCommands runs in a worker thread only');
  parentPort.once('message', ({ init, state }: CommandInit) => obeyAll(open(init as I), state));
}

function obeyAll(obey: (kind: number, args: Int32Array) => void, state: Int32Array): void {
  for (let seen = 0; ; ) {
    Atomics.wait(state, COMMAND, seen);
    const command = Atomics.load(state, COMMAND);
    if (command === seen) continue;
    seen = command;
    if (state[KIND] === STOP) return;
    obey(state[KIND] as number, state.subarray(ARGUMENTS));
    Atomics.store(state, DONE, seen);
    Atomics.notify(state, DONE);
  }
}
