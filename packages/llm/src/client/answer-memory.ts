import { createHash } from 'node:crypto';
import type { AnswerCache } from '@catchword/core';

const MOST_KEPT = 1000;

/** @returns a key for `AnswerCache`: equal for equal parts, whatever the machine */
export function answerKey(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Answers of this thread, and behind them those that are kept over runs where there is a place for them. */
export class AnswerMemory {
  private readonly recent = new Map<string, string>();
  private readonly cache: AnswerCache | undefined;

  constructor(cache?: AnswerCache) {
    this.cache = cache;
  }

  async get(key: string): Promise<string | undefined> {
    const recent = this.recent.get(key);
    if (recent !== undefined) {
      this.note(key, recent);
      return recent;
    }
    const kept = await this.cache?.get(key);
    if (kept !== undefined) this.note(key, kept);
    return kept;
  }

  async put(key: string, answer: string): Promise<void> {
    this.note(key, answer);
    await this.cache?.put(key, answer);
  }

  /** The one used last stands last. */
  private note(key: string, answer: string): void {
    this.recent.delete(key);
    this.recent.set(key, answer);
    if (this.recent.size <= MOST_KEPT) return;
    for (const oldest of this.recent.keys()) {
      this.recent.delete(oldest);
      break;
    }
  }
}
