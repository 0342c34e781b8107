import type { Analyzer, Vocabulary } from '@catchword/core';
import { LABEL_PREF, NO_TERM, SUBJECT_ACTIVE } from '@catchword/core';
import type { NumericArray } from '@catchword/math';
import { hashString, StringIndex, StringTable, StringTableBuilder, Uint32List } from '@catchword/math';
import { labelVariants } from './label-variants.js';

/** Bits of `LabelIndex.variantFlags`; the two lowest bits hold the kind of label (LABEL_PREF, LABEL_ALT, LABEL_HIDDEN). */
export const KIND_MASK = 3;
export const STRIPPED = 4;
export const INVERTED = 8;
/** One word with two capital letters or more: `WHO`, `DNA`. */
export const ACRONYM = 16;
/** Words that the analyzer leaves out stand before, after all of its terms: `IT law`, `vitamin C`. */
export const BEGINS_LEFT_OUT = 32;
export const ENDS_LEFT_OUT = 64;
/** More such words at either end are not looked for. */
export const MOST_OUTER = 3;

/** Begins the name of a term that stands for a surface form which the analyzer leaves out (`EU`, `3D`). */
const SURFACE_MARK = '\u0001';

/** Shorter words are not looked for inside others. */
export const LEAST_WORD = 4;

/** Words in the order of their UTF-8 bytes. */
export interface OrderedWords {
  /** Shape (n): their term numbers. */
  readonly terms: Uint32Array;
  /** The words one after the other; word i is `bytes[offsets[i]..offsets[i + 1])`. */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** The trie's root. */
export const ROOT = 0;

/**
 * All labels of a vocabulary in one language, ready to be found in texts: a trie over their terms for words that stand
 * together, lists by rarest term for words apart, and all postings for labels that are covered in part.
 *
 * Every active subject has at least one variant, so each concept is reachable. O(tokens of all labels) to build.
 */
export class LabelIndex {
  readonly nSubjects: number;
  /** Terms that occur in labels. Term numbers below are positions in this table. */
  readonly terms: StringIndex;
  /** Shape (nTerms): how many label variants hold the term. */
  readonly termCount: Uint32Array;
  /** Shape (nVariants). */
  readonly variantSubject: Uint32Array;
  readonly variantFlags: Uint8Array;
  /** The row of the vocabulary's LabelTable that the variant comes from. */
  readonly variantLabel: Uint32Array;
  /** Hash over the lower-cased surface forms of all its tokens. */
  readonly variantSurface: Uint32Array;
  /** The trie's node that its terms lead to. */
  readonly variantNode: Uint32Array;
  /** Shape (nVariants + 1) and its values: the distinct terms of a variant, ascending. */
  readonly variantTermsPtr: Uint32Array;
  readonly variantTerms: Uint32Array;
  /** Shape (nVariants): summed rarity of its distinct terms. */
  readonly variantWeight: Float32Array;
  /** Shape (nNodes + 1) and its values: the variants that end at a node. */
  readonly nodePtr: Uint32Array;
  readonly nodeVariants: Uint32Array;
  /** Shape (nNodes): how many subjects have a variant that ends here. */
  readonly nodeSubjects: Uint16Array;
  /** Edges by open addressing: parent node, term, child node; a child of 0 is a free slot. */
  readonly edgeNode: Uint32Array;
  readonly edgeTerm: Uint32Array;
  readonly edgeChild: Uint32Array;
  /** Shape (nTerms + 1) and its values: variants of several terms, listed under their rarest. */
  readonly keyPtr: Uint32Array;
  readonly keyVariants: Uint32Array;
  /** Shape (nTerms + 1) and its values: variants of several terms, listed under each of their terms. */
  readonly postingPtr: Uint32Array;
  readonly postings: Uint32Array;
  /** Terms that are a whole label, in the order of their letters, and of their letters read backwards. */
  readonly wordsForward: OrderedWords;
  readonly wordsBackward: OrderedWords;
  /** Shape (nTerms): rarity of a term among the labels, ln((1 + nVariants) / (1 + count)) + 1. */
  readonly rarity: Float32Array;

