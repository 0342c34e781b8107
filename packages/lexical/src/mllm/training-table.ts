import { Float32List, Random, Uint32List } from '@catchword/math';
import { GOLD, type RowChunk, TOGETHER } from './collect-rows.js';
import { fillHistory, type HistoryPriors, historyPriors, N_FEATURES, N_TEXT_FEATURES } from './features.js';
import { LabelHistory } from './label-history.js';

/** Documents are dealt into parts; a row's history is counted without its own part. */
const N_PARTS = 8;
/**
 * Share of the subjects whose history is hidden from all of their rows. Only thus are there subjects without a record that
 * are right as often as others: what the trees learn of them holds for the concepts that no record has used.
 */
const HIDDEN_SHARE = 0.1;
/** More rows teach nothing that these do not; beyond, half of the documents are let go of, and their counts stay. */
const MOST_ROWS = 800_000;

/** The training set: counts over all documents, and the sampled rows. */
export class TrainingTable {
  private readonly total: LabelHistory;
  private readonly parts: readonly LabelHistory[];
  private readonly mostRows: number;
  private nDocs = 0;
  private nCandidates = 0;
  private readonly text = new Float32List(1 << 16);
  private readonly subjects = new Uint32List();
  private readonly answers = new Uint32List();
  private readonly weights = new Float32List();
  private readonly docs = new Uint32List();
  /** Rows are kept of documents whose number is divisible by it: a power of two. */
  private stride = 1;

  /** @param mostRows beyond so many rows, half of the documents are let go of */
  constructor(nSubjects: number, mostRows = MOST_ROWS) {
    this.mostRows = mostRows;
    this.total = LabelHistory.empty(nSubjects);
    this.parts = Array.from({ length: N_PARTS }, () => LabelHistory.empty(nSubjects));
  }

  get nRows(): number {
    return this.subjects.length;
  }

  get nPositive(): number {
    let n = 0;
    for (let r = 0; r < this.nRows; r++) n += this.answers.data[r];
    return n;
  }

  /** @param gold per document its gold subjects, each once */
  add(chunk: RowChunk, gold: readonly (readonly number[])[]): void {
    let k = 0;
    gold.forEach((subjects, d) => {
      const histories = [this.total, this.parts[this.nDocs % N_PARTS]];
      for (const history of histories) {
        history.nDocs++;
        for (const s of subjects) history.gold[s]++;
      }
      for (; k < chunk.docEnds[d]; k++) {
        const entry = chunk.candidates[k];
        const subject = Math.floor(entry / 4);
        const flags = entry - subject * 4;
        for (const history of histories) {
          history.candidate[subject]++;
          if (flags & GOLD) history.candidateGold[subject]++;
          if (flags & TOGETHER) history.together[subject]++;
          if (flags === (GOLD | TOGETHER)) history.togetherGold[subject]++;
        }
      }
      this.nDocs++;
    });
    this.nCandidates += chunk.candidates.length;
    for (let r = 0; r < chunk.nRows; r++) {
      if (chunk.docs[r] % this.stride !== 0) continue;
      this.push(chunk.X, r * N_TEXT_FEATURES, chunk.subjects[r], chunk.y[r], chunk.weights[r], chunk.docs[r]);
    }
    while (this.nRows > this.mostRows) this.thin();
  }

  /**
   * Fills in the histories.
   *
   * @param seed chooses the subjects whose history is hidden
   */
  finish(
    seed: number,
    hiddenShare = HIDDEN_SHARE,
  ): {
    X: Float32Array;
    y: Uint8Array;
    weights: Float32Array;
    history: LabelHistory;
    priors: HistoryPriors;
  } {
    const { nRows, total } = this;
    const priors = historyPriors(total);
    const X = new Float32Array(nRows * N_FEATURES);
    const random = new Random(seed);
    const isHidden = Uint8Array.from({ length: total.nSubjects }, () => (random.uniform() < hiddenShare ? 1 : 0));
    for (let r = 0; r < nRows; r++) {
      const o = r * N_FEATURES;
      X.set(this.text.data.subarray(r * N_TEXT_FEATURES, (r + 1) * N_TEXT_FEATURES), o);
      const own = this.parts[this.docs.data[r] % N_PARTS];
      const subject = this.subjects.data[r];
      fillHistory(total, priors, own, subject, isHidden[subject] === 1, X, o);
    }
    return { X, y: Uint8Array.from(this.answers.toArray()), weights: this.weights.toArray(), history: total, priors };
  }

  /** Facts for the report. */
  facts(): { documents: number; candidatesPerDocument: number; rows: number; positiveRows: number } {
    return {
      documents: this.nDocs,
      candidatesPerDocument: this.nDocs > 0 ? Math.round((10 * this.nCandidates) / this.nDocs) / 10 : 0,
      rows: this.nRows,
      positiveRows: this.nPositive,
    };
  }

  private push(X: Float32Array, o: number, subject: number, answer: number, weight: number, doc: number): void {
    for (let f = 0; f < N_TEXT_FEATURES; f++) this.text.push(X[o + f]);
    this.subjects.push(subject);
    this.answers.push(answer);
    this.weights.push(weight);
    this.docs.push(doc);
  }

  private thin(): void {
    this.stride *= 2;
    const { nRows } = this;
    const { text, subjects, answers, weights, docs } = this;
    for (const list of [text, subjects, answers, weights, docs]) list.clear();
    for (let r = 0; r < nRows; r++) {
      const doc = docs.data[r];
      if (doc % this.stride !== 0) continue;
      this.push(text.data, r * N_TEXT_FEATURES, subjects.data[r], answers.data[r], weights.data[r], doc);
    }
  }
}
