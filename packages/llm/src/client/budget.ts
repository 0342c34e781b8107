import type { Usage } from '@catchword/core';
import { EndpointError } from './endpoint-error.js';

/** The most that something may cost; a limit that is absent is none. */
export interface BudgetLimits {
  readonly calls?: number;
  /** Of prompts and answers together. */
  readonly tokens?: number;
  /** By the clock, from the first request. */
  readonly seconds?: number;
}

/** What a request will cost at most, and then did cost. */
export interface TokenCount {
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/**
 * What a document, or a batch of documents, may cost and has cost. What a document costs counts for its batch too.
 *
 * A request reserves what it may cost before it is sent, so that requests side by side cannot go beyond together.
 */
export class Budget {
  private readonly limits: BudgetLimits;
  /** What is exhausted, for messages: `a document`. */
  private readonly of: string;
  private readonly parent: Budget | undefined;
  private readonly now: () => number;
  private started: number | undefined;
  private reserved = 0;
  private calls = 0;
  private cached = 0;
  private promptTokens = 0;
  private answerTokens = 0;
  private seconds = 0;

  constructor(
    limits: BudgetLimits = {},
    of = 'a request',
    parent?: Budget,
    now: () => number = () => performance.now(),
  ) {
    this.limits = limits;
    this.of = of;
    this.parent = parent;
    this.now = now;
  }

  get usage(): Usage {
    const { calls, cached, promptTokens, answerTokens, seconds } = this;
    return { calls, cached, promptTokens, answerTokens, seconds };
  }

  /** @returns what is left by the clock; infinite where there is no limit */
  remainingMs(): number {
    const { seconds } = this.limits;
    const own =
      seconds === undefined
        ? Number.POSITIVE_INFINITY
        : seconds * 1000 - (this.started === undefined ? 0 : this.now() - this.started);
    return Math.max(0, Math.min(own, this.parent?.remainingMs() ?? Number.POSITIVE_INFINITY));
  }

  /**
   * Makes sure that a request of this size is within what is left, and sets it aside.
   *
   * @throws {EndpointError} `budget-spent`
   */
  reserve(most: TokenCount): void {
    for (let each: Budget | undefined = this; each; each = each.parent) each.check(most);
    for (let each: Budget | undefined = this; each; each = each.parent) {
      each.started ??= each.now();
      each.reserved += most.promptTokens + most.answerTokens;
      each.calls++;
    }
  }

  /** Tells what a reserved request did cost in the end. */
  settle(most: TokenCount, actual: TokenCount, seconds: number): void {
    for (let each: Budget | undefined = this; each; each = each.parent) {
      each.reserved -= most.promptTokens + most.answerTokens;
      each.promptTokens += actual.promptTokens;
      each.answerTokens += actual.answerTokens;
      each.seconds += seconds;
    }
  }

  /** Notes an answer that was at hand. */
  noteCached(): void {
    for (let each: Budget | undefined = this; each; each = each.parent) each.cached++;
  }

  private check({ promptTokens, answerTokens }: TokenCount): void {
    const { limits, of } = this;
    const spent = (what: string) =>
      new EndpointError('budget-spent', `The budget of ${of} is spent: ${what}`, {
        hint: 'Raise the budget in the configuration, or have fewer documents read.',
      });
    if (limits.calls !== undefined && this.calls >= limits.calls) throw spent(`${limits.calls} requests`);
    const tokens = this.promptTokens + this.answerTokens + this.reserved + promptTokens + answerTokens;
    if (limits.tokens !== undefined && tokens > limits.tokens) throw spent(`${limits.tokens} tokens`);
    if (limits.seconds !== undefined && this.remainingMs() <= 0) throw spent(`${limits.seconds} seconds`);
  }
}
