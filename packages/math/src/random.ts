/**
 * A seeded generator of pseudo-random numbers (sfc32); the only source of randomness in Catchword.
 *
 * @see Doty-Humphrey, PractRand: "small fast counting" generator, 32-bit variant
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seed any integer; equal seeds give equal sequences on every machine */
  constructor(seed: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 4294967296) | 0;
    this.c = 0x9e3779b9 | 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** @returns an integer in [0, 2^32) */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    this.c |= 0;
    return t >>> 0;
  }

  /** @returns a number in [0, 1) */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** @returns an integer in [0, n) */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle(values: { length: number; [i: number]: number }): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const v = values[i];
      values[i] = values[j];
      values[j] = v;
    }
  }
}
