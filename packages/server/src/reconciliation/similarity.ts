/**
 * Compares texts by the pairs of letters that they share (Dice's coefficient over bigrams): endings, typing errors and the
 * order of words count for little.
 */
export class SimilarityTo {
  private readonly text: string;
  /** The place of each pair of the text in `counts`; a text begins and ends with a blank. */
  private readonly places = new Map<number, number>();
  /** How often each pair stands in the text. */
  private readonly counts: Uint32Array;
  /** How often another text may still have it. */
  private readonly left: Uint32Array;

  constructor(text: string) {
    this.text = text;
    const counts: number[] = [];
    let before = BLANK;
    for (let i = 0; i <= text.length; i++) {
      const code = codeAt(text, i);
      const place = this.places.get(before * 65_536 + code) ?? counts.length;
      this.places.set(before * 65_536 + code, place);
      counts[place] = (counts[place] ?? 0) + 1;
      before = code;
    }
    this.counts = Uint32Array.from(counts);
    this.left = new Uint32Array(counts.length);
  }

  /** @returns from 0 to 1; 1 for equal texts alone */
  of(other: string): number {
    const { text, places, counts, left } = this;
    if (other === text) return 1;
    left.set(counts);
    let shared = 0;
    let before = BLANK;
    for (let i = 0; i <= other.length; i++) {
      const code = codeAt(other, i);
      const place = places.get(before * 65_536 + code);
      before = code;
      if (place === undefined || left[place] === 0) continue;
      left[place] = (left[place] as number) - 1;
      shared++;
    }
    return Math.min((2 * shared) / (text.length + other.length + 2), 0.99);
  }
}

const BLANK = 0x20;

function codeAt(text: string, i: number): number {
  return i < text.length ? text.charCodeAt(i) : BLANK;
}
