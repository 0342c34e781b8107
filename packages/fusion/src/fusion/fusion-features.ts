import type { SuggestionBatch, Vocabulary } from '@catchword/core';
import type { CsrPattern } from '@catchword/math';
import type { CoOccurrence } from './co-occurrence.js';
import { COMPANY, CompanyFeatures } from './company-features.js';
import { KIN, KinFeatures } from './kin-features.js';
import { LABEL_SHAPE, labelShapes } from './label-shape.js';
import type { SourceCurves } from './source-curves.js';
import { ThesaurusNeighbours } from './thesaurus-neighbours.js';

/** A source as the features know it. */
export interface SourceColumns {
  readonly projectId: string;
  /** Its evidence columns; others that it has are not looked at. */
  readonly evidence: readonly string[];
}

/** Per source, before its evidence. */
const SOURCE_FEATURES = ['score', 'rank', 'shareOfBest'] as const;
const AGREEMENT = ['sources', 'reciprocalRanks', 'bestRank', 'meanShare', 'frequency'] as const;
const SUPPORT = ['broaderSupport', 'narrowerSupport', 'relatedSupport', 'bestNarrower'] as const;
const DOCUMENT = ['length', 'candidates'] as const;
/** Per source and document. */
const SOURCE_DOCUMENT = ['best', 'sum'] as const;
/** The column of a source's calibrated score, after its name. */
export const CALIBRATED = 'calibrated';
const RANK_CONSTANT = 60;

/** What features there are beside those that every fusion has. */
export interface FurtherFeatures {
  /** Which subjects the training records of the sources have together. */
  readonly together?: CoOccurrence | undefined;
  /** Neighbours in the thesaurus that are candidates too, at most; 0 for none. */
  readonly neighbours: number;
  /** Whether each source's calibrated score is a feature. */
  readonly calibrated: boolean;
  /** What makes calibrated scores; absent in training, where they are missing at first. */
  readonly curves?: SourceCurves | undefined;
}

/** A document's candidates; arrays are overwritten by the next `build`. */
export interface FusionCandidates {
  readonly n: number;
  /** Subjects that any source suggests, in the order of the sources, then of their ranks; then neighbours of the best of these. */
  readonly ids: Uint32Array;
  /** Shape (n, nFeatures), row-major; NaN where something is not known. */
  readonly X: Float32Array;
}

/**
 * Describes candidates by features that all subjects share: what the sources say of them and with which evidence, how they
 * agree, how often the subject was trained (zero included), the shape of its label, what its neighbours in the thesaurus
 * get, the document, and what subjects people gave together. No feature names a subject, so that what is learnt holds for those that no record has used.
 */
export class FusionFeatures {
  readonly names: readonly string[];
  private readonly columns: readonly SourceColumns[];
  private readonly frequency: Uint32Array;
  private readonly vocabulary: Vocabulary;
  private readonly shapes: Float32Array;
  /** Per subject its place among the candidates + 1. */
  private readonly place: Uint32Array;
  private readonly kin: KinFeatures;
  /** Absent where nothing is known of subjects that were given together: there are no such features then. */
  private readonly company: CompanyFeatures | undefined;
  private readonly neighbours: ThesaurusNeighbours | undefined;
  private readonly mostNeighbours: number;
  private readonly curves: SourceCurves | undefined;
  /** Per source the columns of its score and its calibrated score, where there are curves. */
  private readonly scoreColumns: readonly number[];
  private readonly calibratedColumns: readonly number[];
  private ids = new Uint32Array(256);
  private X = new Float32Array(0);
  /** Shape (n): mean of the shares of the sources' best scores. */
  private shares = new Float32Array(256);

