import { InputError } from '@catchword/core';
import { loadXmlParser, type ParseXml } from '@catchword/input';
import type { MarcPiece } from './marc-record.js';
import { readMarcxml } from './marcxml-record.js';

/** A record of MARC 21 has less than 100 kB; XML around it makes it some times as long. */
const MOST_BYTES = 4 << 20;
const RECORD = Buffer.from('record');
const COMMENT = Buffer.from('<!--');
const CDATA = Buffer.from('<![CDATA[');

/**
 * Cuts a stream of MARCXML at the tags of its records and parses each by itself: after a broken record the next one is found.
 * A record inside a record, as answers of OAI-PMH have it, is the inner one.
 *
 * @param name what messages call the source
 * @returns runs of pieces; memory is bounded by a chunk and four megabytes
 * @throws {InputError} `encoding-invalid` for XML that says it is not UTF-8
 */
export async function* marcxmlPieces(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<MarcPiece[], void, undefined> {
  const splitter = new MarcxmlSplitter(await loadXmlParser());
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) checkEncoding(chunk, name);
    isFirst = false;
    const pieces = splitter.take(chunk);
    if (pieces.length > 0) yield pieces;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

function checkEncoding(chunk: Buffer, name: string): void {
  const head = chunk.toString('latin1', 0, 200);
  const said = /^[^<]*<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1];
  const isUtf16 = /^(\xff\xfe|\xfe\xff|<\x00|\x00<)/.test(head);
  if (!isUtf16 && (said === undefined || /^(utf-?8|us-ascii|ascii)$/i.test(said))) return;
  const encoding = said ?? 'UTF-16';
  throw new InputError('encoding-invalid', `${name}: MARCXML is read in UTF-8, and this is ${encoding}`, {
    hint: `Convert it first: iconv -f ${encoding} -t utf-8, and have its first line say UTF-8.`,
    context: { path: name, encoding },
  });
}

/** A tag of a record: `<record …>` or `</record>`, with or without a prefix. */
interface RecordTag {
  readonly isEnd: boolean;
  /** Of its `<`. */
  readonly start: number;
  /** Behind its name. */
  readonly nameEnd: number;
  readonly name: string;
}

class MarcxmlSplitter {
  private readonly parse: ParseXml;
  private rest: Buffer = Buffer.alloc(0);
  private offset = 0;
  private number = 0;

  constructor(parse: ParseXml) {
    this.parse = parse;
  }

  take(chunk: Buffer): MarcPiece[] {
    const block = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const pieces: MarcPiece[] = [];
    const used = this.cut(block, pieces);
    this.rest = block.subarray(used);
    if (this.rest.length > MOST_BYTES) {
      // Either much between records, or a record that never ends.
      const isRecord = /^<(\w+:)?record[\s>]/.test(this.rest.toString('latin1', 0, 100));
      if (isRecord) this.broken(this.rest, `no end of it in ${this.rest.length} bytes`, pieces);
      else this.push(pieces, { kind: 'between', bytes: this.rest });
      this.rest = Buffer.alloc(0);
    }
    return pieces;
  }

  end(): MarcPiece[] {
    const pieces: MarcPiece[] = [];
    const isRecord = /^<(\w+:)?record[\s>]/.test(this.rest.toString('latin1', 0, 100));
    if (isRecord && holdsFields(this.rest)) this.broken(this.rest, 'the file ends in the middle of it', pieces);
    else this.push(pieces, { kind: 'between', bytes: this.rest });
    return pieces;
  }

  /** @returns how much of the block is done with */
  private cut(block: Buffer, pieces: MarcPiece[]): number {
    let done = 0;
    let open: RecordTag | undefined;
    const tags = new RecordTags(block);
    for (let at = 0; ; ) {
      const tag = tags.next(at);
      if (typeof tag === 'number') return open ? done : this.between(block, done, Math.max(done, tag), pieces);
      at = tag.nameEnd;
      if (!tag.isEnd) {
        if (open && holdsFields(block.subarray(open.start, tag.start))) {
          this.broken(block.subarray(open.start, tag.start), 'the next record begins before its end', pieces);
        } else this.between(block, open?.start ?? done, tag.start, pieces);
        done = tag.start;
        open = tag;
      } else if (open?.name === tag.name) {
        const end = block.indexOf(0x3e, tag.nameEnd) + 1;
        if (end === 0) return done;
        this.record(block.subarray(open.start, end), pieces);
        done = at = end;
        open = undefined;
      }
    }
  }

