import { type Source, SuggestionBatch } from '@catchword/core';
import { Combiner } from '@catchword/sources';

/** Joins what sources suggest, as `ensemble` does; of a single source the suggestions as they are, to the last bit. */
export class BaseRows {
  private readonly sources: readonly Source[];
  private readonly nSubjects: number;
  private readonly combiner: Combiner;

  constructor(sources: readonly Source[], nSubjects: number) {
    this.sources = sources;
    this.nSubjects = nSubjects;
    this.combiner = new Combiner(nSubjects, { combine: 'mean', rankConstant: 60 });
  }

  /** True where scores are probabilities: those of a single source that are. */
  get isCalibrated(): boolean {
    return this.sources.length === 1 && this.sources[0]?.isCalibrated === true && this.sources[0].exponent === 1;
  }

  /**
   * @param batches one for each source; absent where one was left out
   * @param limit of the joined rows; a single source was asked for as many
   */
  join(batches: readonly (SuggestionBatch | undefined)[], limit: number, warnings: readonly string[]): SuggestionBatch {
    const [only] = batches;
    if (batches.length === 1 && only && this.sources[0]?.exponent === 1) {
      const { indptr, subjectIds, scores, usage } = only;
      return new SuggestionBatch(this.nSubjects, indptr, subjectIds, scores, { warnings, usage });
    }
    return this.combiner.combine(batches, this.sources, limit, warnings);
  }
}