  /** @throws {RangeError} if an array is missing or has another type */
  constructor(arrays: Readonly<Record<string, NumericArray | undefined>>, nSubjects: number) {
    const typed = <T extends NumericArray>(name: string, type: new (length: number) => T): T => {
      const array = arrays[name];
      if (!(array instanceof type)) throw new RangeError(`the label index has no array ${name}`);
      return array;
    };
    const u32 = (name: string): Uint32Array => typed(name, Uint32Array);
    const u8 = (name: string): Uint8Array => typed(name, Uint8Array);
    this.nSubjects = nSubjects;
    this.terms = new StringIndex(new StringTable(u8('termBytes'), u32('termOffsets')), u32('termSlots'));
    this.termCount = u32('termCount');
    this.variantSubject = u32('variantSubject');
    this.variantFlags = u8('variantFlags');
    this.variantLabel = u32('variantLabel');
    this.variantSurface = u32('variantSurface');
    this.variantNode = u32('variantNode');
    this.variantTermsPtr = u32('variantTermsPtr');
    this.variantTerms = u32('variantTerms');
    this.variantWeight = typed('variantWeight', Float32Array);
    this.nodePtr = u32('nodePtr');
    this.nodeVariants = u32('nodeVariants');
    this.nodeSubjects = typed('nodeSubjects', Uint16Array);
    this.edgeNode = u32('edgeNode');
    this.edgeTerm = u32('edgeTerm');
    this.edgeChild = u32('edgeChild');
    this.keyPtr = u32('keyPtr');
    this.keyVariants = u32('keyVariants');
    this.postingPtr = u32('postingPtr');
    this.postings = u32('postings');
    this.wordsForward = {
      terms: u32('forwardTerms'),
      bytes: u8('forwardBytes'),
      offsets: u32('forwardOffsets'),
    };
    this.wordsBackward = {
      terms: u32('backwardTerms'),
      bytes: u8('backwardBytes'),
      offsets: u32('backwardOffsets'),
    };
    this.rarity = typed('rarity', Float32Array);
  }

  get nVariants(): number {
    return this.variantSubject.length;
  }

  get nTerms(): number {
    return this.termCount.length;
  }

  get nNodes(): number {
    return this.nodeSubjects.length;
  }

  /** @returns the node that a term leads to from a node, or 0 */
  child(node: number, term: number): number {
    const mask = this.edgeChild.length - 1;
    let slot = edgeHash(node, term) & mask;
    for (;;) {
      const child = this.edgeChild[slot];
      if (child === 0 || (this.edgeNode[slot] === node && this.edgeTerm[slot] === term)) return child;
      slot = (slot + 1) & mask;
    }
  }

  /** The number of the label term that a token of a text is, or -1. */
  termOf(analyzer: Analyzer, termId: number, surfaceId: number): number {
    if (termId !== NO_TERM) return this.terms.find(analyzer.term(termId));
    return this.terms.find(SURFACE_MARK + analyzer.surface(surfaceId));
  }