  private between(block: Buffer, from: number, to: number, pieces: MarcPiece[]): number {
    this.push(pieces, { kind: 'between', bytes: block.subarray(from, to) });
    return to;
  }

  private record(bytes: Buffer, pieces: MarcPiece[]): void {
    const record = readMarcxml(bytes, this.parse);
    if (typeof record === 'string') this.broken(bytes, record, pieces);
    else this.push(pieces, { kind: 'record', bytes, record, place: { number: ++this.number, offset: this.offset } });
  }

  private broken(bytes: Buffer, problem: string, pieces: MarcPiece[]): void {
    this.push(pieces, { kind: 'broken', bytes, problem, place: { number: ++this.number, offset: this.offset } });
  }

  private push(pieces: MarcPiece[], piece: MarcPiece): void {
    if (piece.bytes.length > 0) pieces.push(piece);
    this.offset += piece.bytes.length;
  }
}

/** An outer element of the same name, such as the record of OAI-PMH, has none of its own. */
function holdsFields(bytes: Buffer): boolean {
  return /<(\w+:)?(leader|controlfield|datafield)[\s>]/.test(bytes.toString('latin1', 0, 2000));
}

/** Finds the tags of records in a block, each place looked at once. */
class RecordTags {
  private readonly block: Buffer;
  private readonly records: Occurrences;
  private readonly comments: Occurrences;
  private readonly sections: Occurrences;

  constructor(block: Buffer) {
    this.block = block;
    this.records = new Occurrences(block, RECORD);
    this.comments = new Occurrences(block, COMMENT);
    this.sections = new Occurrences(block, CDATA);
  }

  /** @returns the next tag of a record that is whole up to its name, or from where to look again when more bytes are there */
  next(from: number): RecordTag | number {
    const { block } = this;
    for (let at = from; ; ) {
      const found = this.records.from(at);
      const hidden = this.hidden(at, found);
      if (hidden !== undefined) {
        if (hidden.end < 0) return hidden.start;
        at = hidden.end;
        continue;
      }
      const nameEnd = found + RECORD.length;
      if (nameEnd >= block.length) return Math.max(from, block.lastIndexOf(0x3c));
      at = nameEnd;
      const before = Math.max(from, found - MOST_PREFIX);
      const start = before + block.subarray(before, found).lastIndexOf(0x3c);
      if (start < before || !isNameEnd(block[nameEnd] as number)) continue;
      const [, slash, name] = /^<(\/?)((?:[\w.-]+:)?record)$/.exec(block.toString('latin1', start, nameEnd)) ?? [];
      if (name !== undefined) return { isEnd: slash === '/', start, nameEnd, name };
    }
  }

  /** The first comment or CDATA section that begins in a range; its end is -1 where it is not in the block. */
  private hidden(from: number, to: number): { start: number; end: number } | undefined {
    const comment = this.comments.from(from);
    const section = this.sections.from(from);
    const start = Math.min(comment, section);
    if (start >= to || start === NOWHERE) return undefined;
    const close = comment < section ? '-->' : ']]>';
    const end = this.block.indexOf(close, start + 4);
    return { start, end: end < 0 ? -1 : end + close.length };
  }
}

const NOWHERE = Number.MAX_SAFE_INTEGER;
/** Bytes of `</` and a prefix. */
const MOST_PREFIX = 80;

/** Where something occurs, asked for from places that only go forward: what lies far ahead is looked for once. */
class Occurrences {
  private readonly block: Buffer;
  private readonly what: Buffer;
  private last = -1;

  constructor(block: Buffer, what: Buffer) {
    this.block = block;
    this.what = what;
  }

  /** @returns NOWHERE where there is none */
  from(at: number): number {
    if (this.last < at) {
      const found = this.block.indexOf(this.what, at);
      this.last = found < 0 ? NOWHERE : found;
    }
    return this.last;
  }
}

function isNameEnd(byte: number): boolean {
  return byte === 0x3e || byte === 0x2f || byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
