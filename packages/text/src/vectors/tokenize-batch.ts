import { type Analyzer, NO_TERM } from '@catchword/core';
import { Uint32List } from '@catchword/math';

/** Stands before a character n-gram, so that it differs from every term. */
export const CHAR_GRAM = '\u0001';

/**
 * Texts as numbers that mean the same in every thread: positions in a list of the batch's own terms.
 *
 * `sequence` holds for each document: the number of its terms, how many of them are in the first sentence, the terms in
 * order; the number of its character n-grams, and these.
 */
export interface TokenizedBatch {
  /** Distinct terms and character n-grams, joined by line feeds. */
  readonly terms: string;
  readonly sequence: Uint32Array;
}

/** Tokenises texts for the vectorizer; one for each thread. */
export class BatchTokenizer {
  private readonly analyzer: Analyzer;
  private readonly charNgram: readonly [number, number] | undefined;
  /** Per term id of the analyzer its number in the batch + 1. */
  private numbers = new Uint32Array(1 << 12);
  private readonly sequence = new Uint32List(1 << 12);

  constructor(analyzer: Analyzer, charNgram: readonly [number, number] | undefined) {
    this.analyzer = analyzer;
    this.charNgram = charNgram;
  }

  tokenize(texts: readonly string[]): TokenizedBatch {
    const { analyzer, sequence, charNgram } = this;
    const terms: string[] = [];
    const gramNumbers = new Map<string, number>();
    const gramsOfSurface = new Map<string, readonly number[]>();
    this.numbers.fill(0);
    let epoch = analyzer.epoch;
    sequence.clear();
    for (const text of texts) {
      const analysis = analyzer.analyze(text);
      if (analyzer.epoch !== epoch) {
        // Ids of the analyzer mean something else now; a term may get a second number, and the reader joins them.
        epoch = analyzer.epoch;
        this.numbers.fill(0);
      }
      if (this.numbers.length <= analyzer.nTerms) {
        const grown = new Uint32Array(analyzer.nTerms * 2);
        grown.set(this.numbers);
        this.numbers = grown;
      }
      const { numbers } = this;
      const head = sequence.length;
      sequence.push(0);
      sequence.push(0);
      const titleEnd = analysis.nSentences > 0 ? analysis.sentenceStarts[1] : 0;
      let nTitle = 0;
      for (let t = 0; t < analysis.nTokens; t++) {
        const term = analysis.terms[t];
        if (term === NO_TERM) continue;
        let number = numbers[term];
        if (number === 0) {
          number = terms.push(analyzer.term(term));
          numbers[term] = number;
        }
        sequence.push(number - 1);
        if (t < titleEnd) nTitle++;
      }
      sequence.data[head] = sequence.length - head - 2;
      sequence.data[head + 1] = nTitle;
      const gramHead = sequence.length;
      sequence.push(0);
      if (charNgram) {
        for (let t = 0; t < analysis.nTokens; t++) {
          if (analysis.terms[t] === NO_TERM) continue;
          const surface = analyzer.surface(analysis.surfaces[t]);
          let grams = gramsOfSurface.get(surface);
          if (!grams) {
            grams = charGrams(surface, charNgram).map((gram) => {
              let number = gramNumbers.get(gram);
              if (number === undefined) {
                number = terms.push(CHAR_GRAM + gram) - 1;
                gramNumbers.set(gram, number);
              }
              return number;
            });
            gramsOfSurface.set(surface, grams);
          }
          for (const gram of grams) sequence.push(gram);
        }
        sequence.data[gramHead] = sequence.length - gramHead - 1;
      }
    }
    return { terms: terms.join('\n'), sequence: sequence.toArray() };
  }
}

/** The n-grams of a word's characters, its ends marked by a space. */
export function charGrams(word: string, [shortest, longest]: readonly [number, number]): string[] {
  const characters = [' ', ...word, ' '];
  const grams: string[] = [];
  for (let n = shortest; n <= longest; n++) {
    for (let i = 0; i + n <= characters.length; i++) grams.push(characters.slice(i, i + n).join(''));
  }
  return grams;
}
