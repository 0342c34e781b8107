import type { ModelData } from '@catchword/core';
import { Float32List, packArrays, Random, Uint32List, viewArrays } from '@catchword/math';
import type { FusionCandidates } from './fusion-features.js';

/** Candidates that are near the top of any list are all learnt from, of the others a sample. */
const NEAR_TOP = 30;
const FAR_SHARE = 0.25;

/** Another one when features of the same names come to mean something else. */
const FEATURES_VERSION = 1;

/** A finished table: what a fusion learns from. */
export interface FusionRows {
  readonly nFeatures: number;
  /** Shape (nRows, nFeatures), row-major. */
  readonly X: Float32Array;
  /** Shape (nRows): 1 for gold subjects. */
  readonly y: Uint8Array;
  /** Shape (nRows): what a row counts; rows that stand for others count more. */
  readonly weights: Float32Array;
  /** Shape (nRows): the row's document, ascending. */
  readonly doc: Uint32Array;
  /** Shape (nRows): 1 where the subject's records were hidden; such rows repeat others. */
  readonly hidden: Uint8Array;
  /** Shape (nDocs): gold subjects of each document, those that no source suggests included. */
  readonly nGold: Uint32Array;
  /** Shape (nDocs): those of them that no training record of the sources has. */
  readonly nGoldUntrained: Uint32Array;
}

/** Collects candidates of documents whose gold subjects are known. */
export class FusionTable {
  private readonly nFeatures: number;
  private readonly X = new Float32List(1 << 16);
  private readonly y = new Uint32List();
  private readonly weights = new Float32List();
  private readonly doc = new Uint32List();
  private readonly hidden = new Uint32List();
  private readonly nGold = new Uint32List();
  private readonly nGoldUntrained = new Uint32List();
  private readonly random: Random;

  constructor(nFeatures: number, seed: number) {
    this.nFeatures = nFeatures;
    this.random = new Random(seed);
  }

  get nDocs(): number {
    return this.nGold.length;
  }

  /** Begins a document; `add` calls for it follow. */
  beginDocument(nGold: number, nGoldUntrained: number): void {
    this.nGold.push(nGold);
    this.nGoldUntrained.push(nGoldUntrained);
  }

  /**
   * Adds candidates of the current document.
   *
   * @param bestRank the column that holds a candidate's best rank in any source; missing where none suggests it
   * @param isGold tells gold subjects
   * @param hidden shape (nSubjects): adds only candidates whose records were hidden; absent: all
   */
  add({ n, ids, X }: FusionCandidates, bestRank: number, isGold: (id: number) => boolean, hidden?: Uint8Array): void {
    const { nFeatures, random } = this;
    const doc = this.nGold.length - 1;
    for (let i = 0; i < n; i++) {
      const id = ids[i];
      if (hidden && !hidden[id]) continue;
      const gold = isGold(id);
      const isFar = !gold && !(X[i * nFeatures + bestRank] <= NEAR_TOP);
      if (isFar && random.uniform() >= FAR_SHARE) continue;
      this.X.reserve(this.X.length + nFeatures);
      this.X.data.set(X.subarray(i * nFeatures, (i + 1) * nFeatures), this.X.length);
      this.X.length += nFeatures;
      this.y.push(gold ? 1 : 0);
      this.weights.push(isFar ? 1 / FAR_SHARE : 1);
      this.doc.push(doc);
      this.hidden.push(hidden ? 1 : 0);
    }
  }

  finish(): FusionRows {
    return {
      nFeatures: this.nFeatures,
      X: this.X.data.subarray(0, this.X.length),
      y: Uint8Array.from(this.y.toArray()),
      weights: this.weights.toArray(),
      doc: this.doc.toArray(),
      hidden: Uint8Array.from(this.hidden.toArray()),
      nGold: this.nGold.toArray(),
      nGoldUntrained: this.nGoldUntrained.toArray(),
    };
  }
}

/** Puts tables with the same features one after the other. */
export function joinRows(tables: readonly FusionRows[]): FusionRows {
  const nFeatures = tables[0]?.nFeatures ?? 0;
  const nRows = tables.reduce((n, { y }) => n + y.length, 0);
  const joined = {
    nFeatures,
    X: new Float32Array(nRows * nFeatures),
    y: new Uint8Array(nRows),
    weights: new Float32Array(nRows),
    doc: new Uint32Array(nRows),
    hidden: new Uint8Array(nRows),
    nGold: Uint32Array.from(tables.flatMap(({ nGold }) => [...nGold])),
    nGoldUntrained: Uint32Array.from(tables.flatMap(({ nGoldUntrained }) => [...nGoldUntrained])),
  };
  let row = 0;
  let firstDoc = 0;
  for (const table of tables) {
    joined.X.set(table.X, row * nFeatures);
    joined.y.set(table.y, row);
    joined.weights.set(table.weights, row);
    joined.hidden.set(table.hidden, row);
    for (let i = 0; i < table.y.length; i++) joined.doc[row + i] = firstDoc + table.doc[i];
    row += table.y.length;
    firstDoc += table.nGold.length;
  }
  return joined;
}

/** @returns the rows of the documents for which `wanted` holds; documents keep their numbers */
export function selectRows(rows: FusionRows, wanted: (doc: number) => boolean): FusionRows {
  const { nFeatures, X, y, weights, doc, hidden, nGold, nGoldUntrained } = rows;
  const kept: number[] = [];
  for (let i = 0; i < y.length; i++) if (wanted(doc[i])) kept.push(i);
  const selected = new Float32Array(kept.length * nFeatures);
  kept.forEach((row, i) => {
    selected.set(X.subarray(row * nFeatures, (row + 1) * nFeatures), i * nFeatures);
  });
  return {
    nFeatures,
    X: selected,
    y: Uint8Array.from(kept, (row) => y[row]),
    weights: Float32Array.from(kept, (row) => weights[row]),
    doc: Uint32Array.from(kept, (row) => doc[row]),
    hidden: Uint8Array.from(kept, (row) => hidden[row]),
    nGold,
    nGoldUntrained,
  };
}

/** The rows as data, for a checkpoint. */
export function rowsToData(rows: FusionRows, names: readonly string[]): ModelData {
  const { X, y, weights, doc, hidden, nGold, nGoldUntrained } = rows;
  return {
    meta: { names: [...names], version: FEATURES_VERSION },
    pack: packArrays({ X, y, weights, doc, hidden, nGold, nGoldUntrained }),
  };
}

/** @returns undefined where the data holds rows with other features */
export function rowsFromData(data: ModelData, names: readonly string[]): FusionRows | undefined {
  if (data.meta.version !== FEATURES_VERSION || JSON.stringify(data.meta.names) !== JSON.stringify(names))
    return undefined;
  const { X, y, weights, doc, hidden, nGold, nGoldUntrained } = viewArrays(data.pack);
  if (!(X instanceof Float32Array && y instanceof Uint8Array && weights instanceof Float32Array)) return undefined;
  if (!(doc instanceof Uint32Array && hidden instanceof Uint8Array && nGold instanceof Uint32Array)) return undefined;
  if (!(nGoldUntrained instanceof Uint32Array)) return undefined;
  return { nFeatures: names.length, X, y, weights, doc, hidden, nGold, nGoldUntrained };
}
