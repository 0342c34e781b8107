import { createHash } from 'node:crypto';
import { type Analyzer, NO_TERM } from '@catchword/core';
import { type NumericArray, StringIndex, StringTable } from '@catchword/math';
import { FeatureCounter } from './feature-counter.js';
import { NgramTable } from './ngram-table.js';
import { CHAR_GRAM, charGrams } from './tokenize-batch.js';
import type { VectorSettings } from './vector-settings.js';

/** What a vectorizer has learnt, besides its settings: to be stored and shared. */
export interface VectorizerData {
  /** The terms, ascending: feature f below `words.length` is term f, any other one is an n-gram of `ngrams`. */
  readonly words: StringIndex;
  readonly ngrams: NgramTable;
  /** Shape (nFeatures). */
  readonly idf: Float32Array;
}

/** A document's vector; the arrays are overwritten by the vectorizer's next `transform`. */
export interface DocumentVector {
  readonly n: number;
  /** Features, ascending; `n` of them count. */
  readonly indices: Uint32Array;
  /** Parallel to `indices`; of unit length together. */
  readonly values: Float32Array;
}

/** Where a feature stands in a text. */
export interface FeatureOccurrence {
  readonly feature: number;
  /** In UTF-16 code units; end is one past the last. */
  readonly start: number;
  readonly end: number;
}

/**
 * Texts to TF-IDF vectors of unit length, over n-grams of terms and, where wanted, character n-grams inside words.
 *
 * A feature weighs tf · idf with idf = ln((1 + N) / (1 + df)) + 1, as scikit-learn's TfidfVectorizer has it by default. It
 * is opened for one thread, since it stands on an analyzer; its data is shared.
 */
export class TfidfVectorizer {
  /** Of the text that was explained last. */
  private explained: { readonly text: string; readonly found: readonly FeatureOccurrence[] } | undefined;
  readonly settings: VectorSettings;
  readonly data: VectorizerData;
  readonly nFeatures: number;
  private readonly analyzer: Analyzer;
  private readonly counter: FeatureCounter;
  /** Per term id of the analyzer its feature, -1 where it is none, -2 where that was not looked up yet. */
  private features = new Int32Array(1 << 12).fill(-2);
  private epoch: number;
  private readonly gramsOfSurface = new Map<string, Uint32Array>();
  private latest: { readonly text: string; readonly vector: DocumentVector } | undefined;

  constructor(settings: VectorSettings, data: VectorizerData, analyzer: Analyzer) {
    this.settings = settings;
    this.data = data;
    this.nFeatures = data.idf.length;
    this.analyzer = analyzer;
    this.epoch = analyzer.epoch;
    this.counter = new FeatureCounter(settings.ngram, data.words.table.length, data.ngrams);
  }

  /**
   * @throws {RangeError} if the arrays do not fit together
   */
  static fromArrays(
    settings: VectorSettings,
    arrays: Readonly<Record<string, NumericArray>>,
    analyzer: Analyzer,
  ): TfidfVectorizer {
    const { wordBytes, wordOffsets, wordSlots, prefixes, lasts, pairSlots, idf } = arrays;
    if (
      !(wordBytes instanceof Uint8Array && wordOffsets instanceof Uint32Array && wordSlots instanceof Uint32Array) ||
      !(prefixes instanceof Uint32Array && lasts instanceof Uint32Array && pairSlots instanceof Uint32Array) ||
      !(idf instanceof Float32Array)
    ) {
      throw new RangeError('arrays of the vectorizer are missing');
    }
    const nWords = wordOffsets.length - 1;
    if (nWords < 0 || lasts.length !== prefixes.length || idf.length !== nWords + prefixes.length) {
      throw new RangeError(`${nWords} terms and ${prefixes.length} n-grams, but ${idf.length} weights`);
    }
    const isTable = (slots: Uint32Array, n: number) => slots.length > n && (slots.length & (slots.length - 1)) === 0;
    if (wordOffsets[nWords] > wordBytes.length || !isTable(wordSlots, nWords) || !isTable(pairSlots, prefixes.length)) {
      throw new RangeError('tables of the vectorizer are cut off');
    }
    const words = new StringIndex(new StringTable(wordBytes, wordOffsets), wordSlots);
    return new TfidfVectorizer(settings, { words, ngrams: new NgramTable(prefixes, lasts, pairSlots), idf }, analyzer);
  }

  /** The arrays to store. */
  toArrays(): Record<string, NumericArray> {
    const { words, ngrams, idf } = this.data;
    return {
      wordBytes: words.table.bytes,
      wordOffsets: words.table.offsets,
      wordSlots: words.slots,
      prefixes: ngrams.prefixes,
      lasts: ngrams.lasts,
      pairSlots: ngrams.slots,
      idf,
    };
  }

