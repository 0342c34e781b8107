import type { Analyzer } from '@catchword/core';
import { NO_TERM } from '@catchword/core';
import type { NumericArray } from '@catchword/math';
import { StringIndex, StringTable } from '@catchword/math';
import { edgeHash, ROOT } from './label-trie.js';

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
export const SURFACE_MARK = '\u0001';

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

/**
 * All labels of a vocabulary in one language, ready to be found in texts: a trie over their terms for words that stand
 * together, and lists by rarest term for words apart.
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
  /** Shape (nVariants + 1) and its values: the distinct terms of a variant, in the label's order. */
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
  /** Terms that are a whole label, in the order of their letters, and of their letters read backwards. */
  readonly wordsForward: OrderedWords;
  readonly wordsBackward: OrderedWords;
  /** Shape (nTerms): the node that a term leads to from the root, or 0. */
  private readonly rootChild: Uint32Array;
  /** Shape (nNodes): whether a label goes on from a node. */
  private readonly goesOn: Uint8Array;
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
    this.rootChild = new Uint32Array(this.nTerms);
    this.goesOn = new Uint8Array(this.nNodes);
    for (let slot = 0; slot < this.edgeChild.length; slot++) {
      if (this.edgeChild[slot] === 0) continue;
      const node = this.edgeNode[slot];
      this.goesOn[node] = 1;
      if (node === ROOT) this.rootChild[this.edgeTerm[slot]] = this.edgeChild[slot];
    }
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

  /** @returns the node that a term leads to from the root, or 0 */
  first(term: number): number {
    return this.rootChild[term];
  }

  /** Whether a label goes on from a node. */
  hasChildren(node: number): boolean {
    return this.goesOn[node] !== 0;
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
    const { terms, nSubjects: _, wordsForward, wordsBackward, rootChild: _r, goesOn: _g, ...arrays } = this;
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

/** Adds a surface form's hash to that of the forms before it. */
export function mixSurface(hash: number, surface: number): number {
  return (Math.imul(hash, 0x9e3779b1) ^ surface) >>> 0;
}

/** Reads a word from its end, characters kept whole. */
export function reverse(text: string): string {
  return [...text].reverse().join('');
}
