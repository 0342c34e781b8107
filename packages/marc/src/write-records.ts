import { loadXmlParser, type ParseXml } from '@catchword/input';
import { convertedRecord, MARCXML_BEGINNING, MARCXML_END } from './convert-record.js';
import { type HeadedRecord, type Heading, type HeadingOrigin, headedRecord } from './headings.js';
import { readIso2709 } from './iso2709-record.js';
import type { MarcMapping } from './marc-mapping.js';
import type { MarcStream } from './marc-pieces.js';
import type { MarcFormat, MarcPlace, MarcRecord, RecordPiece } from './marc-record.js';
import { readMarcxml } from './marcxml-record.js';

/** What writing came upon. */
export interface MarcWriteReport {
  /** Records that were read. */
  nRecords: number;
  /** Those that are other than before. */
  nChanged: number;
  nHeadingsAdded: number;
  /** Own headings of an earlier run that went. */
  nHeadingsRemoved: number;
  /** Suggestions that a record had already. */
  nPresent: number;
  /** Records that headings would make too long: written as they were. */
  nRefused: number;
  /** Records that cannot be read: written as they were; left out where the format is another. */
  nBroken: number;
  /** Records that the other format has no room or characters for: left out. */
  nNotConverted: number;
}

type NextHeadings = IteratorResult<readonly Heading[] | undefined, void>;

/** Gives records their headings; an async generator is one where it knows the records by their order. */
export interface HeadingSource {
  /**
   * Called for each record that can be read, in their order.
   *
   * @returns the headings, the best first; undefined for a record whose headings stay as they are. Where it is done, so are the records
   */
  next(piece: RecordPiece): NextHeadings | Promise<NextHeadings>;
}

export interface WriteMarcOptions {
  readonly format: MarcFormat;
  readonly mapping: MarcMapping;
  readonly origin: HeadingOrigin;
  /** Only records are written, between the beginning and the end of a file of the format: for several files in one. */
  readonly recordsAlone?: boolean;
  /** Called for each record that changes. */
  readonly onChange?: (record: MarcRecord, headed: HeadedRecord, place: MarcPlace) => void;
  /** Called for each record that is not written as it should be. */
  readonly onProblem?: (problem: string, place: MarcPlace) => void;
}

/** @returns a report of nothing */
export function emptyMarcWriteReport(): MarcWriteReport {
  return {
    nRecords: 0,
    nChanged: 0,
    nHeadingsAdded: 0,
    nHeadingsRemoved: 0,
    nPresent: 0,
    nRefused: 0,
    nBroken: 0,
    nNotConverted: 0,
  };
}

/**
 * Writes records with headings. Where the format stays the same, so does every byte that is not of a heading, also what stands
 * between records and what cannot be read.
 *
 * @param report is counted up
 * @returns runs of bytes; together the file, or in another format the records of a file
 */
export async function* writeMarc(
  stream: MarcStream,
  headings: HeadingSource,
  options: WriteMarcOptions,
  report: MarcWriteReport,
): AsyncGenerator<Buffer, void, undefined> {
  const writer = new RecordWriter(options, report, await loadXmlParser());
  const keepsAll = stream.format === options.format && !options.recordsAlone;
  const wraps = options.format === 'marcxml' && !keepsAll && !options.recordsAlone;
  if (wraps) yield Buffer.from(MARCXML_BEGINNING);
  let isEnded = false;
  for await (const pieces of stream.pieces) {
    const parts: Buffer[] = [];
    for (const piece of pieces) {
      if (piece.kind === 'record' && !isEnded) {
        const given = headings.next(piece);
        const next = given instanceof Promise ? await given : given;
        if (next.done) isEnded = true;
        else {
          const bytes = writer.record(piece.record, next.value, piece.place);
          if (bytes) parts.push(bytes);
          if (bytes && !keepsAll && options.format === 'marcxml') parts.push(LINE_END);
        }
      } else if (piece.kind === 'broken' && !isEnded) {
        report.nBroken++;
        if (keepsAll || (stream.format === options.format && options.format === 'iso2709')) parts.push(piece.bytes);
      } else if (piece.kind === 'between' && keepsAll && !(isEnded && isBlank(piece.bytes))) parts.push(piece.bytes);
    }
    yield* joined(parts);
    // What follows the last wanted record of XML closes what was opened before the first.
    if (isEnded && !(keepsAll && options.format === 'marcxml')) break;
  }
  if (wraps) yield Buffer.from(MARCXML_END);
}

