import { Iso2709Block, RECORD_END, recordIn } from './iso2709-record.js';
import type { MarcPiece } from './marc-record.js';

/** Records have at most 99,999 bytes; what goes on for so long without an end is no record. */
const MOST_BYTES = 1 << 20;
const END_MARK = String.fromCharCode(RECORD_END);
/** Pieces that are handed out at once: few enough to be garbage before the garbage collector has moved them about. */
const RUN = 32;

/**
 * Cuts a stream of ISO 2709 at its end marks, whatever lengths the leaders say: after a broken record the next one is found.
 *
 * @returns runs of pieces; memory is bounded by a chunk and a megabyte
 */
export async function* iso2709Pieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<MarcPiece[], void, undefined> {
  const splitter = new Iso2709Splitter();
  for await (const chunk of chunks) {
    yield* splitter.take(chunk);
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

class Iso2709Splitter {
  private rest: Buffer = Buffer.alloc(0);
  private offset = 0;
  private number = 0;
  /** Inside something without an end, which was told already. */
  private isSkipping = false;

  *take(chunk: Buffer): Generator<MarcPiece[], void, undefined> {
    if (this.rest.length === 0) {
      yield* this.block(chunk);
      return;
    }
    // Only what began before is put together with what is new.
    const end = chunk.indexOf(RECORD_END) + 1;
    const begun = this.rest;
    this.rest = Buffer.alloc(0);
    yield* this.block(Buffer.concat([begun, end === 0 ? chunk : chunk.subarray(0, end)]));
    if (end > 0) yield* this.block(chunk.subarray(end));
  }

  private *block(bytes: Buffer): Generator<MarcPiece[], void, undefined> {
    const block = new Iso2709Block(bytes.subarray(0, bytes.lastIndexOf(RECORD_END) + 1));
    const { characters } = block;
    let pieces: MarcPiece[] = [];
    let at = this.isSkipping ? 0 : this.between(bytes, 0, pieces);
    for (let end = characters.indexOf(END_MARK, at); end >= 0; end = characters.indexOf(END_MARK, at)) {
      if (this.isSkipping) this.push(pieces, { kind: 'between', bytes: bytes.subarray(at, end + 1) });
      else this.record(block, at, end + 1, pieces);
      this.isSkipping = false;
      at = this.between(bytes, end + 1, pieces);
      if (pieces.length < RUN) continue;
      yield pieces;
      pieces = [];
    }
    const rest = bytes.subarray(at);
    if (this.isSkipping) this.push(pieces, { kind: 'between', bytes: rest });
    else if (rest.length > MOST_BYTES) {
      this.broken(rest, `no record ends in ${rest.length} bytes`, pieces);
      this.isSkipping = true;
    } else this.rest = rest;
    if (pieces.length > 0) yield pieces;
  }

  end(): MarcPiece[] {
    const pieces: MarcPiece[] = [];
    if (this.rest.length > 0) this.broken(this.rest, 'the file ends in the middle of it', pieces);
    return pieces;
  }

  /** Line ends and the like, which some systems put between records. */
  private between(block: Buffer, from: number, pieces: MarcPiece[]): number {
    let at = from;
    while (at < block.length && isFiller(block[at] as number)) at++;
    if (at > from) this.push(pieces, { kind: 'between', bytes: block.subarray(from, at) });
    return at;
  }

  private record(block: Iso2709Block, from: number, to: number, pieces: MarcPiece[]): void {
    const record = recordIn(block, from, to);
    if (typeof record === 'string') this.broken(block.bytes.subarray(from, to), record, pieces);
    else {
      const place = { number: ++this.number, offset: this.offset };
      this.push(pieces, { kind: 'record', bytes: record.bytes, record, place });
    }
  }

  private broken(bytes: Buffer, problem: string, pieces: MarcPiece[]): void {
    this.push(pieces, { kind: 'broken', bytes, problem, place: { number: ++this.number, offset: this.offset } });
  }

  private push(pieces: MarcPiece[], piece: MarcPiece): void {
    if (piece.bytes.length > 0) pieces.push(piece);
    this.offset += piece.bytes.length;
  }
}

/** NUL, line ends, blank, end of file of old systems. */
function isFiller(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x00 || byte === 0x1a;
}
