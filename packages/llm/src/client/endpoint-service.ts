import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@catchword/math';
import type { Budget, TokenCount } from './budget.js';
import type { Endpoint } from './endpoint.js';
import { EndpointError } from './endpoint-error.js';
import type { EndpointState } from './endpoint-state.js';
import { type HttpAnswer, postJson } from './post-json.js';
import { estimateTokens } from './token-estimate.js';

export interface ServiceSettings {
  readonly timeoutMs: number;
  /** Times that a request is sent again after a failure that may pass. */
  readonly retries: number;
  /** A longer answer is a failure. */
  readonly mostAnswerBytes: number;
  /** Before the first repetition; doubled for each further one, at most `MOST_DELAY_MS`. */
  readonly firstDelayMs: number;
}

export const SERVICE_DEFAULTS: ServiceSettings = {
  timeoutMs: 60_000,
  retries: 2,
  mostAnswerBytes: 1 << 20,
  firstDelayMs: 500,
};

const MOST_DELAY_MS = 30_000;

/** How one request is made. */
export interface CallOptions {
  readonly budget: Budget;
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceAnswer {
  readonly json: unknown;
  readonly tokens: TokenCount;
  /** From sending to having read the answer, without waiting for a place or between repetitions. */
  readonly seconds: number;
}

/** Asks one endpoint: in its turn, within the budget, again where it may help, and not where it failed too often. */
export class EndpointService {
  readonly endpoint: Endpoint;
  private readonly state: EndpointState;
  private readonly settings: ServiceSettings;
  private readonly random: Random;

  /** @param random spreads repetitions, so that many who failed together do not come back together */
  constructor(endpoint: Endpoint, state: EndpointState, settings: ServiceSettings, random: Random) {
    this.endpoint = endpoint;
    this.state = state;
    this.settings = settings;
    this.random = random;
  }

  /**
   * @param most tokens that the request may cost
   * @throws {EndpointError} after the last repetition; the signal's reason after an abort
   */
  async call(path: string, body: object, most: TokenCount, options: CallOptions): Promise<ServiceAnswer> {
    const { settings, state } = this;
    const text = JSON.stringify(body);
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.once(path, text, most, options);
        state.succeed();
        return answer;
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error;
        const delayMs = Math.max(this.delay(attempt), error.retryAfterMs ?? 0);
        const mayRepeat = error.isPassing && attempt < settings.retries && delayMs < options.budget.remainingMs();
        if (!mayRepeat || (error.retryAfterMs ?? 0) > MOST_DELAY_MS) {
          if (error.isPassing || error.status === 401 || error.status === 403) state.fail();
          else if (error.status !== undefined) state.succeed(); // it is there, whatever it says
          throw error;
        }
        await sleep(delayMs, undefined, options.signal ? { signal: options.signal } : undefined).catch(() => {
          throw options.signal?.reason;
        });
      }
    }
  }

  private async once(path: string, body: string, most: TokenCount, options: CallOptions): Promise<ServiceAnswer> {
    const { endpoint, settings, state } = this;
    const { budget, signal } = options;
    const mostTokens = most.promptTokens + most.answerTokens;
    const leave = await state.enter(settings.timeoutMs / 1000, signal);
    try {
      state.admit(); // only now: those before it in the queue may have failed meanwhile
      budget.reserve(most);
      let actual: TokenCount = { promptTokens: 0, answerTokens: 0 };
      let seconds = 0;
      let isReserved = false;
      const started = performance.now();
      try {
        state.reserve(mostTokens);
        isReserved = true;
        const answer = await postJson(endpoint.url(path), body, {
          headers: endpoint.headers(),
          timeoutMs: Math.max(1, Math.min(settings.timeoutMs, budget.remainingMs())),
          mostBytes: settings.mostAnswerBytes,
          signal,
        });
        seconds = (performance.now() - started) / 1000;
        const json = this.read(answer);
        actual = usageOf(json, most.promptTokens);
        return { json, tokens: actual, seconds };
      } finally {
        seconds ||= (performance.now() - started) / 1000;
        budget.settle(most, actual, seconds);
        if (isReserved) state.settle(mostTokens, actual.promptTokens + actual.answerTokens);
      }
    } finally {
      leave();
    }
  }

  private read({ status, headers, text }: HttpAnswer): unknown {
    const { endpoint } = this;
    if (status < 200 || status > 299) throw this.refusal(status, headers, text);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new EndpointError('unreadable', `${endpoint.origin} answered with what is not JSON`, {
        status,
        cause: bare(cause),
      });
    }
  }

  private refusal(status: number, headers: Headers, text: string): EndpointError {
    const { endpoint } = this;
    const detail = endpoint.shown(messageOf(text));
    const message = `${endpoint.origin} answered with status ${status}${detail === '' ? '' : `: ${detail.slice(0, 200)}`}`;
    const isBusy = status === 429 || status === 503;
    const failure = isBusy
      ? 'overloaded'
      : status >= 500 || status === 408 || status === 425
        ? 'server-failed'
        : 'refused';
    const hint =
      status === 401 || status === 403 ? { hint: 'Look at the key that the configured variable holds.' } : undefined;
    return new EndpointError(failure, message, { ...hint, status, detail, retryAfterMs: retryAfterMs(headers) });
  }

  private delay(attempt: number): number {
    const full = Math.min(MOST_DELAY_MS, this.settings.firstDelayMs * 2 ** attempt);
    return full * (0.5 + this.random.uniform() / 2);
  }
}

/** The message of an error in OpenAI's form, or the text as it is. */
function messageOf(text: string): string {
  try {
    const { error, message, detail } = JSON.parse(text) as Record<string, unknown>;
    const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
    return String(inner ?? message ?? (typeof detail === 'string' ? detail : text));
  } catch {
    return text;
  }
}

/** @returns undefined where the header is missing or makes no sense */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What the service counted, or our own estimate where it does not tell. */
function usageOf(json: unknown, estimate: number): TokenCount {
  const { usage, choices } = (json ?? {}) as {
    usage?: Record<string, unknown>;
    choices?: readonly { message?: { content?: unknown } }[];
  };
  const prompt = tokenCount(usage?.prompt_tokens ?? usage?.total_tokens);
  const content = Array.isArray(choices) ? choices[0]?.message?.content : undefined;
  const answer = tokenCount(usage?.completion_tokens) ?? (typeof content === 'string' ? estimateTokens(content) : 0);
  return { promptTokens: prompt ?? estimate, answerTokens: answer };
}

function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e9 ? value : undefined;
}

/** A parser's message quotes what it could not read. */
function bare(cause: unknown): Error {
  return new Error(cause instanceof Error ? cause.name : 'unreadable');
}
