import type { Document } from '@catchword/core';
import { contentHash } from '@catchword/math';

/** @returns a checksum of all that a document says */
export function documentChecksum({ text, documentId, metadata, subjects }: Document): number {
  let sum = contentHash(text);
  const mix = (value: number): void => {
    sum = 31 * (sum % 2 ** 47) + (value % 2 ** 52); // below 2^53, so that no bit is rounded away
  };
  if (documentId !== undefined) mix(contentHash(documentId));
  for (const name in metadata) {
    mix(contentHash(name));
    mix(contentHash(metadata[name] as string));
  }
  if (subjects !== undefined) mix(contentHash(subjects.join(' ')));
  return sum;
}

/**
 * A checksum over a row of documents that can be gone on with: equal for equal documents in equal order. It finds what changed
 * by mistake; against somebody who forges it, it is no protection.
 */
export class DocumentChain {
  private high: number;
  private low: number;

  /** @param value what `value` was; empty for no document */
  constructor(value = '') {
    this.high = value === '' ? 0x9e3779b9 : Number.parseInt(value.slice(0, 8), 16);
    this.low = value === '' ? 0x7f4a7c15 : Number.parseInt(value.slice(8), 16);
  }

  add(checksum: number): void {
    const upper = Math.floor(checksum / 2 ** 32);
    this.low = step(this.low ^ (checksum >>> 0), this.high);
    this.high = step(this.high ^ upper, this.low);
  }

  /** 16 hexadecimal digits. */
  get value(): string {
    return hex(this.high) + hex(this.low);
  }
}

function step(word: number, other: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) + other) >>> 0;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
