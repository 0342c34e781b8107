import { EndpointError } from './endpoint-error.js';

/** Requests that may be under way at the same time, at most. */
export const MOST_CONCURRENT = 64;

const OPEN_UNTIL = 0;
const FAILURES = 1;
const CALLS = 2;
const TOKENS = 3;
const LEASES = 4;
/** Whoever waits for a place looks again after this time, since another thread may have left one. */
const LOOK_AGAIN_MS = 20;

/** Where the state of a second endpoint lies in the same memory. */
export const SECOND_STATE = 512;

/** @returns memory for the states of two endpoints that threads share; `BackendContext.sharedState` has room for them, too */
export function endpointStateMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SECOND_STATE + 4 * (LEASES + MOST_CONCURRENT));
}

/** How an endpoint is treated by all threads together. */
export interface EndpointRules {
  /** Requests under way at the same time, 1 to MOST_CONCURRENT. */
  readonly concurrency: number;
  /** After so many failures in a row nothing is sent for a while. */
  readonly failuresToPause: number;
  readonly pauseSeconds: number;
  /** The most that may be sent from now on, until the process ends. */
  readonly totalCalls?: number | undefined;
  readonly totalTokens?: number | undefined;
}

/**
 * What all threads know of an endpoint together, in shared memory: requests under way, whether it is left alone for a
 * while (a circuit breaker), and what it has cost.
 *
 * A place is leased, not owned: a thread that is ended in the middle of a request gives it back when the lease has run out.
 */
export class EndpointState {
  private readonly cells: Uint32Array;
  private readonly rules: EndpointRules;
  private readonly waiting: (() => void)[] = [];
  private readonly nowSeconds: () => number;

  /**
   * @param memory of `endpointStateMemory`, the same for all threads
   * @param from the byte of the memory where the state begins: `SECOND_STATE` for another endpoint of the same backend
   */
  constructor(
    memory: SharedArrayBuffer,
    rules: EndpointRules,
    nowSeconds = () => Math.floor(Date.now() / 1000),
    from = 0,
  ) {
    this.cells = new Uint32Array(memory, from, LEASES + MOST_CONCURRENT);
    this.rules = rules;
    this.nowSeconds = nowSeconds;
  }

  /**
   * Lets a request pass, or stops it where the endpoint has failed too often. After the pause one request may try.
   *
   * @throws {EndpointError} `paused`
   */
  admit(): void {
    const { cells, rules } = this;
    const until = Atomics.load(cells, OPEN_UNTIL);
    if (until === 0) return;
    const now = this.nowSeconds();
    const left = until - now;
    // More than a whole pause means that the clock was set back.
    if (left > 0 && left <= rules.pauseSeconds) {
      throw new EndpointError(
        'paused',
        `The endpoint failed ${rules.failuresToPause} times in a row and is left alone for a while`,
        {
          hint: 'It is tried again by itself. catchword llm try shows what is wrong.',
        },
      );
    }
    if (Atomics.compareExchange(cells, OPEN_UNTIL, until, now + rules.pauseSeconds) === until) return;
    this.admit();
  }

  succeed(): void {
    Atomics.store(this.cells, FAILURES, 0);
    Atomics.store(this.cells, OPEN_UNTIL, 0);
  }

  fail(): void {
    const { cells, rules } = this;
    const failures = Atomics.add(cells, FAILURES, 1) + 1;
    if (failures < rules.failuresToPause) return;
    Atomics.store(cells, OPEN_UNTIL, this.nowSeconds() + rules.pauseSeconds);
  }

  /**
   * Sets a request aside from what may be sent altogether.
   *
   * @throws {EndpointError} `budget-spent`
   */
  reserve(tokens: number): void {
    const { cells, rules } = this;
    const calls = Atomics.add(cells, CALLS, 1) + 1;
    const all = Atomics.add(cells, TOKENS, tokens) + tokens;
    const spent =
      rules.totalCalls !== undefined && calls > rules.totalCalls
        ? `${rules.totalCalls} requests`
        : rules.totalTokens !== undefined && all > rules.totalTokens
          ? `${rules.totalTokens} tokens`
          : undefined;
    if (spent === undefined) return;
    Atomics.sub(cells, CALLS, 1);
    Atomics.sub(cells, TOKENS, tokens);
    throw new EndpointError('budget-spent', `What may be sent altogether is spent: ${spent}`, {
      hint: 'Raise total_calls or total_tokens in the configuration.',
    });
  }

  settle(reservedTokens: number, actualTokens: number): void {
    Atomics.add(this.cells, TOKENS, actualTokens - reservedTokens);
  }

  /**
   * Waits for a place among the requests under way.
   *
   * @param leaseSeconds after which the place is free again, whatever happens
   * @param signal rejects with its reason
   * @returns gives the place back
   */
  async enter(leaseSeconds: number, signal?: AbortSignal): Promise<() => void> {
    for (;;) {
      signal?.throwIfAborted();
      const release = this.tryEnter(leaseSeconds);
      if (release) return release;
      await this.someoneLeaves();
    }
  }

  private tryEnter(leaseSeconds: number): (() => void) | undefined {
    const { cells } = this;
    const now = this.nowSeconds();
    const lease = now + Math.ceil(leaseSeconds) + 1;
    for (let place = LEASES; place < LEASES + this.rules.concurrency; place++) {
      const held = Atomics.load(cells, place);
      if (held > now || Atomics.compareExchange(cells, place, held, lease) !== held) continue;
      let isLeft = false;
      return () => {
        if (isLeft) return;
        isLeft = true;
        Atomics.compareExchange(cells, place, lease, 0);
        this.waiting.shift()?.();
      };
    }
    return undefined;
  }

  private someoneLeaves(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        const at = this.waiting.indexOf(wake);
        if (at >= 0) this.waiting.splice(at, 1);
        resolve();
      };
      const timer = setTimeout(wake, LOOK_AGAIN_MS);
      this.waiting.push(wake);
    });
  }
}