  /** The arrays by name, for a model folder and for workers. */
  toArrays(): Record<string, NumericArray> {
    const { terms, nSubjects: _, wordsForward, wordsBackward, ...arrays } = this;
    return {
      termBytes: terms.table.bytes,
      termOffsets: terms.table.offsets,
      termSlots: terms.slots,
      forwardTerms: wordsForward.terms,
      forwardBytes: wordsForward.bytes,
      forwardOffsets: wordsForward.offsets,
      backwardTerms: wordsBackward.terms,
      backwardBytes: wordsBackward.bytes,
      backwardOffsets: wordsBackward.offsets,
      ...(arrays as unknown as Record<string, NumericArray>),
    };
  }
}

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
  const language = languages.indexOf(options.language.toLowerCase());
  const untagged = languages.indexOf('');
  for (let s = 0; s < vocabulary.nSubjects; s++) {
    if (status[s] !== SUBJECT_ACTIVE) continue;
    let hasPref = false;
    for (let l = labels.indptr[s]; l < labels.indptr[s + 1]; l++) {
      if (labels.language[l] === language && labels.kind[l] === LABEL_PREF) hasPref = true;
    }
    for (let l = labels.indptr[s]; l < labels.indptr[s + 1]; l++) {
      const kind = labels.kind[l];
      // A label without a language stands in where the subject has none in the project's.
      const wanted = labels.language[l] === language || (labels.language[l] === untagged && !hasPref);
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

/** Adds a surface form's hash to that of the forms before it. */
export function mixSurface(hash: number, surface: number): number {
  return (Math.imul(hash, 0x9e3779b1) ^ surface) >>> 0;
}

function isAcronym(text: string): boolean {
  let capitals = 0;
  for (const c of text) if (c !== c.toLowerCase()) capitals++;
  return capitals >= 2;
}

/** Counts terms over variants, and lists variants under their rarest term and under all their terms. */
function finishTerms(termTable: StringTable, sequencePtr: Uint32Array, sequences: Uint32Array) {
  const nTerms = termTable.length;
  const nVariants = sequencePtr.length - 1;
  const variantTermsPtr = new Uint32Array(nVariants + 1);
  const variantTerms = new Uint32Array(sequences.length);
  const termCount = new Uint32Array(nTerms);
  let n = 0;
  for (let v = 0; v < nVariants; v++) {
    const from = n;
    const sorted = sequences.slice(sequencePtr[v], sequencePtr[v + 1]).sort();
    for (let k = 0; k < sorted.length; k++) {
      if (k > 0 && sorted[k] === sorted[k - 1]) continue;
      variantTerms[n++] = sorted[k];
    }
    for (let k = from; k < n; k++) termCount[variantTerms[k]]++;
    variantTermsPtr[v + 1] = n;
  }
  const rarity = new Float32Array(nTerms);
  for (let t = 0; t < nTerms; t++) rarity[t] = Math.log((1 + nVariants) / (1 + termCount[t])) + 1;
  const keyPtr = new Uint32Array(nTerms + 1);
  const postingPtr = new Uint32Array(nTerms + 1);
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
    for (let k = variantTermsPtr[v]; k < variantTermsPtr[v + 1]; k++) postingPtr[variantTerms[k] + 1]++;
  }
  for (let t = 0; t < nTerms; t++) {
    keyPtr[t + 1] += keyPtr[t];
    postingPtr[t + 1] += postingPtr[t];
  }
  const keyVariants = new Uint32Array(keyPtr[nTerms]);
  const postings = new Uint32Array(postingPtr[nTerms]);
  const nextKey = keyPtr.slice();
  const nextPosting = postingPtr.slice();
  for (let v = 0; v < nVariants; v++) {
    if (key[v] < 0) continue;
    keyVariants[nextKey[key[v]]++] = v;
    for (let k = variantTermsPtr[v]; k < variantTermsPtr[v + 1]; k++) postings[nextPosting[variantTerms[k]]++] = v;
  }
  return {
    termCount,
    rarity,
    variantTermsPtr,
    variantTerms: variantTerms.slice(0, n),
    variantWeight,
    keyPtr,
    keyVariants,
    postingPtr,
    postings,
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

/** Reads a word from its end, characters kept whole. */
export function reverse(text: string): string {
  return [...text].reverse().join('');
}

function edgeHash(node: number, term: number): number {
  let h = Math.imul(node ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(term, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

class TrieBuilder {
  private nodes = new Uint32Array(1 << 10);
  private termsOfEdges = new Uint32Array(1 << 10);
  private children = new Uint32Array(1 << 10);
  private nNodes = 1;
  private readonly rootTerms = new Map<number, number>();
  private ends: Uint8Array | undefined;

  child(node: number, term: number): number {
    if (this.nNodes * 2 >= this.children.length) this.grow();
    const mask = this.children.length - 1;
    let slot = edgeHash(node, term) & mask;
    while (this.children[slot] !== 0) {
      if (this.nodes[slot] === node && this.termsOfEdges[slot] === term) return this.children[slot];
      slot = (slot + 1) & mask;
    }
    this.nodes[slot] = node;
    this.termsOfEdges[slot] = term;
    this.children[slot] = this.nNodes;
    if (node === ROOT) this.rootTerms.set(term, this.nNodes);
    return this.nNodes++;
  }

  /** Whether a label variant consists of this term alone; after `finish`. */
  isWord(term: number): boolean {
    const node = this.rootTerms.get(term);
    return node !== undefined && this.ends?.[node] === 1;
  }

  finish(variantNode: Uint32Array, variantSubject: Uint32Array) {
    const { nNodes } = this;
    const nodePtr = new Uint32Array(nNodes + 1);
    for (const node of variantNode) nodePtr[node + 1]++;
    for (let i = 0; i < nNodes; i++) nodePtr[i + 1] += nodePtr[i];
    const next = nodePtr.slice();
    const nodeVariants = new Uint32Array(variantNode.length);
    for (let v = 0; v < variantNode.length; v++) nodeVariants[next[variantNode[v]]++] = v;
    const nodeSubjects = new Uint16Array(nNodes);
    this.ends = new Uint8Array(nNodes);
    for (let i = 0; i < nNodes; i++) {
      let last = -1;
      let n = 0;
      // Variants of a subject are neighbours: subjects were indexed one after the other.
      for (let k = nodePtr[i]; k < nodePtr[i + 1]; k++) {
        const subject = variantSubject[nodeVariants[k]];
        if (subject !== last) n++;
        last = subject;
      }
      nodeSubjects[i] = Math.min(n, 65535);
      if (n > 0) this.ends[i] = 1;
    }
    return {
      nodePtr,
      nodeVariants,
      nodeSubjects,
      edgeNode: this.nodes,
      edgeTerm: this.termsOfEdges,
      edgeChild: this.children,
    };
  }

  private grow(): void {
    const { nodes, termsOfEdges, children } = this;
    const capacity = children.length * 2;
    this.nodes = new Uint32Array(capacity);
    this.termsOfEdges = new Uint32Array(capacity);
    this.children = new Uint32Array(capacity);
    for (let i = 0; i < children.length; i++) {
      if (children[i] === 0) continue;
      let slot = edgeHash(nodes[i], termsOfEdges[i]) & (capacity - 1);
      while (this.children[slot] !== 0) slot = (slot + 1) & (capacity - 1);
      this.nodes[slot] = nodes[i];
      this.termsOfEdges[slot] = termsOfEdges[i];
      this.children[slot] = children[i];
    }
  }
}
