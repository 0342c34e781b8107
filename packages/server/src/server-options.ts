import type { ExtractorOptions } from '@catchword/corpus';

/** How a server is set up. */
export interface ServerOptions {
  /** Threads that suggest. */
  readonly threads: number;
  /** Documents that may wait for a thread; requests beyond are answered with 503. */
  readonly maxWaiting: number;
  /** Bytes of one request's body. */
  readonly bodyLimit: number;
  /** Bytes of all bodies that are held at one time. */
  readonly totalBodyLimit: number;
  /** A request whose body takes longer to come in is given up. */
  readonly requestTimeoutMs: number;
  /** Work on one piece of a request, of at most 8 documents, that takes longer is given up. */
  readonly suggestTimeoutMs: number;
  /** How often it is looked whether models and vocabularies changed on the disk; 0: only when asked to. */
  readonly watchIntervalMs: number;
  /** Requests a minute and key, or address where there is no key; 0: any number. */
  readonly rateLimit: number;
  /** Who may do what without a key. */
  readonly access: 'everything' | 'suggest' | 'nothing';
  /**
   * Which proxies are believed in what they say of a client: that many, as seen from here, or those with the addresses of a list,
   * as `10.0.0.0/8` or `loopback`. What stands in X-Forwarded-For before them is the client's own words.
   */
  readonly trustProxy: number | readonly string[];
  /** Origins of pages, besides the server's own, that may change something without a key. */
  readonly allowedOrigins: readonly string[];
  /** Projects that are opened at the start; the others wait for their first request. */
  readonly preload: RegExp;
  /** What getting the text of a file may cost, where it is to differ from the defaults. */
  readonly extraction: Partial<ExtractorOptions>;
  /** Where log lines go; absent: nowhere. */
  readonly log?: { write(line: string): void };
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
}

export const DEFAULT_SERVER_OPTIONS: ServerOptions = {
  threads: 2,
  maxWaiting: 1024,
  bodyLimit: 20 << 20,
  totalBodyLimit: 256 << 20,
  requestTimeoutMs: 30_000,
  suggestTimeoutMs: 60_000,
  watchIntervalMs: 2000,
  rateLimit: 0,
  access: 'everything',
  trustProxy: 0,
  allowedOrigins: [],
  preload: /^/,
  extraction: {},
  logLevel: 'info',
};
