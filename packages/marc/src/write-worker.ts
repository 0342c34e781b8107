import { loadXmlParser } from '@catchword/input';
import { serveTasks, transferring } from '@catchword/math';
import { ByteOutput } from './byte-output.js';
import { KnownConcepts, NO_HEADINGS, NO_RECORD, type PackedParts } from './packed-parts.js';
import { RecordWriter, readRecord, type WritePart, type WriteSettings } from './record-writer.js';
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
    let number = 0;
    for (const { bytes, headings } of known.unpacked(packed)) {
      if (headings === NO_RECORD) parts.push(bytes);
      else {
        const record = readRecord(bytes, settings.from, parse);
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
