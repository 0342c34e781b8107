import type { Analyzer, Vocabulary } from '@catchword/core';
import { LABEL_PREF, NO_TERM, SUBJECT_ACTIVE } from '@catchword/core';
import { hashString, StringIndex, type StringTable, StringTableBuilder, Uint32List } from '@catchword/math';
import { languageRanks, RANK_EXACT, RANK_NONE } from '@catchword/vocabulary';
import {
  ACRONYM,
  BEGINS_LEFT_OUT,
  ENDS_LEFT_OUT,
  INVERTED,
  LabelIndex,
  LEAST_WORD,
  mixSurface,
  reverse,
  STRIPPED,
  SURFACE_MARK,
} from './label-index.js';
import { ROOT, TrieBuilder } from './label-trie.js';
import { labelVariants } from './label-variants.js';

export interface LabelIndexOptions {
  readonly language: string;
  /** Whether hidden labels (misspellings and the like) are matched as well. */
  readonly useHiddenLabels: boolean;
}

/** Analyses all labels of the vocabulary's active subjects in one language and indexes them. */
export function buildLabelIndex(vocabulary: Vocabulary, analyzer: Analyzer, options: LabelIndexOptions): LabelIndex {
  const terms = new StringTableBuilder();
  // The numbers of terms by the analyzer's own ids, which mean nothing in another epoch.
  let termNumbers = new Int32Array(1 << 12).fill(-1);
  const surfaceTerms = new Map<string, number>();
  const variantSubject = new Uint32List(vocabulary.nSubjects);
  const variantFlags = new Uint32List(vocabulary.nSubjects);
  const variantLabel = new Uint32List(vocabulary.nSubjects);
  const variantSurface = new Uint32List(vocabulary.nSubjects);
  const variantNode = new Uint32List(vocabulary.nSubjects);
  const sequencePtr = new Uint32List(vocabulary.nSubjects);
  sequencePtr.push(0);
  const sequences = new Uint32List(vocabulary.nSubjects * 2);
  const trie = new TrieBuilder();
  const interned = new Map<string, number>();

  let { epoch } = analyzer;
  const numberOf = (termId: number): number => {
    if (epoch !== analyzer.epoch) {
      epoch = analyzer.epoch; // the analyzer emptied its tables
      termNumbers.fill(-1);
    }
    if (termId >= termNumbers.length) {
      const grown = new Int32Array(Math.max(termId + 1, termNumbers.length * 2)).fill(-1);
      grown.set(termNumbers);
      termNumbers = grown;
    }
    let number = termNumbers[termId];
    if (number < 0) {
      const text = analyzer.term(termId);
      number = interned.get(text) ?? -1;
      if (number < 0) {
        number = terms.push(text);
        interned.set(text, number);
      }
      termNumbers[termId] = number;
    }
    return number;
  };

  const addVariant = (subject: number, label: number, flags: number, text: string): boolean => {
    const analysis = analyzer.analyze(text);
    const { nTokens } = analysis;
    if (nTokens === 0) return false;
    let surface = 0;
    let node = ROOT;
    let n = 0;
    for (let i = 0; i < nTokens; i++) {
      surface = mixSurface(surface, hashString(analyzer.surface(analysis.surfaces[i])));
      if (analysis.terms[i] === NO_TERM) continue;
      const term = numberOf(analysis.terms[i]);
      sequences.push(term);
      node = trie.child(node, term);
      n++;
    }
    if (n === 0) {
      for (let i = 0; i < nTokens; i++) {
        const text = analyzer.surface(analysis.surfaces[i]);
        let term = surfaceTerms.get(text);
        if (term === undefined) {
          term = terms.push(SURFACE_MARK + text);
          surfaceTerms.set(text, term);
        }
        sequences.push(term);
        node = trie.child(node, term);
      }
    }
    let allFlags = nTokens === 1 && isAcronym(text) ? flags | ACRONYM : flags;
    if (n > 0 && analysis.terms[0] === NO_TERM) allFlags |= BEGINS_LEFT_OUT;
    if (n > 0 && analysis.terms[nTokens - 1] === NO_TERM) allFlags |= ENDS_LEFT_OUT;
    variantSubject.push(subject);
    variantFlags.push(allFlags);
    variantLabel.push(label);
    variantSurface.push(surface);
    variantNode.push(node);
    sequencePtr.push(sequences.length);
    return true;
  };

  const { labels, languages, status } = vocabulary;
  const ranks = languageRanks(languages, options.language);
  for (let s = 0; s < vocabulary.nSubjects; s++) {
    if (status[s] !== SUBJECT_ACTIVE) continue;
    let hasPref = false;
    for (let l = labels.indptr[s]; l < labels.indptr[s + 1]; l++) {
      if (ranks[labels.language[l]] === RANK_EXACT && labels.kind[l] === LABEL_PREF) hasPref = true;
    }
    for (let l = labels.indptr[s]; l < labels.indptr[s + 1]; l++) {
      const kind = labels.kind[l];
      // A label of a region's language or without one stands in where the subject has none in the project's.
      const rank = ranks[labels.language[l]];
      const wanted = rank === RANK_EXACT || (rank !== RANK_NONE && !hasPref);
      if (!wanted || kind > (options.useHiddenLabels ? 2 : 1)) continue;
      for (const variant of labelVariants(labels.texts.get(l))) {
        const flags = kind | (variant.stripped ? STRIPPED : 0) | (variant.inverted ? INVERTED : 0);
        addVariant(s, l, flags, variant.text);
      }
    }
  }
  const termTable = terms.build();
  return new LabelIndex(
    {
      ...finishTerms(termTable, sequencePtr.toArray(), sequences.toArray()),
      ...trie.finish(variantNode.toArray(), variantSubject.toArray()),
      ...sortedWords(termTable, trie),
      termBytes: termTable.bytes,
      termOffsets: termTable.offsets,
      termSlots: StringIndex.build(termTable).slots,
      variantSubject: variantSubject.toArray(),
      variantFlags: Uint8Array.from(variantFlags.toArray()),
      variantLabel: variantLabel.toArray(),
      variantSurface: variantSurface.toArray(),
      variantNode: variantNode.toArray(),
    },
    vocabulary.nSubjects,
  );
}

