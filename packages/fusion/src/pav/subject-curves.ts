import type { SubjectId } from '@catchword/core';
import { Isotonic } from '@catchword/learners';
import { Float32List, type NumericArray, Uint32List } from '@catchword/math';

/** What one source said of the training documents, and what was right. */
export class ScoreCollector {
  private readonly ids = new Uint32List();
  private readonly scores = new Float32List();
  private readonly right = new Uint32List();

  /** @param isRight whether the subject is a gold subject of the document that has this score */
  add(id: SubjectId, score: number, isRight: boolean): void {
    this.ids.push(id);
    this.scores.push(score);
    this.right.push(isRight ? 1 : 0);
  }

  /**
   * Fits a curve for each subject with enough documents: a document that the subject was not suggested for has score 0.
   *
   * @param nGold shape (nSubjects): documents that have each subject
   */
  fit(nGold: Uint32Array, nDocs: number, minDocs: number): SubjectCurves {
    const wanted = new Uint32Array(nGold.length);
    const subjects: SubjectId[] = [];
    nGold.forEach((n, id) => {
      if (n >= minDocs) wanted[id] = subjects.push(id);
    });
    const entries = subjects.map((): number[] => []);
    for (let k = 0; k < this.ids.length; k++) {
      const place = wanted[this.ids.data[k]];
      if (place > 0) entries[place - 1].push(k);
    }
    const curves = subjects.map((id, c) => {
      const scores = entries[c].map((k) => this.scores.data[k]);
      const answers = entries[c].map((k) => this.right.data[k]);
      const weights = entries[c].map(() => 1);
      const nElsewhere = nDocs - scores.length;
      if (nElsewhere > 0) {
        scores.push(0);
        answers.push((nGold[id] - answers.reduce((sum, each) => sum + each, 0)) / nElsewhere);
        weights.push(nElsewhere);
      }
      return Isotonic.fit(scores, answers, weights, 'ends');
    });
    return new SubjectCurves(subjects, curves);
  }
}

/** Turns a source's scores into probabilities by a curve of each subject's own. */
export class SubjectCurves {
  /** Ascending. */
  readonly subjects: readonly SubjectId[];
  private readonly curves: readonly Isotonic[];
  private readonly bySubject: ReadonlyMap<SubjectId, Isotonic>;

  constructor(subjects: readonly SubjectId[], curves: readonly Isotonic[]) {
    this.subjects = subjects;
    this.curves = curves;
    this.bySubject = new Map(subjects.map((id, c) => [id, curves[c]]));
  }

  /** @returns the probability, or the score itself where the subject has no curve */
  value(id: SubjectId, score: number): number {
    return this.bySubject.get(id)?.interpolate(score) ?? score;
  }

  toArrays(): Record<string, NumericArray> {
    const { subjects, curves } = this;
    let end = 0;
    return {
      subjects: Uint32Array.from(subjects),
      ends: Uint32Array.from(curves, ({ xs }) => {
        end += xs.length;
        return end;
      }),
      xs: Float64Array.from(curves.flatMap(({ xs }) => [...xs])),
      ys: Float64Array.from(curves.flatMap(({ ys }) => [...ys])),
    };
  }

  /** @throws {RangeError} if the arrays do not fit together, or name a subject that is not below nSubjects */
  static fromArrays(arrays: Readonly<Record<string, NumericArray | undefined>>, nSubjects: number): SubjectCurves {
    const { subjects, ends, xs, ys } = arrays;
    if (!(subjects instanceof Uint32Array && ends instanceof Uint32Array)) throw new RangeError('curves are missing');
    if (!(xs instanceof Float64Array && ys instanceof Float64Array)) throw new RangeError('curves are missing');
    const last = ends.length > 0 ? ends[ends.length - 1] : 0;
    const ascend = ends.every((end, c) => end > (c > 0 ? ends[c - 1] : 0));
    if (!ascend || subjects.length !== ends.length || last !== xs.length || last !== ys.length) {
      throw new RangeError(`${subjects.length} curves with ${xs.length} points do not fit together`);
    }
    const beyond = subjects.find((id) => id >= nSubjects);
    if (beyond !== undefined) throw new RangeError(`subject ${beyond} but ${nSubjects} subjects`);
    const curves = Array.from(ends, (end, c) => {
      const from = c > 0 ? ends[c - 1] : 0;
      return new Isotonic(xs.subarray(from, end), ys.subarray(from, end));
    });
    return new SubjectCurves([...subjects], curves);
  }
}
