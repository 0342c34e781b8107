import {
  LABEL_ALT,
  LABEL_PREF,
  type ModelData,
  SUBJECT_ACTIVE,
  SUBJECT_REMOVED,
  type SubjectId,
  type Vocabulary,
} from '@catchword/core';
import { packArrays, StringTable, StringTableBuilder, viewArrays } from '@catchword/math';
import { foldLabel } from './fold-label.js';
import { languageRanks, RANK_EXACT, RANK_NONE } from './language-ranks.js';

/** A subject that was found by one of its labels. */
export interface FoundSubject {
  readonly subjectId: SubjectId;
  /** The number of the label in the vocabulary's table. */
  readonly label: number;
  /** How: the whole label is what was asked for, it begins so, a word in it begins so, or its words do in any order. */
  readonly match: 'exact' | 'start' | 'word' | 'words';
}

export interface SearchOptions {
  readonly limit: number;
  /** Labels of this language only, and those that stand in for it; absent: all. */
  readonly language?: string;
  /** Whether deprecated subjects are to be found, after all others. */
  readonly deprecated?: boolean;
}

const SPACE = 0x20;
/** A single letter fits more words than are worth a look: it is the first in the order of letters then. */
const MOST_PLACES = 20_000;

/**
 * Finds subjects by the beginnings of words of their labels, as somebody types.
 *
 * All labels are folded and laid end to end; the places where words begin are sorted by what follows, so that a prefix is a
 * range that binary search finds. Building is O(n log n) in the number of words of all labels, memory about 5 bytes a word
 * and the folded labels.
 */
export class LabelSearch {
  private readonly vocabulary: Vocabulary;
  private readonly folded: StringTable;
  /** Shape (nWords): where words begin in the bytes of `folded`, by what follows up to the end of the label. */
  private readonly places: Uint32Array;
  /** Shape (nWords): the label that each place lies in. */
  private readonly labels: Uint32Array;

  private constructor(vocabulary: Vocabulary, data: ModelData) {
    const { foldedBytes, foldedOffsets, places, labels } = viewArrays(data.pack);
    this.vocabulary = vocabulary;
    this.folded = new StringTable(foldedBytes as Uint8Array, foldedOffsets as Uint32Array);
    this.places = places as Uint32Array;
    this.labels = labels as Uint32Array;
  }

  /** Builds the arrays, for instance in a thread: they lie in shared memory. */
  static build({ labels, status }: Vocabulary): ModelData {
    const builder = new StringTableBuilder();
    const nLabels = labels.subject.length;
    for (let k = 0; k < nLabels; k++) {
      const isGone = status[labels.subject[k] as number] === SUBJECT_REMOVED;
      builder.push(isGone ? '' : foldLabel(labels.texts.get(k)));
    }
    const { bytes, offsets } = builder.build();
    let nWords = 0;
    const eachWord = (visit: (place: number, label: number) => void) => {
      for (let k = 0; k < nLabels; k++) {
        const end = offsets[k + 1] as number;
        for (let p = offsets[k] as number; p < end; p++) {
          if (p === offsets[k] || bytes[p - 1] === SPACE) visit(p, k);
        }
      }
    };
    eachWord(() => nWords++);
    const ends = new Uint32Array(nWords);
    const keys = new Uint32Array(nWords);
    const order = new Uint32Array(nWords);
    const starts = new Uint32Array(nWords);
    const labelOf = new Uint32Array(nWords);
    let n = 0;
    eachWord((place, label) => {
      const end = offsets[label + 1] as number;
      let key = 0;
      for (let i = 0; i < 4; i++) key = key * 256 + (place + i < end ? (bytes[place + i] as number) : 0);
      keys[n] = key;
      starts[n] = place;
      ends[n] = end;
      labelOf[n] = label;
      order[n] = n;
      n++;
    });
    order.sort((a, b) => {
      const difference = (keys[a] as number) - (keys[b] as number);
      if (difference !== 0) return difference;
      const endA = ends[a] as number;
      const endB = ends[b] as number;
      let p = (starts[a] as number) + 4;
      let q = (starts[b] as number) + 4;
      for (; p < endA && q < endB; p++, q++) {
        const byte = (bytes[p] as number) - (bytes[q] as number);
        if (byte !== 0) return byte;
      }
      return Math.max(endA - p, 0) - Math.max(endB - q, 0) || a - b;
    });
    return {
      meta: {},
      pack: packArrays({
        foldedBytes: bytes,
        foldedOffsets: offsets,
        places: order.map((i) => starts[i] as number),
        labels: order.map((i) => labelOf[i] as number),
      }),
    };
  }

  /** @param data as `build` made it of the same vocabulary */
  static open(vocabulary: Vocabulary, data: ModelData = LabelSearch.build(vocabulary)): LabelSearch {
    return new LabelSearch(vocabulary, data);
  }