  /** @returns hexadecimal SHA-256 of what the vectorizer has learnt: equal for equal vectorizers */
  fingerprint(): string {
    const hash = createHash('sha256').update(JSON.stringify(this.settings)).update(this.analyzer.spec);
    for (const array of Object.values(this.toArrays())) {
      hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
    return hash.digest('hex');
  }

  /** @returns the text's vector; empty where no feature is known */
  transform(text: string): DocumentVector {
    // The sources of an ensemble ask for the same text one after the other.
    if (this.latest?.text === text) return this.latest.vector;
    const { analyzer, counter, settings } = this;
    const analysis = analyzer.analyze(text);
    const titleEnd = analysis.nSentences > 0 ? analysis.sentenceStarts[1] : 0;
    this.followAnalyzer();
    const { features } = this;
    counter.begin();
    for (let t = 0; t < analysis.nTokens; t++) {
      const term = analysis.terms[t];
      if (term === NO_TERM) continue;
      let feature = features[term];
      if (feature === -2) {
        feature = this.data.words.find(analyzer.term(term));
        features[term] = feature;
      }
      counter.addTerm(feature, t < titleEnd ? settings.titleWeight : 1);
    }
    if (settings.charNgram) {
      for (let t = 0; t < analysis.nTokens; t++) {
        if (analysis.terms[t] === NO_TERM) continue;
        for (const gram of this.gramsOf(analyzer.surface(analysis.surfaces[t]), settings.charNgram)) {
          counter.count(gram, 1);
        }
      }
    }
    const n = counter.finish(this.data.idf, settings.sublinearTf);
    const vector = { n, indices: counter.indices, values: counter.values };
    this.latest = { text, vector };
    return vector;
  }

  /** @returns the feature as people read it: terms (stems) with spaces, a run of characters with … where its word goes on and | where it ends */
  featureName(feature: number): string {
    const { words, ngrams } = this.data;
    const nWords = words.table.length;
    if (feature >= nWords) {
      const pair = feature - nWords;
      return `${this.featureName(ngrams.prefixes[pair])} ${this.featureName(ngrams.lasts[pair])}`;
    }
    const term = words.table.get(feature);
    if (!term.startsWith(CHAR_GRAM)) return term;
    const run = term.slice(CHAR_GRAM.length); // begins or ends with a space where its word does
    return `${run.startsWith(' ') ? '|' : '…'}${run.trim()}${run.endsWith(' ') ? '|' : '…'}`;
  }

  /**
   * The latest text is kept, since the same is asked for each subject that is explained.
   *
   * @returns the first place of each feature of the text, n-grams of terms only, in no particular order
   */
  occurrences(text: string): readonly FeatureOccurrence[] {
    if (this.explained?.text !== text) this.explained = { text, found: this.findOccurrences(text) };
    return this.explained.found;
  }

  private findOccurrences(text: string): FeatureOccurrence[] {
    const { analyzer, settings, data } = this;
    const { nTokens, terms, starts, ends } = analyzer.analyze(text);
    const nWords = data.words.table.length;
    const found = new Map<number, FeatureOccurrence>();
    // Per length the feature of the n-gram that ends at the latest term, and where it begins.
    let ending: { feature: number; start: number }[] = [];
    for (let t = 0; t < nTokens; t++) {
      const term = terms[t];
      if (term === NO_TERM) continue;
      const last = data.words.find(analyzer.term(term));
      const next: { feature: number; start: number }[] = [];
      if (last >= 0) {
        next.push({ feature: last, start: starts[t] });
        for (const { feature, start } of ending.slice(0, settings.ngram - 1)) {
          const pair = data.ngrams.find(feature, last);
          if (pair < 0) break;
          next.push({ feature: nWords + pair, start });
        }
      }
      ending = next;
      for (const { feature, start } of next) {
        if (!found.has(feature)) found.set(feature, { feature, start, end: ends[t] });
      }
    }
    return [...found.values()];
  }

  private gramsOf(surface: string, lengths: readonly [number, number]): Uint32Array {
    let grams = this.gramsOfSurface.get(surface);
    if (!grams) {
      const known = charGrams(surface, lengths)
        .map((gram) => this.data.words.find(CHAR_GRAM + gram))
        .filter((feature) => feature >= 0);
      grams = Uint32Array.from(known);
      if (this.gramsOfSurface.size > 100_000) this.gramsOfSurface.clear();
      this.gramsOfSurface.set(surface, grams);
    }
    return grams;
  }

  /** Keeps the table of features as long as the analyzer's table of terms. */
  private followAnalyzer(): void {
    const { analyzer } = this;
    if (analyzer.epoch !== this.epoch) {
      this.epoch = analyzer.epoch;
      this.features.fill(-2);
    }
    if (this.features.length <= analyzer.nTerms) {
      const grown = new Int32Array(analyzer.nTerms * 2).fill(-2);
      grown.set(this.features);
      this.features = grown;
    }
  }
}
