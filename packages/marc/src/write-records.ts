import { availableParallelism } from 'node:os';
import { loadXmlParser } from '@catchword/input';
import { MARCXML_BEGINNING, MARCXML_END } from './convert-record.js';
import type { Heading, HeadingOrigin } from './headings.js';
import type { MarcMapping } from './marc-mapping.js';
import type { MarcStream } from './marc-pieces.js';
import type { MarcFormat, MarcPlace, RecordPiece } from './marc-record.js';
import { type OnChange, RecordWriter, type WritePart } from './record-writer.js';
import { countUp, type MarcWriteReport } from './write-report.js';
import { writtenInOrder } from './write-threads.js';

/** Reading takes this thread about a third of the time that another has for the rest of a record: more would wait for it. */
const MOST_THREADS = 4;

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
  /** Called for each record that changes; all is done in this thread then. */
  readonly onChange?: OnChange;
  /** Called for each record that is not written as it should be, in their order. */
  readonly onProblem?: (problem: string, place: MarcPlace) => void;
  /** Threads, this one included, 4 at most; 0 = one for each processor, 1 by default. What is written is the same for any number. */
  readonly nJobs?: number;
  /** Work of this thread after which others join in; 300 ms by default. */
  readonly threadsAfterMs?: number;
}

/**
 * Writes records with headings. Where the format stays the same, so does every byte that is not of a heading, also what stands
 * between records and what cannot be read.
 *
 * @param report is counted up
 * @returns runs of bytes; together the file, or in another format the records of a file
 * @throws what the stream and the headings throw; {Error} where a thread ends
 */
export async function* writeMarc(
  stream: MarcStream,
  headings: HeadingSource,
  options: WriteMarcOptions,
  report: MarcWriteReport,
): AsyncGenerator<Buffer, void, undefined> {
  const { format, mapping, origin, onChange, onProblem } = options;
  const keepsAll = stream.format === format && !options.recordsAlone;
  const wraps = format === 'marcxml' && !keepsAll && !options.recordsAlone;
  const settings = { from: stream.format, format, endsLines: !keepsAll && format === 'marcxml', mapping, origin };
  const writer = new RecordWriter(settings, await loadXmlParser(), onChange);
  const { nJobs = 1 } = options;
  const nThreads = onChange ? 1 : Math.min(nJobs || availableParallelism(), MOST_THREADS);
  const parts = partsOf(stream, headings, format, keepsAll, report);
  if (wraps) yield Buffer.from(MARCXML_BEGINNING);
  for await (const written of writtenInOrder(parts, writer, settings, nThreads, options.threadsAfterMs)) {
    countUp(report, written.report);
    for (const { problem, place } of written.problems) onProblem?.(problem, place);
    if (written.bytes.length > 0) yield written.bytes;
  }
  if (wraps) yield Buffer.from(MARCXML_END);
}

/**
 * Asks for the headings of the records.
 *
 * @param report counts the broken records
 * @returns what is to be written, in its order
 */
async function* partsOf(
  stream: MarcStream,
  headings: HeadingSource,
  format: MarcFormat,
  keepsAll: boolean,
  report: MarcWriteReport,
): AsyncGenerator<WritePart[], void, undefined> {
  const keepsBroken = keepsAll || (stream.format === format && format === 'iso2709');
  let isEnded = false;
  for await (const pieces of stream.pieces) {
    const parts: WritePart[] = [];
    for (const piece of pieces) {
      if (piece.kind === 'record' && !isEnded) {
        const given = headings.next(piece);
        const next = given instanceof Promise ? await given : given;
        if (next.done) isEnded = true;
        else parts.push({ record: piece.record, headings: next.value ?? undefined, place: piece.place });
      } else if (piece.kind === 'broken' && !isEnded) {
        report.nBroken++;
        if (keepsBroken) parts.push(piece.bytes);
      } else if (piece.kind === 'between' && keepsAll && !(isEnded && isBlank(piece.bytes))) parts.push(piece.bytes);
    }
    yield parts;
    // What follows the last wanted record of XML closes what was opened before the first.
    if (isEnded && !(keepsAll && format === 'marcxml')) return;
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte <= 0x20);
}
