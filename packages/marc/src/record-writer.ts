import type { ParseXml } from '@catchword/input';
import type { ByteOutput } from './byte-output.js';
import { convertedRecord } from './convert-record.js';
import { type Heading, type HeadingChange, type HeadingOrigin, writeHeaded } from './headings.js';
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
  /** Of these parts alone. */
  readonly report: MarcWriteReport;
  readonly problems: readonly { readonly problem: string; readonly place: MarcPlace }[];
}

/** Called for each record that changes. */
export type OnChange = (record: MarcRecord, change: HeadingChange, place: MarcPlace) => void;

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

  /** @param output what the parts are written to */
  write(parts: readonly WritePart[], output: ByteOutput): WrittenParts {
    this.report = emptyMarcWriteReport();
    this.problems = [];
    for (const part of parts) {
      if (Buffer.isBuffer(part)) output.append(part);
      else this.record(part, output);
    }
    return { report: this.report, problems: this.problems };
  }

  private record({ record: given, headings, place }: RecordPart, output: ByteOutput): void {
    const { report, settings, problems } = this;
    report.nRecords++;
    const record = settings.from === settings.format ? given : this.converted(given, place);
    if (!record) return;
    if (!headings) output.append(record.bytes);
    else {
      const change = writeHeaded(record, headings, settings.mapping, settings.origin, output);
      const { added, removed, nPresent, refused } = change;
      report.nPresent += nPresent;
      if (refused !== undefined) {
        report.nRefused++;
        problems.push({ problem: `Not adding headings: ${refused}`, place });
      }
      if (removed.length + added.length > 0) {
        report.nChanged++;
        for (const { tag } of added) if (tag !== '883') report.nHeadingsAdded++;
        for (const { tag } of removed) if (tag !== '883') report.nHeadingsRemoved++;
        this.onChange?.(record, change, place);
      }
    }
    if (settings.endsLines) output.append(LINE_END);
  }

  private converted(given: MarcRecord, place: MarcPlace): MarcRecord | undefined {
    const { format } = this.settings;
    const bytes = convertedRecord(given, format);
    const isIso2709 = format === 'iso2709';
    const record = typeof bytes === 'string' ? bytes : isIso2709 ? readIso2709(bytes) : readMarcxml(bytes, this.parse);
    if (typeof record !== 'string') return record;

    this.report.nNotConverted++;
    this.problems.push({ problem: `Leaving out a record that cannot be ${NAMES[format]}: ${record}`, place });
    return undefined;
  }
}

const NAMES: Readonly<Record<MarcFormat, string>> = { iso2709: 'ISO 2709', marcxml: 'MARCXML' };
const LINE_END = Buffer.from('\n');
