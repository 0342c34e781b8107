/** Mixes two numbers into 32 well-mixed bits. */
export function hashPair(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * Finds the n-gram that continues a feature by a term, by open addressing; pairs (prefix, last term) are the keys.
 *
 * @see NgramCounter, which finds out which pairs there are
 */
export class NgramTable {
  /** Shape (nPairs): the feature that a pair begins with, and the unigram feature that it ends with. */
  readonly prefixes: Uint32Array;
  readonly lasts: Uint32Array;
  /** Length a power of two; a slot holds a pair's number + 1, or 0. */
  readonly slots: Uint32Array;

  constructor(prefixes: Uint32Array, lasts: Uint32Array, slots = NgramTable.slotsOf(prefixes, lasts)) {
    this.prefixes = prefixes;
    this.lasts = lasts;
    this.slots = slots;
  }

  get nPairs(): number {
    return this.prefixes.length;
  }

  /** @returns the pair's number, or -1 */
  find(prefix: number, last: number): number {
    const { slots, prefixes, lasts } = this;
    const mask = slots.length - 1;
    for (let slot = hashPair(prefix, last) & mask; ; slot = (slot + 1) & mask) {
      const pair = slots[slot] - 1;
      if (pair < 0 || (prefixes[pair] === prefix && lasts[pair] === last)) return pair;
    }
  }

  private static slotsOf(prefixes: Uint32Array, lasts: Uint32Array): Uint32Array {
    let capacity = 16;
    while (capacity < prefixes.length * 2) capacity *= 2;
    const slots = new Uint32Array(capacity);
    for (let pair = 0; pair < prefixes.length; pair++) {
      let slot = hashPair(prefixes[pair], lasts[pair]) & (capacity - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (capacity - 1);
      slots[slot] = pair + 1;
    }
    return slots;
  }
}

/** Counts the documents that pairs occur in; a pair occurs at least as often as it is kept for. */
export class NgramCounter {
  private prefixes = new Uint32Array(1 << 12);
  private lasts = new Uint32Array(1 << 12);
  private counts = new Uint32Array(1 << 12);
  private latestDoc = new Uint32Array(1 << 12);
  private slots = new Uint32Array(1 << 13);
  private nPairs = 0;

  /** Counts the pair for a document, once however often it is called for it. @param doc its number + 1, ascending */
  count(prefix: number, last: number, doc: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hashPair(prefix, last) & mask;
    for (let pair = slots[slot] - 1; pair >= 0; pair = slots[slot] - 1) {
      if (this.prefixes[pair] === prefix && this.lasts[pair] === last) {
        if (this.latestDoc[pair] === doc) return;
        this.latestDoc[pair] = doc;
        this.counts[pair] = this.counts[pair] + 1;
        return;
      }
      slot = (slot + 1) & mask;
    }
    if (this.nPairs === this.prefixes.length) this.grow();
    const pair = this.nPairs++;
    this.prefixes[pair] = prefix;
    this.lasts[pair] = last;
    this.counts[pair] = 1;
    this.latestDoc[pair] = doc;
    this.slots[slot] = pair + 1;
    if (this.nPairs * 2 > this.slots.length) this.rehash();
  }

  /** @returns the pairs that at least `minDf` documents have, by prefix, then by last term, and their counts */
  frequent(minDf: number): { prefixes: Uint32Array; lasts: Uint32Array; counts: Uint32Array } {
    const kept: number[] = [];
    for (let pair = 0; pair < this.nPairs; pair++) if (this.counts[pair] >= minDf) kept.push(pair);
    const order = Uint32Array.from(kept);
    order.sort((a, b) => this.prefixes[a] - this.prefixes[b] || this.lasts[a] - this.lasts[b]);
    const gather = (from: Uint32Array) => order.map((pair) => from[pair]);
    return { prefixes: gather(this.prefixes), lasts: gather(this.lasts), counts: gather(this.counts) };
  }

  private grow(): void {
    const grown = (array: Uint32Array) => {
      const larger = new Uint32Array(array.length * 2);
      larger.set(array);
      return larger;
    };
    this.prefixes = grown(this.prefixes);
    this.lasts = grown(this.lasts);
    this.counts = grown(this.counts);
    this.latestDoc = grown(this.latestDoc);
  }

  private rehash(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let pair = 0; pair < this.nPairs; pair++) {
      let slot = hashPair(this.prefixes[pair], this.lasts[pair]) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = pair + 1;
    }
    this.slots = slots;
  }
}
