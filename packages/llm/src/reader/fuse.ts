/** Joins a document's scores with what a model makes of its first candidates. */
export interface Fusing {
  /**
   * @param scores shape (n): the row of the sources, falling
   * @param values shape (nRead), nRead <= n: of the first candidates, 0 to 1; NaN where nothing was said
   * @returns shape (n), in the order of the row; where nothing was said the score as it was
   */
  fuse(scores: Float32Array, values: Float64Array): Float32Array;
}

/**
 * Fuses with a fixed weight: (1 - weight) · score + weight · value^exponent · scale.
 *
 * The scale is the document's best score, so that a small weight is small for sources of every scale; or 1, as Annif has it.
 */
export class FixedWeight implements Fusing {
  private readonly weight: number;
  private readonly exponent: number;
  private readonly scaledByBest: boolean;

  constructor({ weight, exponent, scaledByBest }: { weight: number; exponent: number; scaledByBest: boolean }) {
    this.weight = weight;
    this.exponent = exponent;
    this.scaledByBest = scaledByBest;
  }

  fuse(scores: Float32Array, values: Float64Array): Float32Array {
    const { weight, exponent } = this;
    const scale = this.scaledByBest ? (scores[0] ?? 1) : 1;
    return scores.map((score, i) => {
      const value = values[i] ?? Number.NaN;
      if (Number.isNaN(value)) return score;
      return (1 - weight) * score + weight * value ** exponent * scale;
    });
  }
}
