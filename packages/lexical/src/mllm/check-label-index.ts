import type { Vocabulary } from '@catchword/core';
import type { LabelIndex, OrderedWords } from './label-index.js';

/**
 * Checks that an index whose arrays come from outside can be walked without leaving them or going round in circles. O(n)
 *
 * @throws {RangeError} that names the array that is not right
 */
export function checkLabelIndex(index: LabelIndex, vocabulary: Vocabulary): void {
  const { nVariants, nTerms, nNodes, terms } = index;
  const lengths: readonly (readonly [string, ArrayLike<number>, number])[] = [
    ['termOffsets', terms.table.offsets, nTerms + 1],
    ['rarity', index.rarity, nTerms],
    ['variantFlags', index.variantFlags, nVariants],
    ['variantSurface', index.variantSurface, nVariants],
    ['variantWeight', index.variantWeight, nVariants],
    ['nodeVariants', index.nodeVariants, nVariants],
    ['edgeNode', index.edgeNode, index.edgeChild.length],
    ['edgeTerm', index.edgeTerm, index.edgeChild.length],
  ];
  for (const [name, array, length] of lengths) {
    if (array.length !== length) throw wrong(name, `it has ${array.length} values, not ${length}`);
  }
  checkPointers('termOffsets', terms.table.offsets, nTerms, terms.table.bytes.length);
  checkPointers('variantTermsPtr', index.variantTermsPtr, nVariants, index.variantTerms.length);
  checkPointers('nodePtr', index.nodePtr, nNodes, index.nodeVariants.length);
  checkPointers('keyPtr', index.keyPtr, nTerms, index.keyVariants.length);
  checkNumbers('variantSubject', index.variantSubject, nVariants, index.nSubjects);
  checkNumbers('variantLabel', index.variantLabel, nVariants, vocabulary.labels.texts.length);
  checkNumbers('variantNode', index.variantNode, nVariants, nNodes);
  checkNumbers('variantTerms', index.variantTerms, index.variantTerms.length, nTerms);
  checkNumbers('nodeVariants', index.nodeVariants, nVariants, nVariants);
  checkNumbers('keyVariants', index.keyVariants, index.keyVariants.length, nVariants);
  checkSlots('termSlots', terms.slots, nTerms + 1);
  checkSlots('edgeChild', index.edgeChild, nNodes);
  checkWords('forward', index.wordsForward, nTerms);
  checkWords('backward', index.wordsBackward, nTerms);
}

function checkWords(name: string, words: OrderedWords, nTerms: number): void {
  checkPointers(`${name}Offsets`, words.offsets, words.terms.length, words.bytes.length);
  checkNumbers(`${name}Terms`, words.terms, words.terms.length, nTerms);
}

/** Expects n runs one after the other that cover an array. */
function checkPointers(name: string, pointers: Uint32Array, n: number, covered: number): void {
  if (pointers.length !== n + 1) throw wrong(name, `it has ${pointers.length} values, not ${n + 1}`);
  if (pointers[0] !== 0 || pointers[n] !== covered) throw wrong(name, `it does not cover ${covered} values`);
  for (let i = 0; i < n; i++) if (pointers[i] > pointers[i + 1]) throw wrong(name, `value ${i} is above the next`);
}

function checkNumbers(name: string, numbers: Uint32Array, n: number, below: number): void {
  if (numbers.length !== n) throw wrong(name, `it has ${numbers.length} values, not ${n}`);
  for (let i = 0; i < n; i++) if (numbers[i] >= below) throw wrong(name, `value ${i} is ${numbers[i]} of ${below}`);
}

/** Expects a table for open addressing: a power of two slots, one of them free at least. */
function checkSlots(name: string, slots: Uint32Array, below: number): void {
  const { length } = slots;
  if (length === 0 || (length & (length - 1)) !== 0) throw wrong(name, `${length} slots are no power of two`);
  checkNumbers(name, slots, length, below);
  if (!slots.includes(0)) throw wrong(name, 'no slot is free');
}

function wrong(name: string, what: string): RangeError {
  return new RangeError(`array ${name} of its labels is not right: ${what}`);
}