/** So many runs and fewer are written by themselves rather than copied. */
const FEW_RUNS = 8;

/** @returns the parts in longer runs: those that lie side by side are one already */
function joined(parts: readonly Buffer[]): Buffer[] {
  const runs: Buffer[] = [];
  for (let i = 0; i < parts.length; ) {
    const first = parts[i] as Buffer;
    let end = first.byteOffset + first.length;
    for (i++; i < parts.length; i++) {
      const next = parts[i] as Buffer;
      if (next.buffer !== first.buffer || next.byteOffset !== end) break;
      end += next.length;
    }
    runs.push(Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset));
  }
  return runs.length <= FEW_RUNS ? runs : [Buffer.concat(runs)];
}

const LINE_END = Buffer.from('\n');

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte <= 0x20);
}

class RecordWriter {
  private readonly options: WriteMarcOptions;
  private readonly report: MarcWriteReport;
  private readonly parse: ParseXml;

  constructor(options: WriteMarcOptions, report: MarcWriteReport, parse: ParseXml) {
    this.options = options;
    this.report = report;
    this.parse = parse;
  }

  /** @returns undefined for a record that cannot be converted */
  record(given: MarcRecord, headings: readonly Heading[] | undefined, place: MarcPlace): Buffer | undefined {
    const { options, report } = this;
    report.nRecords++;
    const record = given.layout.format === options.format ? given : this.converted(given, place);
    if (!record) return undefined;
    if (!headings) return record.bytes;
    const headed = headedRecord(record, headings, options.mapping, options.origin);
    report.nPresent += headed.nPresent;
    if (headed.refused !== undefined) {
      report.nRefused++;
      options.onProblem?.(`Not adding headings: ${headed.refused}`, place);
    }
    if (headed.removed.length + headed.added.length > 0) {
      report.nChanged++;
      report.nHeadingsAdded += headed.added.filter(({ tag }) => tag !== '883').length;
      report.nHeadingsRemoved += headed.removed.filter(({ tag }) => tag !== '883').length;
      options.onChange?.(record, headed, place);
    }
    return headed.bytes;
  }

  private converted(given: MarcRecord, place: MarcPlace): MarcRecord | undefined {
    const { format } = this.options;
    const bytes = convertedRecord(given, format);
    const record =
      typeof bytes === 'string' ? bytes : format === 'iso2709' ? readIso2709(bytes) : readMarcxml(bytes, this.parse);
    if (typeof record !== 'string') return record;
    this.report.nNotConverted++;
    this.options.onProblem?.(`Leaving out a record that cannot be ${NAMES[format]}: ${record}`, place);
    return undefined;
  }
}

const NAMES: Readonly<Record<MarcFormat, string>> = { iso2709: 'ISO 2709', marcxml: 'MARCXML' };

/** Says in sentences what a report holds that a user should know. */
export function describeMarcWrite(report: MarcWriteReport, sameFormat: boolean): string[] {
  const sentences: string[] = [];
  const say = (n: number, one: string, many: string) => {
    if (n > 0) sentences.push(`${n} ${n === 1 ? one : many}`);
  };
  const fate = sameFormat ? 'written as it was' : 'left out';
  const fates = sameFormat ? 'written as they were' : 'left out';
  say(report.nBroken, `record cannot be read: ${fate}`, `records cannot be read: ${fates}`);
  say(report.nNotConverted, 'record does not fit the format: left out', 'records do not fit the format: left out');
  say(
    report.nRefused,
    'record would be too long with its headings: written without',
    'records would be too long with their headings: written without',
  );
  return sentences;
}
