import {
  type Corpus,
  type Document,
  type HeldOut,
  OperationError,
  type SourceQuestion,
  type TrainOptions,
  type Vocabulary,
} from '@catchword/core';
import { CoOccurrence } from './co-occurrence.js';
import { FusionFeatures, type SourceColumns } from './fusion-features.js';
import { type FusionRows, FusionTable } from './fusion-table.js';
import { maxFrequency } from './max-frequency.js';
import type { FusionParams } from './params.js';

/** Documents of one question. */
const QUESTION_DOCS = 16;

/** The rows of some held-out documents, and what their columns are. */
export interface CollectedRows {
  readonly rows: FusionRows;
  readonly columns: readonly SourceColumns[];
  readonly names: readonly string[];
}

/**
 * Has the sources suggest for documents that they have not learnt, and describes their candidates.
 *
 * Each document is asked about twice where `hiddenWeight` is above 0: once as it is, once with the records of a share of
 * the subjects hidden, from which only those subjects are learnt: so the model sees what right subjects without records
 * look like.
 *
 * @throws {OperationError} `operation-failed` if a source fails
 */
export async function collectRows(
  heldOut: HeldOut,
  vocabulary: Vocabulary,
  language: string,
  params: FusionParams,
  options: TrainOptions,
): Promise<CollectedRows> {
  const { signal, onProgress, seed } = options;
  const { neighbours, calibratedScores: calibrated } = params;
  const panel = await heldOut.open();
  try {
    const { sources } = panel;
    const frequency = maxFrequency(sources, vocabulary.nSubjects);
    const masks = params.hiddenWeight > 0 ? hiddenMasks(params.hiddenShare, vocabulary.nSubjects, seed) : [];
    const waiting: { docs: readonly Document[]; hidden: Uint8Array | undefined }[] = [];
    const questions = async function* (): AsyncGenerator<SourceQuestion> {
      let n = 0;
      for await (const docs of inBatches(heldOut.corpus)) {
        signal?.throwIfAborted();
        const common = { limit: params.sourcesLimit, evidence: true };
        waiting.push({ docs, hidden: undefined });
        yield { docs, options: common };
        const hidden = masks[n++ % masks.length];
        if (!hidden) continue;
        waiting.push({ docs, hidden });
        yield { docs, options: { ...common, hidden } };
      }
    };
    const together = CoOccurrence.ofSources(sources);
    let features: FusionFeatures | undefined;
    let columns: SourceColumns[] = [];
    let table: FusionTable | undefined;
    let natural: DocumentRow[] = [];
    let done = 0;
    for await (const { batches, warnings } of panel.answers(questions())) {
      const question = waiting.shift();
      if (!question) throw new RangeError('an answer without a question');
      if (batches.includes(undefined)) {
        throw new OperationError('operation-failed', `Cannot train on sources that fail: ${warnings.join('; ')}`);
      }
      if (!features || !table) {
        columns = sources.map(({ projectId }, s) => ({ projectId, evidence: batches[s]?.evidence?.names ?? [] }));
        features = new FusionFeatures(columns, vocabulary, language, frequency, { together, neighbours, calibrated });
        table = new FusionTable(features.nFeatures, seed);
      }
      const { docs, hidden } = question;
      const rows = docs.map((doc, row): DocumentRow => ({ doc, batches, row, hidden }));
      // A document's rows stand together: its hidden ones wait for no other document.
      if (!hidden && masks.length > 0) {
        natural = rows;
        continue;
      }
      const pairs = hidden ? rows.map((each, i) => [natural[i] as DocumentRow, each]) : rows.map((each) => [each]);
      for (const pair of pairs) addDocument(pair, features, table, frequency);
      done += docs.length;
      onProgress?.({ stage: `asking the sources${heldOut.name ? ` (${heldOut.name})` : ''}`, done, unit: 'documents' });
      signal?.throwIfAborted();
    }
    if (!features || !table) {
      throw new OperationError('corpus-empty', 'Cannot train a fusion: there is no document with a known subject');
    }
    return { rows: weighted(table.finish(), params.hiddenWeight), columns, names: features.names };
  } finally {
    await panel.close();
  }
}

interface DocumentRow {
  readonly doc: Document;
  readonly batches: Parameters<FusionFeatures['build']>[0];
  readonly row: number;
  readonly hidden: Uint8Array | undefined;
}

function addDocument(
  pair: readonly DocumentRow[],
  features: FusionFeatures,
  table: FusionTable,
  frequency: Uint32Array,
): void {
  const gold = new Set(pair[0]?.doc.subjects ?? []);
  const bestRank = features.names.indexOf('bestRank');
  table.beginDocument(gold.size, [...gold].filter((id) => frequency[id] === 0).length);
  for (const { doc, batches, row, hidden } of pair) {
    const candidates = features.build(batches, row, doc.text.length, hidden);
    table.add(candidates, bestRank, (id) => gold.has(id), hidden);
  }
}

/** Rows that repeat others count as the parameters say. */
function weighted(rows: FusionRows, hiddenWeight: number): FusionRows {
  for (let i = 0; i < rows.weights.length; i++) if (rows.hidden[i]) rows.weights[i] *= hiddenWeight;
  return rows;
}

/** Masks that together hide each subject once; shared memory, since threads read them. */
function hiddenMasks(share: number, nSubjects: number, seed: number): Uint8Array[] {
  if (share <= 0) return [];
  const nMasks = Math.max(2, Math.round(1 / share));
  const masks = Array.from({ length: nMasks }, () => new Uint8Array(new SharedArrayBuffer(nSubjects)));
  for (let id = 0; id < nSubjects; id++) {
    let h = Math.imul(id + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    masks[((h ^ (h >>> 13)) >>> 0) % nMasks][id] = 1;
  }
  return masks;
}

async function* inBatches(corpus: Corpus): AsyncGenerator<Document[]> {
  let batch: Document[] = [];
  for await (const doc of corpus.documents()) {
    batch.push(doc);
    if (batch.length < QUESTION_DOCS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
