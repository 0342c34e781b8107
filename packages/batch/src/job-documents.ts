import { statSync } from 'node:fs';
import type { Document, InputError } from '@catchword/core';
import type { OpenCorpus } from '@catchword/corpus';
import { DocumentChain, documentChecksum } from './document-chain.js';
import { inputChanged } from './input-files.js';
import type { InputPosition, Job, Unit } from './job.js';

/** Opens one file or folder as a corpus. */
export type OpenSource = (path: string, hooks: SourceHooks) => OpenCorpus;

/** What a job wants to be asked and told while a source is read. */
export interface SourceHooks {
  readonly isWanted: (path: string) => boolean;
  readonly onPassedOver: (path: string) => void | Promise<void>;
  readonly onUnreadable: (path: string, error: InputError) => void | Promise<void>;
}

/** Something that was read, in the order of the inputs. */
export interface ReadItem {
  /** Absent for a file that could not be read, or whose result is there. */
  readonly document?: Document;
  readonly error?: InputError;
  /** Where the inputs stand after it. */
  readonly position: InputPosition;
  /** A checksum of the document; empty where there is none. */
  readonly checksum: string;
}

export interface JobDocumentsOptions {
  readonly job: Job;
  readonly unit: Unit;
  readonly open: OpenSource;
  /** Whether a file of a folder still has to be done. */
  readonly isMissing: (path: string) => boolean;
  /** Told when something without a document was read while no document is under way: `rest` has it. */
  readonly onRest?: () => Promise<void>;
}

/**
 * The documents of a unit from where it stands, and what came between them.
 *
 * Files of folders that are settled are not read again. Of other files the settled documents are read once more, and compared with
 * what was noted.
 */
export class JobDocuments {
  private readonly options: JobDocumentsOptions;
  private readonly items: ReadItem[] = [];
  private nSettled: number;

  constructor(options: JobDocumentsOptions) {
    this.options = options;
    this.nSettled = options.unit.counts.documents;
  }

  /** @throws {OperationError} `job-changed` where the settled documents are others than those that were noted; else as a corpus */
  async *documents(): AsyncGenerator<Document, void, undefined> {
    const { position, plan } = this.options.unit;
    for (let source = position.source; source < plan.paths.length && !this.isFull; source++) {
      const path = plan.paths[source] as string;
      const from = source === position.source ? position : { source, documents: 0, path: undefined, chain: '' };
      yield* statSync(path, { throwIfNoEntry: false })?.isDirectory() ? this.folder(path, from) : this.file(path, from);
    }
  }

  /** @returns what was read up to the document, itself at the end */
  upTo(document: Document): ReadItem[] {
    const at = this.items.findIndex((item) => item.document === document);
    return this.items.splice(0, at + 1);
  }

  /** @returns what was read after the last document */
  rest(): ReadItem[] {
    return this.items.splice(0);
  }

  private async tellRest(): Promise<void> {
    if (this.items.every(({ document }) => !document)) await this.options.onRest?.();
  }

  private get isFull(): boolean {
    return this.nSettled >= (this.options.job.plan.docsLimit ?? Number.POSITIVE_INFINITY);
  }

  private async *file(path: string, from: InputPosition): AsyncGenerator<Document, void, undefined> {
    const chain = new DocumentChain();
    let n = 0;
    const after = (): InputPosition => ({ source: from.source, documents: n, path: undefined, chain: chain.value });
    const corpus = this.options.open(path, {
      isWanted: () => true,
      onPassedOver: () => undefined,
      onUnreadable: async (_, error) => {
        if (++n <= from.documents || this.isFull) return;
        this.nSettled++;
        this.items.push({ error, position: after(), checksum: '' });
        await this.tellRest();
      },
    });
    for await (const document of corpus.documents()) {
      if (this.isFull) return;
      const checksum = documentChecksum(document);
      chain.add(checksum);
      n++;
      if (n <= from.documents) {
        if (n === from.documents && chain.value !== from.chain) throw this.changed(path, from.documents);
        continue;
      }
      this.nSettled++;
      this.items.push({ document, position: after(), checksum: checksum.toString(16) });
      yield document;
    }
    if (n < from.documents) throw this.changed(path, from.documents);
  }

  private async *folder(path: string, from: InputPosition): AsyncGenerator<Document, void, undefined> {
    let isPassed = from.path === undefined;
    let n = from.documents;
    const kept = new Set<string>();
    const after = (file: string): InputPosition => ({ source: from.source, documents: n, path: file, chain: '' });
    const corpus = this.options.open(path, {
      isWanted: (file) => {
        if (!isPassed) {
          isPassed = file === from.path;
          return false;
        }
        if (this.isFull) return false;
        const isMissing = this.options.isMissing(file);
        if (!isMissing) kept.add(file);
        return isMissing;
      },
      onPassedOver: async (file) => {
        if (!kept.delete(file)) return;
        this.items.push({ position: after(file), checksum: '' });
        await this.tellRest();
      },
      onUnreadable: async (file, error) => {
        if (this.isFull) return;
        n++;
        this.nSettled++;
        this.items.push({ error, position: after(file), checksum: '' });
        await this.tellRest();
      },
    });
    for await (const document of corpus.documents()) {
      if (this.isFull) return; // files are read ahead of their turn
      n++;
      this.nSettled++;
      const position = after(document.path as string);
      this.items.push({ document, position, checksum: documentChecksum(document).toString(16) });
      yield document;
    }
  }

  private changed(path: string, n: number): Error {
    const first =
      n === 1 ? 'its first document is not the one that was' : `its first ${n} documents are not those that were`;
    return inputChanged(this.options.job, ` ${path}: ${first} read`);
  }
}
