/** Counts of the pairs of neighbouring letters of a text, its words beginning and ending with a blank. */
type Pairs = ReadonlyMap<number, number>;

/**
 * Compares texts by the pairs of letters that they share (Dice's coefficient over bigrams): endings, typing errors and the
 * order of words count for little.
 */
export class SimilarityTo {
  private readonly text: string;
  private readonly pairs: Pairs;
  private readonly nPairs: number;

  constructor(text: string) {
    this.text = text;
    this.pairs = pairsOf(text);
    this.nPairs = text.length + 1;
  }

  /** @returns from 0 to 1; 1 for equal texts alone */
  of(other: string): number {
    if (other === this.text) return 1;
    let shared = 0;
    for (const [pair, n] of pairsOf(other)) shared += Math.min(n, this.pairs.get(pair) ?? 0);
    return Math.min((2 * shared) / (this.nPairs + other.length + 1), 0.99);
  }
}

function pairsOf(text: string): Pairs {
  const pairs = new Map<number, number>();
  let before = 0x20;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0x20;
    const pair = before * 65_536 + code;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    before = code;
  }
  return pairs;
}
