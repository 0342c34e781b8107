import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Text that goes into one member; what is compressed depends on the text alone, not on the pieces that it comes in. */
const MEMBER_BYTES = 1 << 20;

/**
 * Packs bytes with gzip as members of 1 MiB of text each, so that a file can be gone on with after any of them. Programs read
 * a file of several members as they read one (RFC 1952, 2.2).
 */
export class GzipMembers {
  private pieces: Uint8Array[] = [];
  private nPending = 0;

  /** Bytes that wait for their member to be full. */
  get nPendingBytes(): number {
    return this.nPending;
  }

  /** @returns the members that are full now, compressed */
  async add(bytes: Uint8Array): Promise<Uint8Array[]> {
    if (bytes.length > 0) this.pieces.push(bytes);
    this.nPending += bytes.length;
    if (this.nPending < MEMBER_BYTES) return [];
    const all = Buffer.concat(this.pieces);
    const members: Uint8Array[] = [];
    let from = 0;
    for (; all.length - from >= MEMBER_BYTES; from += MEMBER_BYTES) {
      members.push(await compress(all.subarray(from, from + MEMBER_BYTES)));
    }
    // a copy, so that a few bytes do not keep all others
    this.pieces = from < all.length ? [Buffer.from(all.subarray(from))] : [];
    this.nPending = all.length - from;
    return members;
  }

  /** @returns bytes that wait, as they came in */
  pending(): Uint8Array {
    return Buffer.concat(this.pieces);
  }

  /** @returns the last member; one of no text where there is nothing at all, which is what an empty file packs to */
  async end(isEmpty: boolean): Promise<Uint8Array | undefined> {
    if (this.nPending === 0 && !isEmpty) return undefined;
    const last = await compress(this.pending());
    this.pieces = [];
    this.nPending = 0;
    return last;
  }
}

/** Packs a stream with gzip; see `GzipMembers`. */
export async function* gzipMembers(
  pieces: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const members = new GzipMembers();
  let isEmpty = true;
  for await (const piece of pieces) {
    for (const member of await members.add(typeof piece === 'string' ? Buffer.from(piece) : piece)) {
      isEmpty = false;
      yield member;
    }
  }
  const last = await members.end(isEmpty);
  if (last) yield last;
}
