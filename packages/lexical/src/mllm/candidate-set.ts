import { grown } from './grown.js';

/** How many columns `evidence-columns.ts` names. */
export const N_EVIDENCE = 28;

/** What happened where: for explanations. */
export interface MatchRecord {
  readonly subject: number;
  readonly variant: number;
  /** Tokens [from, to). */
  readonly from: number;
  readonly to: number;
  readonly kind: 'label' | 'form' | 'words' | 'part' | 'compound';
}

/** The candidates of one document; the arrays belong to the matcher and are overwritten by its next `match`. */
export interface Candidates {
  readonly n: number;
  readonly subjects: Uint32Array;
  /** Shape (n, N_EVIDENCE), row-major. */
  readonly evidence: Float32Array;
  readonly nTokens: number;
  readonly nSentences: number;
}

/** Collects the candidates of one document after the other in the same arrays. */
export class CandidateSet {
  n = 0;
  subjects = new Uint32Array(256);
  evidence = new Float32Array(256 * N_EVIDENCE);
  /** Where given, every match is noted with its place. */
  records: MatchRecord[] | undefined;
  /** Per subject its number among the candidates + 1, or 0. */
  private readonly slot: Uint32Array;

  constructor(nSubjects: number) {
    this.slot = new Uint32Array(nSubjects);
  }

  begin(records: MatchRecord[] | undefined): void {
    for (let i = 0; i < this.n; i++) this.slot[this.subjects[i]] = 0;
    this.n = 0;
    this.records = records;
  }

  has(subject: number): boolean {
    return this.slot[subject] !== 0;
  }

  /** @returns where the subject's row of `evidence` begins; a new candidate's row is all zeros */
  row(subject: number): number {
    const known = this.slot[subject];
    if (known !== 0) return (known - 1) * N_EVIDENCE;
    if (this.n === this.subjects.length) {
      this.subjects = grown(this.subjects, this.n * 2);
      const more = new Float32Array(this.n * 2 * N_EVIDENCE);
      more.set(this.evidence);
      this.evidence = more;
    }
    const row = this.n * N_EVIDENCE;
    this.evidence.fill(0, row, row + N_EVIDENCE);
    this.subjects[this.n] = subject;
    this.slot[subject] = ++this.n;
    return row;
  }
}
