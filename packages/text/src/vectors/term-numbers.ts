import { Uint32List } from '@catchword/math';
import type { Spool } from '@catchword/storage';
import type { TokenizedBatch } from './tokenize-batch.js';

/** Numbers the terms of a whole corpus, in the order of their first appearance, and counts their documents. */
export class TermNumbers {
  private readonly numbers = new Map<string, number>();
  private readonly documentFrequency = new Uint32List(1 << 12);
  private readonly latestDoc = new Uint32List(1 << 12);
  private doc = 0;

  /** Appends a batch to the spool, its numbers replaced by those of the corpus. */
  take(batch: TokenizedBatch, spool: Spool): void {
    const { numbers, documentFrequency, latestDoc } = this;
    const terms = batch.terms === '' ? [] : batch.terms.split('\n');
    const numberOf = new Uint32Array(terms.length);
    terms.forEach((term, i) => {
      let number = numbers.get(term);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(term, number);
        documentFrequency.push(0);
        latestDoc.push(0);
      }
      numberOf[i] = number;
    });
    const { sequence } = batch;
    const replace = (from: number, n: number): number => {
      for (let k = from; k < from + n; k++) {
        const number = numberOf[sequence[k]];
        sequence[k] = number;
        if (latestDoc.data[number] === this.doc) continue;
        latestDoc.data[number] = this.doc;
        documentFrequency.data[number] = documentFrequency.data[number] + 1;
      }
      return from + n;
    };
    for (let at = 0; at < sequence.length; ) {
      this.doc++;
      const gramHead = replace(at + 2, sequence[at]);
      at = replace(gramHead + 1, sequence[gramHead]);
    }
    spool.pushAll(sequence);
  }

  /**
   * @returns the terms that at least `minDf` documents have, ascending by code unit, with their documents; and for each
   *   number of a term its place among them, or -1
   */
  frequent(minDf: number): { words: string[]; documentFrequency: Uint32Array; featureOfTerm: Int32Array } {
    const words: string[] = [];
    for (const [term, number] of this.numbers) {
      if (this.documentFrequency.data[number] >= minDf) words.push(term);
    }
    words.sort();
    const documentFrequency = new Uint32Array(words.length);
    const featureOfTerm = new Int32Array(this.numbers.size).fill(-1);
    words.forEach((term, feature) => {
      const number = this.numbers.get(term) as number;
      featureOfTerm[number] = feature;
      documentFrequency[feature] = this.documentFrequency.data[number];
    });
    return { words, documentFrequency, featureOfTerm };
  }
}
