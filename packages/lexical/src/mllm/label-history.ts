import type { NumericArray } from '@catchword/math';

/**
 * What the training records say of each subject, in documents. Documents are counted in by whoever holds it.
 */
export class LabelHistory {
  nDocs: number;
  /** Shape (nSubjects): documents with the subject among their gold. */
  readonly gold: Uint32Array;
  /** Documents in which all words of one of its labels stand together; those of them with the subject among their gold. */
  readonly together: Uint32Array;
  readonly togetherGold: Uint32Array;
  /** Documents in which it was a candidate in any way; those of them with the subject among their gold. */
  readonly candidate: Uint32Array;
  readonly candidateGold: Uint32Array;

  constructor(nDocs: number, arrays: Omit<LabelHistory, 'nDocs' | 'nSubjects' | 'resized' | 'toArrays'>) {
    this.nDocs = nDocs;
    this.gold = arrays.gold;
    this.together = arrays.together;
    this.togetherGold = arrays.togetherGold;
    this.candidate = arrays.candidate;
    this.candidateGold = arrays.candidateGold;
  }

  static empty(nSubjects: number, nDocs = 0): LabelHistory {
    const zeros = () => new Uint32Array(nSubjects);
    return new LabelHistory(nDocs, {
      gold: zeros(),
      together: zeros(),
      togetherGold: zeros(),
      candidate: zeros(),
      candidateGold: zeros(),
    });
  }

  /** @throws {RangeError} if an array is missing or they differ in length */
  static fromArrays(nDocs: number, arrays: Readonly<Record<string, NumericArray | undefined>>): LabelHistory {
    const column = (name: string): Uint32Array => {
      const array = arrays[name];
      if (!(array instanceof Uint32Array)) throw new RangeError(`it has no counts ${name}`);
      if (array.length !== arrays.gold?.length) throw new RangeError(`its counts ${name} have another length`);
      return array;
    };
    return new LabelHistory(nDocs, {
      gold: column('gold'),
      together: column('together'),
      togetherGold: column('togetherGold'),
      candidate: column('candidate'),
      candidateGold: column('candidateGold'),
    });
  }

  get nSubjects(): number {
    return this.gold.length;
  }

  /** @returns the history for a vocabulary that has grown: subjects beyond it have none */
  resized(nSubjects: number): LabelHistory {
    if (nSubjects === this.nSubjects) return this;
    const larger = LabelHistory.empty(nSubjects, this.nDocs);
    for (const [name, array] of Object.entries(this.toArrays())) {
      (larger as unknown as Record<string, Uint32Array>)[name].set(array as Uint32Array);
    }
    return larger;
  }

  toArrays(): Record<string, NumericArray> {
    const { gold, together, togetherGold, candidate, candidateGold } = this;
    return { gold, together, togetherGold, candidate, candidateGold };
  }
}
