import type { NumericArray } from '@catchword/math';

/** All documents that are ever taught for one subject count together as at most about so many. */
const MOST = 6;

/**
 * Weighs documents that are taught, so that none of their subjects is heard too loud: the n-th document of a subject counts
 * 1 / (1 + n / MOST)², which adds up to `MOST` for however many. A document counts the mean over its subjects.
 */
export class BoundedVoices {
  /** Shape (nSubjects): documents taught. */
  private readonly taught: Uint32Array;
  private nTaught = 0;

  constructor(nSubjects: number) {
    this.taught = new Uint32Array(nSubjects);
  }

  get isEmpty(): boolean {
    return this.nTaught === 0;
  }

  /** Counts a document. @returns its weight, in (0, 1]; 0 for one without subjects */
  add(subjects: readonly number[]): number {
    if (subjects.length === 0) return 0;
    let sum = 0;
    for (const id of subjects) sum += (1 + this.taught[id]++ / MOST) ** -2;
    this.nTaught++;
    return sum / subjects.length;
  }

  toArrays(): Record<string, NumericArray> {
    const ids = Uint32Array.from(this.taught.keys()).filter((id) => this.taught[id] > 0);
    return { taughtIds: ids, taughtCounts: ids.map((id) => this.taught[id]) };
  }

  /** @throws {RangeError} if the arrays do not fit together or name a subject that there is not */
  restore({ taughtIds, taughtCounts }: Readonly<Record<string, NumericArray | undefined>>): void {
    const { taught } = this;
    if (
      !(taughtIds instanceof Uint32Array && taughtCounts instanceof Uint32Array) ||
      taughtIds.length === 0 ||
      taughtIds.length !== taughtCounts.length ||
      taughtIds.some((id) => id >= taught.length)
    ) {
      throw new RangeError('the subjects that were taught are missing');
    }
    taughtIds.forEach((id, i) => {
      taught[id] = taughtCounts[i];
      this.nTaught += taughtCounts[i];
    });
  }
}
