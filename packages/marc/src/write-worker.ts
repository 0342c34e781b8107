import { loadXmlParser } from '@catchword/input';
import { serveTasks, transferring } from '@catchword/math';
import { ByteOutput } from './byte-output.js';
import { Iso2709Block, RECORD_END, recordIn } from './iso2709-record.js';
import type { MarcRecord } from './marc-record.js';
import { readMarcxml } from './marcxml-record.js';
import { KnownConcepts, NO_HEADINGS, NO_RECORD, type PackedParts } from './packed-parts.js';
import { RecordWriter, type WritePart, type WriteSettings } from './record-writer.js';
import { countUp, emptyMarcWriteReport, type MarcWriteReport } from './write-report.js';

/** What became of packed parts. */
export interface PackedAnswer {
  readonly bytes: Uint8Array;
  readonly report: MarcWriteReport;
  /** With the number of their parts. */
  readonly problems: readonly { readonly problem: string; readonly part: number }[];
}

/** Parts that are records at the same time: few enough to be garbage before the garbage collector has moved them about. */
const FEW_PARTS = 16;

serveTasks<WriteSettings, PackedParts, PackedAnswer>(async (settings) => {
  const parse = await loadXmlParser();
  const writer = new RecordWriter(settings, parse);
  const known = new KnownConcepts();
  return (packed) => {
    const report = emptyMarcWriteReport();
    const problems: { problem: string; part: number }[] = [];
    const output = new ByteOutput(2 * packed.bytes.length);
    let parts: WritePart[] = [];
    const write = () => {
      const written = writer.write(parts, output);
      parts = [];
      countUp(report, written.report);
      for (const { problem, place } of written.problems) problems.push({ problem, part: place.number });
    };
    const blocks = new Blocks(packed.bytes);
    let number = 0;
    for (const { bytes, headings } of known.unpacked(packed)) {
      if (headings === NO_RECORD) parts.push(bytes);
      else {
        const from = bytes.byteOffset - packed.bytes.byteOffset;
        const record =
          settings.from === 'iso2709' ? blocks.record(from, from + bytes.length) : readMarcxml(bytes, parse);
        if (typeof record === 'string') throw new Error(`a record that was read cannot be read again: ${record}`);
        // Where it stands in the file is known to who asks.
        parts.push({ record, headings: headings === NO_HEADINGS ? undefined : headings, place: { number, offset: 0 } });
      }
      number++;
      if (parts.length >= FEW_PARTS) write();
    }
    write();
    const bytes = output.take();
    return transferring({ bytes, report, problems }, [bytes.buffer as ArrayBuffer]);
  };
});

/** Bytes that are a block at once: their characters have to be small enough for the part of the heap that is collected often. */
const BLOCK_BYTES = 1 << 16;

/** Reads records of ISO 2709, one after the other, from what holds them all. */
class Blocks {
  private readonly bytes: Buffer;
  private block: Iso2709Block | undefined;
  private begin = 0;
  private end = 0;

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, length);
  }

  record(from: number, to: number): MarcRecord | string {
    if (!this.block || to > this.end) {
      this.begin = from;
      this.end = Math.max(to, this.bytes.lastIndexOf(RECORD_END, from + BLOCK_BYTES) + 1);
      this.block = new Iso2709Block(this.bytes.subarray(from, this.end));
    }
    return recordIn(this.block, from - this.begin, to - this.begin);
  }
}
