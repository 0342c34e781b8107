import { Uint32List } from '@catchword/math';
import type { RecordStore } from './record-store.js';

/** Records by falling similarity. */
export interface Neighbours {
  readonly n: number;
  /** Shape (n). */
  readonly rows: Uint32Array;
  /** Shape (n), in (0, 1]. */
  readonly similarities: Float64Array;
}

/** Above this, record and document are taken for the same text: another edition, a copy. */
export const NEAR_DUPLICATE = 0.98;

/** What is known of a suggestion besides its score. */
export const VOTE_EVIDENCE = [
  'votes',
  'voters',
  'voterShare',
  'bestSimilarity',
  'meanSimilarity',
  'bestRank',
  'nearDuplicate',
  'nearestSimilarity',
] as const;

/** Counts the votes of one document's neighbours at a time. */
export class VoteCount {
  /** Subjects that have votes; the first `n` count. */
  readonly subjects = new Uint32List();
  /** Parallel to `subjects`: share of all votes, in (0, 1]; as suggested, so that ties are ties. */
  scores = new Float32Array(256);
  private readonly votes: Float64Array;
  private readonly similaritySums: Float64Array;
  private readonly voters: Uint32Array;
  /** Place of the first voter. */
  private readonly first: Uint32Array;
  private total = 0;
  private neighbours: Neighbours | undefined;

  constructor(nSubjects: number) {
    this.votes = new Float64Array(nSubjects);
    this.similaritySums = new Float64Array(nSubjects);
    this.voters = new Uint32Array(nSubjects);
    this.first = new Uint32Array(nSubjects);
  }

  get n(): number {
    return this.subjects.length;
  }

  /**
   * Counts anew: each of the first k neighbours gives its similarity to the power `exponent` to each of its subjects.
   *
   * @param hidden shape (nSubjects): 1 where a subject gets no vote
   */
  count(neighbours: Neighbours, records: RecordStore, k: number, exponent: number, hidden?: Uint8Array): void {
    const { subjects, votes, voters, first, similaritySums } = this;
    for (let i = 0; i < subjects.length; i++) voters[subjects.data[i]] = 0;
    subjects.clear();
    this.neighbours = neighbours;
    this.total = 0;
    const n = Math.min(neighbours.n, k);
    for (let i = 0; i < n; i++) {
      const similarity = neighbours.similarities[i];
      const vote = similarity ** exponent;
      this.total += vote;
      records.eachSubject(neighbours.rows[i], (subject) => {
        if (hidden?.[subject] === 1) return;
        if (voters[subject] === 0) {
          subjects.push(subject);
          votes[subject] = 0;
          similaritySums[subject] = 0;
          first[subject] = i;
        }
        voters[subject]++;
        votes[subject] += vote;
        similaritySums[subject] += similarity;
      });
    }
    if (this.scores.length < subjects.length) this.scores = new Float32Array(subjects.length * 2);
    for (let i = 0; i < subjects.length; i++) this.scores[i] = votes[subjects.data[i]] / this.total;
  }

  /** @returns shape (n, VOTE_EVIDENCE), row-major, parallel to `subjects` */
  evidence(k: number): Float32Array {
    const { subjects, votes, voters, first, similaritySums } = this;
    const { similarities, n } = this.neighbours as Neighbours;
    const nColumns = VOTE_EVIDENCE.length;
    const values = new Float32Array(subjects.length * nColumns);
    const most = Math.min(n, k);
    for (let i = 0, o = 0; i < subjects.length; i++, o += nColumns) {
      const subject = subjects.data[i];
      const best = similarities[first[subject]];
      values[o] = votes[subject];
      values[o + 1] = voters[subject];
      values[o + 2] = voters[subject] / most;
      values[o + 3] = best;
      values[o + 4] = similaritySums[subject] / voters[subject];
      values[o + 5] = first[subject] + 1;
      values[o + 6] = best > NEAR_DUPLICATE ? 1 : 0;
      values[o + 7] = similarities[0];
    }
    return values;
  }

  /** @returns the share of all votes that neighbour i has */
  weight(i: number, exponent: number): number {
    return (this.neighbours as Neighbours).similarities[i] ** exponent / this.total;
  }
}
