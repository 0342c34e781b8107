import { EndpointError } from './endpoint-error.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** A longer answer is not read to its end. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request and reads the answer, of whatever status, in bounded time and memory.
 *
 * A redirect is followed once where it stays on the origin and keeps the method; another host would be told the text and
 * the key.
 *
 * @throws {EndpointError} `timed-out`, `not-reached`, `redirected`, `too-large`; the signal's reason after an abort
 */
export async function postJson(url: URL, body: string, options: PostOptions): Promise<HttpAnswer> {
  const { timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const stop = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop.abort();
  }, timeoutMs);
  const abort = (): void => stop.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    let target = url;
    for (let redirects = 0; ; redirects++) {
      const response = await fetch(target, {
        method: 'POST',
        headers: options.headers,
        body,
        redirect: 'manual',
        signal: stop.signal,
      });
      if (response.status < 300 || response.status > 399) {
        const text = await readBounded(response, options.mostBytes, url);
        return { status: response.status, headers: response.headers, text };
      }
      await response.body?.cancel();
      target = redirectTarget(response, target, redirects);
    }
  } catch (error) {
    if (error instanceof EndpointError) throw error;
    if (signal?.aborted) throw signal.reason;
    if (isLate) {
      throw new EndpointError('timed-out', `${url.origin} did not answer within ${timeoutMs / 1000} s`);
    }
    throw new EndpointError('not-reached', `${url.origin} could not be reached${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    stop.abort(); // what is left of an answer is not waited for
  }
}

function redirectTarget(response: Response, from: URL, redirects: number): URL {
  const location = response.headers.get('location') ?? '';
  const refuse = (why: string) =>
    new EndpointError('redirected', `${from.origin} answered with a redirect, which was not followed: ${why}`, {
      status: response.status,
    });
  if (response.status !== 307 && response.status !== 308) throw refuse(`status ${response.status}`);
  if (redirects > 0) throw refuse('it is the second');
  let target: URL;
  try {
    target = new URL(location, from);
  } catch (cause) {
    throw new EndpointError('redirected', `${from.origin} answered with a redirect to nowhere`, { cause });
  }
  if (target.origin !== from.origin) throw refuse('it leads to another host');
  return target;
}

async function readBounded(response: Response, mostBytes: number, url: URL): Promise<string> {
  const tooLarge = () =>
    new EndpointError('too-large', `${url.origin} answered with more than ${mostBytes} bytes, which were not read`, {
      status: response.status,
    });
  if (Number(response.headers.get('content-length') ?? 0) > mostBytes) throw tooLarge();
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let nBytes = 0;
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    nBytes += piece.value.byteLength;
    if (nBytes > mostBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    text += decoder.decode(piece.value, { stream: true });
  }
  return text + decoder.decode();
}

/** The code of the system where there is one: `ECONNREFUSED`. Messages of the parts below may hold whole requests. */
function reasonOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') return ` (${code})`;
  }
  return '';
}
