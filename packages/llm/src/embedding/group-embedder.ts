import type { AnswerCache } from '@catchword/core';
import { answerKey } from '../client/answer-memory.js';
import type { CallOptions } from '../client/endpoint-service.js';
import { type CodeRows, emptyRows, quantise } from './code-rows.js';
import type { TextEmbedder } from './text-embedder.js';

/** Texts of one request; a group with more has a request of its own. */
const REQUEST_TEXTS = 64;
/** Raised when kept vectors would mean something else. */
const KEY_VERSION = 1;

/** How groups are embedded. */
export interface GroupOptions extends CallOptions {
  readonly onDone?: (nGroups: number) => void;
}

/**
 * Embeds groups of texts (the pieces of a document, some labels), several requests side by side, and keeps the vectors of a group
 * together, as bytes: so embedding goes on where it was stopped, and no text has its vector made twice.
 */
export class GroupEmbedder {
  readonly embedder: TextEmbedder;
  private readonly cache: AnswerCache | undefined;
  private readonly concurrency: number;

  constructor(embedder: TextEmbedder, cache: AnswerCache | undefined, concurrency: number) {
    this.embedder = embedder;
    this.cache = cache;
    this.concurrency = concurrency;
  }

  /**
   * @param groups each of any number of texts
   * @returns rows for the texts of each group, in their order; an empty group has rows of no dimensions
   * @throws {EndpointError} as `TextEmbedder.embed`
   */
  async embed(groups: readonly (readonly string[])[], options: GroupOptions): Promise<CodeRows[]> {
    const { budget, onDone } = options;
    const results: CodeRows[] = groups.map(() => emptyRows(0, 0));
    const pending: number[] = [];
    let nDone = 0;
    for (const [g, texts] of groups.entries()) {
      options.signal?.throwIfAborted();
      if (texts.length > 0) {
        const kept = readRows(await this.cache?.get(this.key(texts)), texts.length);
        if (!kept) {
          pending.push(g);
          continue;
        }
        results[g] = kept;
        budget.noteCached();
      }
      nDone++;
    }
    onDone?.(nDone);
    const requests = requestsOf(pending, groups);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let request = requests[next++]; request; request = requests[next++]) {
        await this.request(request, groups, results, options);
        nDone += request.length;
        onDone?.(nDone);
        options.signal?.throwIfAborted();
      }
    };
    const workers = Array.from({ length: Math.min(this.concurrency, requests.length) }, () =>
      work().catch((error) => {
        next = requests.length; // the others begin nothing more
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(workers);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return results;
  }

  private async request(
    request: readonly number[],
    groups: readonly (readonly string[])[],
    results: CodeRows[],
    options: CallOptions,
  ): Promise<void> {
    const texts = request.flatMap((g) => groups[g] as readonly string[]);
    const { dimensions, values } = await this.embedder.embed(texts, options);
    let at = 0;
    for (const g of request) {
      const own = groups[g] as readonly string[];
      const rows = quantise(values.subarray(at * dimensions), own.length, dimensions);
      at += own.length;
      results[g] = rows;
      await this.cache?.put(this.key(own), writeRows(rows));
    }
  }

  private key(texts: readonly string[]): string {
    return answerKey(['vectors', KEY_VERSION, this.embedder.name, texts]);
  }
}

/** Puts groups together, in their order, until a request is full. */
function requestsOf(pending: readonly number[], groups: readonly (readonly string[])[]): number[][] {
  const requests: number[][] = [];
  let room = 0;
  for (const g of pending) {
    const { length } = groups[g] as readonly string[];
    if (length > room) {
      requests.push([]);
      room = REQUEST_TEXTS;
    }
    requests.at(-1)?.push(g);
    room -= length;
  }
  return requests;
}

function writeRows({ n, dimensions, codes, scales }: CodeRows): string {
  const bytes = Buffer.concat([
    Buffer.from(Uint32Array.of(n, dimensions).buffer),
    Buffer.from(scales.buffer, scales.byteOffset, scales.byteLength),
    Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength),
  ]);
  return bytes.toString('base64');
}

/** @returns undefined for what was not written here */
function readRows(text: string | undefined, wanted: number): CodeRows | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 8) return undefined;
  const [n, dimensions] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  if (n !== wanted || dimensions === 0 || dimensions > 1 << 16) return undefined;
  const rows = emptyRows(n, dimensions);
  if (bytes.length !== 8 + rows.scales.byteLength + rows.codes.byteLength) return undefined;
  for (let i = 0; i < n; i++) rows.scales[i] = bytes.readFloatLE(8 + 4 * i);
  rows.codes.set(bytes.subarray(8 + rows.scales.byteLength));
  return rows.scales.every((scale) => scale >= 0 && scale <= 1) ? rows : undefined;
}
