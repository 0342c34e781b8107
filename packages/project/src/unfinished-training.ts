import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoints, type Corpus, IndexingError, type ModelData } from '@catchword/core';
import { contentHash } from '@catchword/math';
import { hasModel, readModelFolder, writeModelFolder } from '@catchword/storage';
import type { Project } from './project.js';
import type { TrainProjectOptions } from './train-project.js';

const KIND = 'checkpoint';

/** What a long training has done so far, in the project's folder: an equal training goes on from there after a kill. */
export class UnfinishedTraining implements Checkpoints {
  private readonly folder: string;
  private readonly key: string;
  /** Documents of the first corpus. */
  readonly nDocs: number;

  private constructor(folder: string, key: string, nDocs: number) {
    this.folder = folder;
    this.key = key;
    this.nDocs = nDocs;
  }

  /** Reads the corpora once: a training is equal if documents, subjects, settings and seed are. */
  static async open(
    project: Project,
    corpora: readonly Corpus[],
    options: TrainProjectOptions,
  ): Promise<UnfinishedTraining> {
    const hash = createHash('sha256');
    hash.update(JSON.stringify([await project.trainingSettings(), options.seed ?? 0]));
    let nDocs = 0;
    for (const [c, corpus] of corpora.entries()) {
      for await (const doc of corpus.documents()) {
        options.signal?.throwIfAborted();
        if (c === 0) nDocs++;
        hash.update(`${contentHash(doc.text)} ${doc.subjects?.join(',') ?? ''}\n`);
      }
      hash.update('\n');
    }
    return new UnfinishedTraining(join(project.folder, 'unfinished'), hash.digest('hex'), nDocs);
  }

  async load(name: string): Promise<ModelData | undefined> {
    const folder = this.place(name);
    if (!(await hasModel(folder))) return undefined;
    try {
      const { data } = await readModelFolder(folder, { kind: KIND });
      return data.meta.key === this.key ? data : undefined;
    } catch (error) {
      if (!IndexingError.is(error)) throw error;
      return undefined; // damaged: it is done again
    }
  }

  async save(name: string, { meta, pack }: ModelData): Promise<void> {
    await writeModelFolder(this.place(name), { kind: KIND, meta: { ...meta, key: this.key }, pack });
  }

  /** Removes what is there, once the training is finished. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private place(name: string): string {
    return join(this.folder, name.replace(/[^a-z0-9]+/gu, '-'));
  }
}
