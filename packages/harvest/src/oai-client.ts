import { setTimeout as wait } from 'node:timers/promises';
import { InputError, OperationError } from '@catchword/core';

/** How a server is asked. */
export interface OaiClientOptions {
  /** An answer that takes longer is given up. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** How often a request is tried. */
  readonly tries: number;
  /** Before the second try; twice as long before each further one. */
  readonly delayMs: number;
  /** The longest that a server's wish to wait is followed. */
  readonly maxWaitMs: number;
  /** Called before it waits. */
  readonly onWait?: (reason: string, ms: number) => void;
  readonly signal?: AbortSignal;
}

export const DEFAULT_OAI_CLIENT: OaiClientOptions = {
  timeoutMs: 120_000,
  maxBytes: 128 << 20,
  tries: 6,
  delayMs: 2000,
  maxWaitMs: 3_600_000,
};

const MOST_REDIRECTS = 5;

/** A fault that may be gone at the next try. */
class Passing extends Error {
  readonly waitMs: number | undefined;

  constructor(message: string, waitMs?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.waitMs = waitMs;
  }
}

/**
 * Asks one server of OAI-PMH. It is tried again where the server is overloaded (503 and 429, after the time in Retry-After), fails
 * or cannot be reached. Redirections are followed within the host alone, and never from https to http.
 */
export class OaiClient {
  private readonly url: URL;
  private readonly options: OaiClientOptions;

  /** @throws {InputError} `input-invalid` for what is no http(s) URL */
  constructor(url: string, options: OaiClientOptions = DEFAULT_OAI_CLIENT) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new InputError('input-invalid', `Cannot harvest from ${url}: it is no http or https address`, {
        hint: 'Name the base URL of the interface, for example https://example.org/oai',
        context: { url },
      });
    }
    this.url = new URL(url);
    this.options = options;
  }

  /**
   * @param read makes something of the answer; where it throws `Unreadable`, the request is tried again
   * @throws {OperationError} `operation-failed` after the last try, or where trying again would not help
   */
  async ask<T>(params: Readonly<Record<string, string>>, read: (text: string) => T): Promise<T> {
    const { tries, delayMs, maxWaitMs, onWait, signal } = this.options;
    const url = new URL(this.url);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    for (let attempt = 1; ; attempt++) {
      try {
        return read(await this.text(url));
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Passing) && !(error instanceof Unreadable)) throw error;
        if (attempt >= tries) throw this.failed(error);
        const wished = error instanceof Passing ? error.waitMs : undefined;
        const ms = Math.min(wished ?? delayMs * 2 ** (attempt - 1), maxWaitMs);
        onWait?.(error.message, ms);
        await wait(ms, undefined, signal ? { signal } : {}).catch((cause) => {
          signal?.throwIfAborted();
          throw cause;
        });
      }
    }
  }

  private failed(cause: Error): OperationError {
    return new OperationError('operation-failed', `Cannot harvest from ${this.url.host}: ${cause.message}`, {
      hint: 'Run the same command later: it goes on where it stopped.',
      context: { url: String(this.url) },
      cause,
    });
  }

  private async text(first: URL): Promise<string> {
    const timeout = AbortSignal.timeout(this.options.timeoutMs);
    const signal = this.options.signal ? AbortSignal.any([timeout, this.options.signal]) : timeout;
    try {
      let url = first;
      for (let n = 0; n <= MOST_REDIRECTS; n++) {
        const response = await fetch(String(url), {
          redirect: 'manual',
          signal,
          headers: { 'User-Agent': 'catchword-harvest' },
        });
        if (response.status >= 300 && response.status < 400) {
          await response.body?.cancel();
          url = this.redirected(url, response.headers.get('location') ?? '');
          continue;
        }
        if (response.status === 200) return await this.body(response);
        await response.body?.cancel();
        throw this.statusError(response);
      }
      throw new OperationError('operation-failed', `Cannot harvest from ${first.host}: it redirects without end`);
    } catch (error) {
      if (error instanceof OperationError || error instanceof Passing) throw error;
      if (timeout.aborted) throw new Passing(`no answer in ${this.options.timeoutMs / 1000} s`, undefined, error);
      const reason = ((error as Error).cause as Error | undefined)?.message || (error as Error).message;
      throw new Passing(`the connection failed (${reason})`, undefined, error);
    }
  }

  private redirected(from: URL, location: string): URL {
    const to = URL.canParse(location, String(from)) ? new URL(location, from) : undefined;
    const stays = to && to.hostname === from.hostname && (to.protocol === from.protocol || to.protocol === 'https:');
    if (stays && /^https?:$/.test(to.protocol)) return to;
    throw new OperationError(
      'operation-failed',
      `Cannot harvest from ${from.host}: it redirects to ${to?.host ?? 'nowhere'}`,
      {
        hint: 'If you trust the other host, name it yourself.',
        context: { location },
      },
    );
  }

  private statusError(response: Response): Error {
    const { status } = response;
    if (status === 503 || status === 429) {
      return new Passing(`it is overloaded (${status})`, retryAfterMs(response.headers.get('retry-after')));
    }
    if (status >= 500) return new Passing(`it answers with status ${status}`);
    return new OperationError(
      'operation-failed',
      `Cannot harvest from ${this.url.host}: it answers with status ${status}`,
      {
        hint: status === 404 ? 'Check the address.' : 'Ask those who run the server.',
        context: { status },
      },
    );
  }

  private async body(response: Response): Promise<string> {
    const blocks: Uint8Array[] = [];
    let nBytes = 0;
    for await (const block of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      nBytes += block.length;
      if (nBytes > this.options.maxBytes) {
        throw new OperationError(
          'operation-failed',
          `Cannot harvest from ${this.url.host}: an answer is longer than ${this.options.maxBytes} bytes`,
        );
      }
      blocks.push(block);
    }
    return new TextDecoder().decode(Buffer.concat(blocks));
  }
}

/** An answer that came whole and makes no sense. */
export class Unreadable extends Error {}

/** @returns undefined for a header that is missing or makes no sense */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return 1000 * Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