  /**
   * Finds subjects for what somebody has typed so far.
   *
   * Whole labels come first, then labels that begin so, then those with a word that begins so, then those with all the
   * words in any order; among equals preferred labels before others, shorter before longer, lower ids.
   *
   * @returns each subject once, by its best label; nothing for a query without letters or digits
   */
  search(query: string, options: SearchOptions): FoundSubject[] {
    const folded = foldLabel(query);
    if (folded === '' || options.limit <= 0) return [];
    const best = new BestSubjects(this.vocabulary, options);
    const bytes = Buffer.from(folded);
    const [from, to] = this.range(bytes);
    for (let i = from; i < Math.min(to, from + MOST_PLACES); i++) {
      const label = this.labels[i] as number;
      const place = this.places[i] as number;
      const start = this.folded.offsets[label] as number;
      const end = this.folded.offsets[label + 1] as number;
      const match = place !== start ? 'word' : end - start === bytes.length ? 'exact' : 'start';
      const next = this.folded.bytes[place + bytes.length];
      best.add(label, match, end - start, place + bytes.length === end || next === SPACE);
    }
    if (folded.includes(' ')) this.addByWords([...new Set(folded.split(' '))], best);
    return best.take();
  }

  /** The label as it is compared. */
  foldedLabel(label: number): string {
    return this.folded.get(label);
  }

  /** @returns labels with a word that begins so, some perhaps twice; at most `most` */
  labelsWithPrefix(folded: string, most: number): Uint32Array {
    const [from, to] = this.range(Buffer.from(folded));
    return this.labels.subarray(from, Math.min(to, from + most));
  }

  private addByWords(words: readonly string[], best: BestSubjects): void {
    const ranges = words.map((word) => this.range(Buffer.from(word)));
    const sizes = ranges.map(([from, to]) => to - from);
    const rarest = sizes.indexOf(Math.min(...sizes));
    const others = words.filter((_, i) => i !== rarest).map((word) => ` ${word}`);
    const [from, to] = ranges[rarest] as readonly [number, number];
    for (let i = from; i < Math.min(to, from + MOST_PLACES); i++) {
      const label = this.labels[i] as number;
      const text = ` ${this.folded.get(label)}`;
      if (others.every((word) => text.includes(word))) best.add(label, 'words', text.length, true);
    }
  }

  /** The places that go on with these bytes: `[from, to)`. */
  private range(prefix: Uint8Array): readonly [number, number] {
    return [this.firstWhere(prefix, 0), this.firstWhere(prefix, 1)];
  }

  /** The first place whose text is not below the prefix, or with `bound` 1 above all that begin with it. */
  private firstWhere(prefix: Uint8Array, bound: 0 | 1): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, prefix) < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Below 0 where the place's text comes before the prefix, 0 where it begins with it. */
  private compare(i: number, prefix: Uint8Array): number {
    const { bytes, offsets } = this.folded;
    const end = offsets[(this.labels[i] as number) + 1] as number;
    const place = this.places[i] as number;
    for (let k = 0; k < prefix.length; k++) {
      if (place + k >= end) return -1;
      const difference = (bytes[place + k] as number) - (prefix[k] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

const MATCHES = ['words', 'word', 'start', 'exact'] as const;

/** Keeps the best label of each subject. */
class BestSubjects {
  private readonly vocabulary: Vocabulary;
  private readonly options: SearchOptions;
  private readonly ranks: Uint8Array | undefined;
  private readonly found = new Map<SubjectId, { label: number; score: number; match: FoundSubject['match'] }>();

  constructor(vocabulary: Vocabulary, options: SearchOptions) {
    this.vocabulary = vocabulary;
    this.options = options;
    const { language } = options;
    this.ranks = language === undefined ? undefined : languageRanks(vocabulary.languages, language);
  }

  add(label: number, match: FoundSubject['match'], length: number, isWholeWord: boolean): void {
    const { labels, status } = this.vocabulary;
    const subject = labels.subject[label] as number;
    const isActive = status[subject] === SUBJECT_ACTIVE;
    if (!isActive && !this.options.deprecated) return;
    const rank = this.ranks ? (this.ranks[labels.language[label] as number] as number) : RANK_EXACT;
    if (rank === RANK_NONE) return;
    const kind = labels.kind[label] === LABEL_PREF ? 2 : labels.kind[label] === LABEL_ALT ? 1 : 0;
    // Digits of one number, each of which outweighs all that come after it.
    let score = isActive ? 1 : 0;
    score = score * 4 + MATCHES.indexOf(match);
    score = score * 2 + (isWholeWord ? 1 : 0);
    score = score * 4 + rank;
    score = score * 3 + kind;
    score = score * 1024 + (1023 - Math.min(length, 1023));
    const before = this.found.get(subject);
    if (!before || before.score < score) this.found.set(subject, { label, score, match });
  }

  take(): FoundSubject[] {
    return [...this.found]
      .sort(([a, x], [b, y]) => y.score - x.score || a - b)
      .slice(0, this.options.limit)
      .map(([subjectId, { label, match }]) => ({ subjectId, label, match }));
  }
}