  /** @param frequency shape (nSubjects): training documents of each subject, of the source that has most */
  constructor(
    columns: readonly SourceColumns[],
    vocabulary: Vocabulary,
    language: string,
    frequency: Uint32Array,
    { together, neighbours, calibrated, curves }: FurtherFeatures,
  ) {
    this.columns = columns;
    this.vocabulary = vocabulary;
    this.frequency = frequency;
    this.shapes = labelShapes(vocabulary, language);
    this.place = new Uint32Array(vocabulary.nSubjects);
    this.kin = new KinFeatures(vocabulary);
    this.company = together && new CompanyFeatures(together, this.place);
    this.names = [
      ...columns.flatMap(({ projectId, evidence }) =>
        [...SOURCE_FEATURES, ...evidence].map((name) => `${projectId}: ${name}`),
      ),
      ...AGREEMENT,
      ...LABEL_SHAPE,
      ...SUPPORT,
      ...KIN,
      ...DOCUMENT,
      ...columns.flatMap(({ projectId }) => SOURCE_DOCUMENT.map((name) => `${projectId}: ${name}`)),
      ...(together ? COMPANY : []),
      ...(calibrated ? columns.map(({ projectId }) => `${projectId}: ${CALIBRATED}`) : []),
    ];
    this.neighbours = neighbours > 0 ? new ThesaurusNeighbours(vocabulary, neighbours) : undefined;
    this.mostNeighbours = neighbours;
    this.curves = curves;
    this.scoreColumns = columns.map(({ projectId }) => this.names.indexOf(`${projectId}: score`));
    this.calibratedColumns = columns.map(({ projectId }) => this.names.indexOf(`${projectId}: ${CALIBRATED}`));
  }

  get nFeatures(): number {
    return this.names.length;
  }

  /**
   * @param batches one for each source; absent where one failed: its features are missing
   * @param row of the document in the batches
   * @param hidden shape (nSubjects): 1 where no record is to be known; absent: all are known
   */
  build(
    batches: readonly (SuggestionBatch | undefined)[],
    row: number,
    textLength: number,
    hidden?: Uint8Array,
  ): FusionCandidates {
    const nSuggested = this.collect(batches, row);
    const { columns, nFeatures } = this;
    const most = nSuggested + this.mostNeighbours;
    if (this.X.length < most * nFeatures) this.X = new Float32Array(most * nFeatures * 2);
    const { X } = this;
    X.fill(Number.NaN, 0, most * nFeatures);
    const agreement = this.fillSources(batches, row, nSuggested);
    const n = this.neighbours ? this.addNeighbours(this.neighbours, nSuggested, agreement) : nSuggested;
    this.fillShared(n, agreement, hidden);
    const support = agreement + AGREEMENT.length + LABEL_SHAPE.length;
    this.fillSupport(n, support);
    const kin = support + SUPPORT.length;
    this.kin.fill(this.ids, this.shares, n, this.place, X, nFeatures, kin);
    const document = kin + KIN.length;
    for (let i = 0, o = document; i < n; i++, o += nFeatures) {
      X[o] = Math.log1p(textLength);
      X[o + 1] = Math.log1p(nSuggested);
    }
    for (let s = 0; s < columns.length; s++) {
      const batch = batches[s];
      if (!batch) continue;
      const from = batch.indptr[row];
      const to = batch.indptr[row + 1];
      let sum = 0;
      for (let k = from; k < to; k++) sum += batch.scores[k];
      const at = document + DOCUMENT.length + s * SOURCE_DOCUMENT.length;
      for (let i = 0, o = at; i < n; i++, o += nFeatures) {
        X[o] = to > from ? batch.scores[from] : 0;
        X[o + 1] = sum;
      }
    }
    const company = document + DOCUMENT.length + columns.length * SOURCE_DOCUMENT.length;
    this.company?.fill(this.ids, this.shares, n, X, nFeatures, company, hidden);
    this.curves?.fill(X, nFeatures, n, this.scoreColumns, this.calibratedColumns);
    for (let i = 0; i < n; i++) this.place[this.ids[i]] = 0;
    return { n, ids: this.ids, X };
  }

  private collect(batches: readonly (SuggestionBatch | undefined)[], row: number): number {
    const { place } = this;
    let n = 0;
    for (const batch of batches) {
      if (!batch) continue;
      for (let k = batch.indptr[row]; k < batch.indptr[row + 1]; k++) {
        const id = batch.subjectIds[k];
        if (place[id] !== 0) continue;
        if (n === this.ids.length) this.grow();
        this.ids[n] = id;
        place[id] = ++n;
      }
    }
    return n;
  }

  private grow(): void {
    const ids = new Uint32Array(this.ids.length * 2);
    ids.set(this.ids);
    this.ids = ids;
    const shares = new Float32Array(ids.length);
    shares.set(this.shares);
    this.shares = shares;
  }

