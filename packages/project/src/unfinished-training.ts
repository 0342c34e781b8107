import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Corpus, IndexingError, type ModelData } from '@catchword/core';
import { contentHash, packArrays, viewArrays } from '@catchword/math';
import { hasModel, readModelFolder, writeModelFolder } from '@catchword/storage';
import type { Project } from './project.js';
import type { TrainProjectOptions } from './train-project.js';
import type { TrainingCounts } from './training-corpus.js';

const KIND = 'checkpoint';
/** Arrays of a checkpoint that are not the backend's. */
const FREQUENCY = 'counts.frequency';
const HASHES = 'counts.contentHashes';

/** What was made of a part of the corpus, and the counts of the pass over it. */
export interface Checkpoint {
  readonly data: ModelData;
  readonly counts: TrainingCounts;
}

/** What a long training has done so far, in the project's folder: an equal training goes on from there after a kill. */
export class UnfinishedTraining {
  private readonly folder: string;
  private readonly key: string;
  /** Documents of the corpus. */
  readonly nDocs: number;

  private constructor(folder: string, key: string, nDocs: number) {
    this.folder = folder;
    this.key = key;
    this.nDocs = nDocs;
  }

  /** Reads the corpus once: a training is equal if documents, subjects, settings and seed are. */
  static async open(project: Project, corpus: Corpus, options: TrainProjectOptions): Promise<UnfinishedTraining> {
    const hash = createHash('sha256');
    hash.update(JSON.stringify([await project.trainingSettings(), options.seed ?? 0]));
    let nDocs = 0;
    for await (const doc of corpus.documents()) {
      options.signal?.throwIfAborted();
      nDocs++;
      hash.update(`${contentHash(doc.text)} ${doc.subjects?.join(',') ?? ''} ${doc.weight ?? ''}\n`);
    }
    return new UnfinishedTraining(join(project.folder, 'unfinished'), hash.digest('hex'), nDocs);
  }

  async load(name: string): Promise<Checkpoint | undefined> {
    const folder = this.place(name);
    if (!(await hasModel(folder))) return undefined;
    try {
      const { data } = await readModelFolder(folder, { kind: KIND });
      return data.meta.key === this.key ? checkpointOf(data) : undefined;
    } catch (error) {
      if (!IndexingError.is(error)) throw error;
      return undefined; // damaged: it is done again
    }
  }

  async save(name: string, { meta, pack }: ModelData, counts: TrainingCounts): Promise<void> {
    const { nDocuments, nWithoutUsableSubject, frequency, contentHashes } = counts;
    await writeModelFolder(this.place(name), {
      kind: KIND,
      meta: { ...meta, key: this.key, nDocuments, nWithoutUsableSubject },
      pack: packArrays({ ...viewArrays(pack), [FREQUENCY]: frequency, [HASHES]: contentHashes }),
    });
  }

  /** Removes what is there, once the training is finished. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private place(name: string): string {
    return join(this.folder, name.replace(/[^a-z0-9]+/gu, '-'));
  }
}

function checkpointOf({ meta, pack }: ModelData): Checkpoint | undefined {
  const arrays = viewArrays(pack);
  const { nDocuments, nWithoutUsableSubject } = meta;
  const frequency = arrays[FREQUENCY];
  const contentHashes = arrays[HASHES];
  if (typeof nDocuments !== 'number' || typeof nWithoutUsableSubject !== 'number') return undefined;
  if (!(frequency instanceof Uint32Array && contentHashes instanceof Float64Array)) return undefined;
  const places = pack.places.filter(({ name }) => name !== FREQUENCY && name !== HASHES);
  return {
    data: { meta, pack: { ...pack, places } },
    counts: { nDocuments, nWithoutUsableSubject, frequency, contentHashes },
  };
}
