import { LABEL_ALT, LABEL_HIDDEN, LABEL_PREF, type LabelTable } from '@catchword/core';
import { type StringTable, Uint32List } from '@catchword/math';
import { equalStrings, gatherStrings, NO_STRING } from './gather-strings.js';
import { ALT_LABEL, HIDDEN_LABEL, NOTATION, PREF_LABEL, RDFS_LABEL } from './skos-predicates.js';

/** The texts of a vocabulary in the order of its file; all arrays are parallel to `texts`. */
export interface CollectedTexts {
  readonly texts: StringTable;
  /** The subject that has the text, or -1. */
  readonly subject: Int32Array;
  /** One of the predicates PREF_LABEL to NOTATION. */
  readonly kind: Uint8Array;
  /** Position in `languages`. */
  readonly language: Uint8Array;
  readonly languages: readonly string[];
}

/**
 * Orders the labels by subject, then kind, then place in the file; each text stands once in a language of a subject.
 *
 * A language without skos:prefLabel takes the first rdfs:label, as Annif does; a second skos:prefLabel of a language
 * becomes an alternative label. O(number of texts)
 */
export function buildLabelTable(nSubjects: number, collected: CollectedTexts) {
  const { texts, kind, language } = collected;
  const { starts, order } = orderBySubject(nSubjects, collected.subject);
  const notation = new Uint32Array(nSubjects).fill(NO_STRING);
  const indptr = new Uint32Array(nSubjects + 1);
  const kept = new Uint32List(order.length);
  const keptKinds = new Uint32List(order.length);
  const seen = new LabelSet(collected, order.length);
  const prefOf = new Int32Array(collected.languages.length).fill(-1); // the last subject with one in the language
  let nWithTwoPrefLabels = 0;
  for (let s = 0; s < nSubjects; s++) {
    const labels = order.subarray(starts[s], starts[s + 1]);
    let twoPrefLabels = false;
    const keep = (k: number, as: number) => {
      if (!seen.add(k)) return;
      kept.push(k);
      keptKinds.push(as);
    };
    for (const wanted of [PREF_LABEL, RDFS_LABEL]) {
      for (const k of labels) {
        if (kind[k] !== wanted) continue;
        if (prefOf[language[k] as number] === s) twoPrefLabels ||= wanted === PREF_LABEL && !seen.has(k);
        else {
          prefOf[language[k] as number] = s;
          keep(k, LABEL_PREF);
        }
      }
    }
    for (const k of labels) if (kind[k] === PREF_LABEL || kind[k] === ALT_LABEL) keep(k, LABEL_ALT);
    for (const k of labels) if (kind[k] === HIDDEN_LABEL) keep(k, LABEL_HIDDEN);
    for (const k of labels) if (kind[k] === NOTATION && notation[s] === NO_STRING) notation[s] = k;
    if (twoPrefLabels) nWithTwoPrefLabels++;
    indptr[s + 1] = kept.length;
  }
  const numbers = kept.toArray();
  const labels: LabelTable = {
    texts: gatherStrings(texts, numbers),
    subject: Uint32Array.from(numbers, (k) => collected.subject[k] as number),
    language: Uint8Array.from(numbers, (k) => language[k] as number),
    kind: Uint8Array.from(keptKinds.toArray()),
    indptr,
  };
  return { labels, notations: gatherStrings(texts, notation), nWithTwoPrefLabels };
}

function orderBySubject(nSubjects: number, subject: Int32Array): { starts: Uint32Array; order: Uint32Array } {
  const starts = new Uint32Array(nSubjects + 1);
  for (const s of subject) if (s >= 0) starts[s + 1] = (starts[s + 1] as number) + 1;
  for (let s = 0; s < nSubjects; s++) starts[s + 1] = (starts[s + 1] as number) + (starts[s] as number);
  const next = starts.slice(0, nSubjects);
  const order = new Uint32Array(starts[nSubjects] as number);
  for (let k = 0; k < subject.length; k++) {
    const s = subject[k] as number;
    if (s < 0) continue;
    order[next[s] as number] = k;
    next[s] = (next[s] as number) + 1;
  }
  return { starts, order };
}

/** Labels that were kept, told apart by subject, language and text. */
class LabelSet {
  private readonly collected: CollectedTexts;
  private readonly slots: Uint32Array;

  constructor(collected: CollectedTexts, nLabels: number) {
    this.collected = collected;
    let capacity = 16;
    while (capacity < nLabels * 2) capacity *= 2;
    this.slots = new Uint32Array(capacity);
  }

  has(k: number): boolean {
    return this.slots[this.slotOf(k)] !== 0;
  }

  /** @returns false where an equal label is in the set */
  add(k: number): boolean {
    const slot = this.slotOf(k);
    if (this.slots[slot] !== 0) return false;
    this.slots[slot] = k + 1;
    return true;
  }

  private slotOf(k: number): number {
    const { texts, subject, language } = this.collected;
    let hash = Math.imul((subject[k] as number) ^ Math.imul(language[k] as number, 0x9e3779b1), 0x85ebca6b);
    for (let b = texts.offsets[k] as number, end = texts.offsets[k + 1] as number; b < end; b++) {
      hash = Math.imul(hash ^ (texts.bytes[b] as number), 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (let other = this.slots[slot] as number; other !== 0; other = this.slots[slot] as number) {
      const j = other - 1;
      if (subject[j] === subject[k] && language[j] === language[k] && equalStrings(texts, j, texts, k)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
