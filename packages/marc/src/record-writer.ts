import type { ParseXml } from '@catchword/input';
import { convertedRecord } from './convert-record.js';
import { type HeadedRecord, type Heading, type HeadingOrigin, headedRecord } from './headings.js';
import { readIso2709 } from './iso2709-record.js';
import type { MarcMapping } from './marc-mapping.js';
import type { MarcFormat, MarcPlace, MarcRecord } from './marc-record.js';
import { readMarcxml } from './marcxml-record.js';
import { emptyMarcWriteReport, type MarcWriteReport } from './write-report.js';

/** How records are written, in whatever thread. */
export interface WriteSettings {
  /** Of the records as they come. */
  readonly from: MarcFormat;
  readonly format: MarcFormat;
  /** Whether a line ends behind each record. */
  readonly endsLines: boolean;
  readonly mapping: MarcMapping;
  readonly origin: HeadingOrigin;
}

/** A record that is to be written. */
export interface RecordPart {
  readonly record: MarcRecord;
  /** The best first; undefined where those that it has stay as they are. */
  readonly headings: readonly Heading[] | undefined;
  readonly place: MarcPlace;
}

/** What is to be written: a record, or bytes as they are. */
export type WritePart = RecordPart | Buffer;

/** What became of some parts. */
export interface WrittenParts {
  /** Runs of bytes, to be written one behind the other. */
  readonly runs: readonly Buffer[];
  /** Of these parts alone. */
  readonly report: MarcWriteReport;
  readonly problems: readonly { readonly problem: string; readonly place: MarcPlace }[];
}

/** Called for each record that changes. */
export type OnChange = (record: MarcRecord, headed: HeadedRecord, place: MarcPlace) => void;

/** Writes records with their headings. What it makes of a record depends on the record and its headings alone. */
export class RecordWriter {
  private readonly settings: WriteSettings;
  private readonly parse: ParseXml;
  private readonly onChange: OnChange | undefined;
  private report = emptyMarcWriteReport();
  private problems: { problem: string; place: MarcPlace }[] = [];

  constructor(settings: WriteSettings, parse: ParseXml, onChange?: OnChange) {
    this.settings = settings;
    this.parse = parse;
    this.onChange = onChange;
  }

  write(parts: readonly WritePart[]): WrittenParts {
    this.report = emptyMarcWriteReport();
    this.problems = [];
    const pieces: Buffer[] = [];
    for (const part of parts) {
      if (Buffer.isBuffer(part)) {
        pieces.push(part);
        continue;
      }
      const bytes = this.record(part);
      if (!bytes) continue;
      pieces.push(bytes);
      if (this.settings.endsLines) pieces.push(LINE_END);
    }
    return { runs: joined(pieces), report: this.report, problems: this.problems };
  }

  /** @returns undefined for a record that cannot be converted */
  private record({ record: given, headings, place }: RecordPart): Buffer | undefined {
    const { report, settings, problems } = this;
    report.nRecords++;
    const record = settings.from === settings.format ? given : this.converted(given, place);
    if (!record) return undefined;
    if (!headings) return record.bytes;
    const headed = headedRecord(record, headings, settings.mapping, settings.origin);
    report.nPresent += headed.nPresent;
    if (headed.refused !== undefined) {
      report.nRefused++;
      problems.push({ problem: `Not adding headings: ${headed.refused}`, place });
    }
    if (headed.removed.length + headed.added.length > 0) {
      report.nChanged++;
      report.nHeadingsAdded += headed.added.filter(({ tag }) => tag !== '883').length;
      report.nHeadingsRemoved += headed.removed.filter(({ tag }) => tag !== '883').length;
      this.onChange?.(record, headed, place);
    }
    return headed.bytes;
  }

  private converted(given: MarcRecord, place: MarcPlace): MarcRecord | undefined {
    const { format } = this.settings;
    const bytes = convertedRecord(given, format);
    const record = typeof bytes === 'string' ? bytes : readRecord(bytes, format, this.parse);
    if (typeof record !== 'string') return record;
    this.report.nNotConverted++;
    this.problems.push({ problem: `Leaving out a record that cannot be ${NAMES[format]}: ${record}`, place });
    return undefined;
  }
}

/** @returns the record, or what is wrong with it */
export function readRecord(bytes: Buffer, format: MarcFormat, parse: ParseXml): MarcRecord | string {
  return format === 'iso2709' ? readIso2709(bytes) : readMarcxml(bytes, parse);
}

const NAMES: Readonly<Record<MarcFormat, string>> = { iso2709: 'ISO 2709', marcxml: 'MARCXML' };
const LINE_END = Buffer.from('\n');

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
