const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/**
 * One layer's weights with the optimiser Adam.
 *
 * @see Kingma & Ba 2015, algorithm 1; constants and the place of epsilon are those of Keras 3
 */
export class AdamWeights {
  readonly values: Float32Array;
  /** The gradient of the batch, added up by the caller; each step clears it. */
  readonly gradients: Float32Array;
  private readonly means: Float32Array;
  private readonly squares: Float32Array;
  private nSteps = 0;

  constructor(values: Float32Array) {
    this.values = values;
    this.gradients = new Float32Array(values.length);
    this.means = new Float32Array(values.length);
    this.squares = new Float32Array(values.length);
  }

  step(learningRate: number): void {
    const { values, gradients, means, squares } = this;
    this.nSteps++;
    const rate = (learningRate * Math.sqrt(1 - BETA2 ** this.nSteps)) / (1 - BETA1 ** this.nSteps);
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i];
      const m = means[i] + (1 - BETA1) * (g - means[i]);
      const v = squares[i] + (1 - BETA2) * (g * g - squares[i]);
      if (m === 0) continue; // never had a gradient
      means[i] = m;
      squares[i] = v;
      values[i] -= (rate * m) / (Math.sqrt(v) + EPSILON);
    }
    gradients.fill(0);
  }
}
