import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { ExtractionError, type ExtractionLimits } from './extraction.js';

/** Below this a part may be as well packed as it likes. */
const SMALL_BYTES = 1 << 20;

/** A zip file in memory, whose parts are unpacked one by one under limits on what comes out, not on what it says. */
export class ZipArchive {
  private readonly zip: ZipFile;
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly limits: ExtractionLimits;
  private nUnpacked = 0;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, limits: ExtractionLimits) {
    this.zip = zip;
    this.entries = entries;
    this.limits = limits;
  }

  /** @throws {ExtractionError} `damaged`, `too-large`, `protected` */
  static async open(bytes: Uint8Array, limits: ExtractionLimits): Promise<ZipArchive> {
    try {
      const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      if (zip.entryCount > limits.maxEntries) {
        throw new ExtractionError(
          'too-large',
          `The file has ${zip.entryCount} parts, ${limits.maxEntries} are allowed`,
        );
      }
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) if (!entries.has(entry.fileName)) entries.set(entry.fileName, entry);
      return new ZipArchive(zip, entries, limits);
    } catch (cause) {
      throw cause instanceof ExtractionError ? cause : damaged(cause);
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @throws {ExtractionError} where there is no such part, or it does not keep within the limits */
  async text(name: string): Promise<string> {
    const entry = this.entries.get(name);
    if (!entry) throw damaged(new Error(`there is no part ${name}`));
    if (entry.isEncrypted()) throw new ExtractionError('protected', 'The file is protected by a password');
    const most = Math.max(entry.compressedSize * this.limits.maxRatio, SMALL_BYTES);
    const blocks: Buffer[] = [];
    let nBytes = 0;
    try {
      const stream = await this.zip.openReadStreamPromise(entry);
      for await (const block of stream as AsyncIterable<Buffer>) {
        nBytes += block.length;
        this.nUnpacked += block.length;
        if (nBytes > most || this.nUnpacked > this.limits.maxUnpackedBytes) {
          stream.destroy();
          throw new ExtractionError('too-large', 'The file unpacks to more than is allowed');
        }
        blocks.push(block);
      }
    } catch (cause) {
      throw cause instanceof ExtractionError ? cause : damaged(cause);
    }
    return new TextDecoder().decode(Buffer.concat(blocks));
  }
}

function damaged(cause: unknown): ExtractionError {
  return new ExtractionError('damaged', `The file is damaged: ${(cause as Error).message.slice(0, 200)}`, cause);
}