function isAcronym(text: string): boolean {
  let capitals = 0;
  for (const c of text) if (c !== c.toLowerCase()) capitals++;
  return capitals >= 2;
}

/** Counts terms over variants, and lists variants under their rarest term. */
function finishTerms(termTable: StringTable, sequencePtr: Uint32Array, sequences: Uint32Array) {
  const nTerms = termTable.length;
  const nVariants = sequencePtr.length - 1;
  const variantTermsPtr = new Uint32Array(nVariants + 1);
  const variantTerms = new Uint32Array(sequences.length);
  const termCount = new Uint32Array(nTerms);
  let n = 0;
  for (let v = 0; v < nVariants; v++) {
    const from = n;
    for (let k = sequencePtr[v]; k < sequencePtr[v + 1]; k++) {
      if (!variantTerms.subarray(from, n).includes(sequences[k])) variantTerms[n++] = sequences[k];
    }
    for (let k = from; k < n; k++) termCount[variantTerms[k]]++;
    variantTermsPtr[v + 1] = n;
  }
  const rarity = new Float32Array(nTerms);
  for (let t = 0; t < nTerms; t++) rarity[t] = Math.log((1 + nVariants) / (1 + termCount[t])) + 1;
  const keyPtr = new Uint32Array(nTerms + 1);
  const key = new Int32Array(nVariants).fill(-1);
  const variantWeight = new Float32Array(nVariants);
  for (let v = 0; v < nVariants; v++) {
    let weight = 0;
    let rarest = -1;
    for (let k = variantTermsPtr[v]; k < variantTermsPtr[v + 1]; k++) {
      const t = variantTerms[k];
      weight += rarity[t];
      if (rarest < 0 || termCount[t] < termCount[rarest]) rarest = t;
    }
    variantWeight[v] = weight;
    if (variantTermsPtr[v + 1] - variantTermsPtr[v] < 2) continue;
    key[v] = rarest;
    keyPtr[rarest + 1]++;
  }
  for (let t = 0; t < nTerms; t++) keyPtr[t + 1] += keyPtr[t];
  const keyVariants = new Uint32Array(keyPtr[nTerms]);
  const nextKey = keyPtr.slice();
  for (let v = 0; v < nVariants; v++) {
    if (key[v] >= 0) keyVariants[nextKey[key[v]]++] = v;
  }
  return {
    termCount,
    rarity,
    variantTermsPtr,
    variantTerms: variantTerms.slice(0, n),
    variantWeight,
    keyPtr,
    keyVariants,
  };
}

/** Orders the terms that are labels by themselves, by their UTF-8 bytes, forwards and backwards. */
function sortedWords(terms: StringTable, trie: TrieBuilder) {
  const words: { term: number; bytes: Buffer; reversed: Buffer }[] = [];
  for (let t = 0; t < terms.length; t++) {
    if (!trie.isWord(t)) continue;
    const text = terms.get(t);
    if (text.startsWith(SURFACE_MARK) || text.length < LEAST_WORD) continue;
    words.push({ term: t, bytes: Buffer.from(text), reversed: Buffer.from(reverse(text)) });
  }
  const ordered = (key: 'bytes' | 'reversed') => {
    words.sort((a, b) => Buffer.compare(a[key], b[key]) || a.term - b.term);
    const offsets = new Uint32Array(words.length + 1);
    words.forEach((word, i) => {
      offsets[i + 1] = offsets[i] + word[key].length;
    });
    return {
      order: Uint32Array.from(words, (word) => word.term),
      bytes: new Uint8Array(Buffer.concat(words.map((word) => word[key]))),
      offsets,
    };
  };
  const forward = ordered('bytes');
  const backward = ordered('reversed');
  return {
    forwardTerms: forward.order,
    forwardBytes: forward.bytes,
    forwardOffsets: forward.offsets,
    backwardTerms: backward.order,
    backwardBytes: backward.bytes,
    backwardOffsets: backward.offsets,
  };
}