  /** Appends neighbours of the best candidates: no source says anything of them. @returns how many candidates there are then */
  private addNeighbours(neighbours: ThesaurusNeighbours, nSuggested: number, agreement: number): number {
    const { nFeatures, X, place } = this;
    let n = nSuggested;
    for (const id of neighbours.of(this.ids, this.shares, nSuggested, place)) {
      if (n === this.ids.length) this.grow();
      this.ids[n] = id;
      this.shares[n] = 0;
      const o = n * nFeatures + agreement;
      X[o] = X[o + 1] = X[o + 3] = 0;
      place[id] = ++n;
    }
    return n;
  }

  /** Fills what each source says, and the agreement but for the frequency. @returns where the agreement stands */
  private fillSources(batches: readonly (SuggestionBatch | undefined)[], row: number, n: number): number {
    const { columns, nFeatures, X, place, shares } = this;
    const agreement = columns.reduce((sum, { evidence }) => sum + SOURCE_FEATURES.length + evidence.length, 0);
    for (let i = 0, o = agreement; i < n; i++, o += nFeatures) {
      X[o] = X[o + 1] = 0;
      shares[i] = 0;
    }
    let nPresent = 0;
    let at = 0;
    for (let s = 0; s < columns.length; s++) {
      const { evidence } = columns[s];
      const batch = batches[s];
      if (batch) {
        nPresent++;
        const from = batch.indptr[row];
        const best = batch.scores[from];
        const names = batch.evidence?.names ?? [];
        const places = evidence.map((name) => names.indexOf(name));
        for (let k = from; k < batch.indptr[row + 1]; k++) {
          const i = place[batch.subjectIds[k]] - 1;
          const o = i * nFeatures + at;
          const rank = k - from + 1;
          const share = batch.scores[k] / best;
          X[o] = batch.scores[k];
          X[o + 1] = rank;
          X[o + 2] = share;
          for (let c = 0; c < places.length; c++) {
            if (places[c] >= 0)
              X[o + 3 + c] = (batch.evidence as { values: Float32Array }).values[k * names.length + places[c]];
          }
          const a = i * nFeatures + agreement;
          X[a] += 1;
          X[a + 1] += 1 / (RANK_CONSTANT + rank);
          if (!(X[a + 2] <= rank)) X[a + 2] = rank;
          shares[i] += share;
        }
      }
      at += SOURCE_FEATURES.length + evidence.length;
    }
    for (let i = 0, o = agreement + 3; i < n; i++, o += nFeatures) {
      shares[i] /= Math.max(1, nPresent);
      X[o] = shares[i];
    }
    return agreement;
  }

  private fillShared(n: number, agreement: number, hidden: Uint8Array | undefined): void {
    const { nFeatures, X, ids, frequency, shapes } = this;
    const at = agreement + AGREEMENT.length;
    for (let i = 0; i < n; i++) {
      const id = ids[i];
      const o = i * nFeatures;
      X[o + at - 1] = hidden?.[id] ? 0 : Math.log1p(frequency[id]);
      for (let c = 0; c < LABEL_SHAPE.length; c++) X[o + at + c] = shapes[id * LABEL_SHAPE.length + c];
    }
  }

  /** What the candidate's neighbours in the thesaurus get from the sources. */
  private fillSupport(n: number, at: number): void {
    const { nFeatures, X, ids, vocabulary, place, shares } = this;
    const sum = (pattern: CsrPattern, id: number): number => {
      let total = 0;
      for (let k = pattern.indptr[id]; k < pattern.indptr[id + 1]; k++) {
        const p = place[pattern.indices[k]];
        if (p > 0) total += shares[p - 1];
      }
      return total;
    };
    for (let i = 0, o = at; i < n; i++, o += nFeatures) {
      const id = ids[i];
      X[o] = sum(vocabulary.broader, id);
      X[o + 1] = sum(vocabulary.narrower, id);
      X[o + 2] = sum(vocabulary.related, id);
      let best = 0;
      const { indptr, indices } = vocabulary.narrower;
      for (let k = indptr[id]; k < indptr[id + 1]; k++) {
        const p = place[indices[k]];
        if (p > 0 && shares[p - 1] > best) best = shares[p - 1];
      }
      X[o + 3] = best - shares[i];
    }
  }
}
