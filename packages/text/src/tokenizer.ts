import { Uint32List } from '@catchword/math';
import {
  astralClasses,
  type CharacterTables,
  CLOSER,
  canonicalSurface,
  characterTables,
  GLUE,
  IDEOGRAPH,
  IGNORABLE,
  MARK,
  NEWLINE,
  ODD,
  SPACE,
  STOP,
  SURROGATE,
  UNSPACED,
  WORD,
} from './character-classes.js';
import { NO_END, SentenceEnds } from './sentence-ends.js';
import { primaryLanguage } from './sentence-rules.js';
import { MAX_SURFACE, type SurfaceTable } from './surface-table.js';
import { dotName, joinWord, NO_JOIN } from './word-joins.js';

const WORD_OR_SPECIAL = WORD | ODD | IDEOGRAPH | UNSPACED;
const WORD_OR_UNSPACED = WORD | IDEOGRAPH | UNSPACED;
const GAP = STOP | NEWLINE | SPACE | CLOSER;
/** As a whole number of 32 bits, so that the engine keeps hashes as such. */
const HASH_START = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
/** Runs of an unspaced script are given to the segmenter in pieces, so that a long one takes linear time. */
const SEGMENT_UNITS = 2048;
/** Room for the code units of longer texts is given back. */
const MOST_UNITS_KEPT = 1 << 20;
const PLUS = 0x2b;
const NUMBER_SIGN = 0x23;

/**
 * Cuts a text into words and sentences, one pass over its code units.
 *
 * A word is a run of letters, digits and combining marks. Inside it, apostrophes and hyphens and the like join parts by
 * the rules of `joinWord`. An ideograph is a word; a run of a script without spaces is cut by the platform's dictionary.
 */
export class Tokenizer {
  readonly surfaces = new Uint32List(1 << 10);
  readonly starts = new Uint32List(1 << 10);
  readonly ends = new Uint32List(1 << 10);
  readonly sentenceStarts = new Uint32List(1 << 8);
  /** Where in the text each sentence begins, the white space before it excepted. */
  readonly sentenceOffsets = new Uint32List(1 << 8);
  private readonly tables: CharacterTables;
  private readonly language: string;
  private readonly table: SurfaceTable;
  private readonly sentenceEnds: SentenceEnds;
  private readonly buffer = new Uint16Array(MAX_SURFACE);
  /** The text's code units, and the same memory as bytes: an array is read faster than a string. */
  private units = new Uint16Array(1 << 14);
  private unitBytes = Buffer.from(this.units.buffer);
  private readonly astral = new Map<number, number>();
  private segmenter: Intl.Segmenter | undefined;

  constructor(language: string, table: SurfaceTable) {
    this.language = primaryLanguage(language);
    this.tables = characterTables(this.language);
    this.table = table;
    this.sentenceEnds = new SentenceEnds(this.language, table);
  }

  /** Fills the lists from a text. O(length) */
  run(text: string): void {
    this.surfaces.clear();
    this.starts.clear();
    this.ends.clear();
    this.sentenceStarts.clear();
    this.sentenceOffsets.clear();
    this.readUnits(text);
    const { classes, plain } = this.tables;
    const { units } = this;
    const gap = this.sentenceEnds;
    const n = text.length;
    gap.reset();
    let i = 0;
    while (i < n) {
      if (gap.isClean && this.surfaces.length > 0) {
        i = this.plainWords(units, classes, plain, i, n);
        if (i === n) break;
      }
      const c = units[i];
      const k = classes[c];
      if (k & WORD && !(k & MARK)) {
        if (k & IDEOGRAPH) i = this.ideograph(text, i, i + 1);
        else i = k & UNSPACED ? this.unspacedRun(text, i) : this.word(text, i);
      } else if (c === 0x2e && dotName(text, classes, i) !== NO_JOIN) {
        i = this.plain(text, i, i + 4);
      } else if (k & GAP) {
        if (k !== SPACE || gap.pending) gap.pass(c, k, i);
        i++;
      } else if (k & SURROGATE) {
        const astral = this.astralAt(text, i);
        if (astral & IDEOGRAPH) i = this.ideograph(text, i, i + 2);
        else if ((astral & (WORD | MARK)) === WORD) i = this.word(text, i);
        else gap.passOther(c, i++, text);
      } else {
        gap.passOther(c, i++, text);
      }
    }
    this.sentenceStarts.push(this.surfaces.length);
    this.sentenceOffsets.push(n);
  }

  private readUnits(text: string): void {
    if (text.length > this.units.length || this.units.length > MOST_UNITS_KEPT) {
      this.units = new Uint16Array(Math.max(1 << 14, text.length));
      this.unitBytes = Buffer.from(this.units.buffer);
    }
    this.unitBytes.write(text, 'utf16le');
  }

  /**
   * Reads words that were met before and have nothing to decide, as most are, and what stands between them. No other word has
   * been passed since the sentence's last mark.
   *
   * @returns where something else begins, or n
   */
  private plainWords(units: Uint16Array, classes: Uint16Array, plain: Uint16Array, i: number, n: number): number {
    const { table } = this;
    const surfaces = this.surfaces.data;
    const starts = this.starts.data;
    const ends = this.ends.data;
    const room = Math.min(surfaces.length, starts.length, ends.length);
    let nTokens = this.surfaces.length;
    while (i < n) {
      let k = classes[units[i]];
      if ((k & WORD) === 0) {
        if (k & (STOP | NEWLINE | SURROGATE)) break;
        i++;
        continue;
      }
      if (k & MARK) {
        i++;
        continue;
      }
      if (k & (ODD | IDEOGRAPH | UNSPACED) || nTokens === room) break;
      let end = i;
      let hash = HASH_START;
      for (let unit = plain[units[i]]; unit !== 0; unit = end < n ? plain[units[end]] : 0) {
        hash = Math.imul(hash ^ unit, HASH_PRIME);
        end++;
      }
      k = end < n ? classes[units[end]] : 0;
      if (k & (ODD | IGNORABLE | SURROGATE) || end - i > MAX_SURFACE) break;
      if (k & GLUE) {
        const c = units[end];
        if (c === PLUS || c === NUMBER_SIGN || (end + 1 < n && classes[units[end + 1]] & WORD)) break;
      }
      const surface = table.find(units, plain, i, end, mixed(hash));
      if (surface === 0) break;
      surfaces[nTokens] = surface;
      starts[nTokens] = i;
      ends[nTokens++] = end;
      i = end;
    }
    this.surfaces.length = this.starts.length = this.ends.length = nTokens;
    return i;
  }

  /** Reads the word that begins at `start`. @returns where it ends */
  private word(text: string, start: number): number {
    const { classes, folded } = this.tables;
    const { buffer, units } = this;
    const n = text.length;
    let hash = HASH_START;
    let length = 0;
    let odd = false;
    let partStart = start;
    let i = start;
    for (;;) {
      let c = 0;
      let k = 0;
      while (i < n) {
        c = units[i];
        k = classes[c];
        if ((k & WORD_OR_SPECIAL) !== WORD) break;
        if (length < MAX_SURFACE) {
          const unit = folded[c];
          buffer[length++] = unit;
          hash = Math.imul(hash ^ unit, HASH_PRIME);
        }
        i++;
      }
      if (i >= n || k & (IDEOGRAPH | UNSPACED)) break;
      if (k & ODD) {
        odd = true;
        i++;
      } else if (k & GLUE) {
        const next = joinWord(text, classes, this.language, start, partStart, i);
        if (next === NO_JOIN) break;
        for (let at = i; at < next && length < MAX_SURFACE; at++) {
          const unit = folded[units[at]];
          buffer[length++] = unit;
          hash = Math.imul(hash ^ unit, HASH_PRIME);
        }
        i = partStart = next;
        if (c === PLUS || c === NUMBER_SIGN) break;
      } else if (k & IGNORABLE) {
        let next = i + 1;
        while (next < n && classes[units[next]] & IGNORABLE) next++;
        if (next >= n || (classes[units[next]] & WORD_OR_UNSPACED) !== WORD) break;
        odd = true;
        i = next;
      } else if (k & SURROGATE && (this.astralAt(text, i) & (WORD | IDEOGRAPH)) === WORD) {
        odd = true;
        i += 2;
      } else break;
    }
    if (odd) return this.odd(text, start, i);
    this.emit(this.table.intern(buffer, length, mixed(hash)), start, i);
    return i;
  }

  /** A stretch whose code units only need folding. */
  private plain(text: string, start: number, end: number): number {
    return this.emitString(text.slice(start, end).toLowerCase(), start, end);
  }

  private ideograph(text: string, start: number, end: number): number {
    return this.odd(text, start, end);
  }

  /** A stretch that has to be normalised: marks, invisible characters, characters beyond the basic plane. */
  private odd(text: string, start: number, end: number): number {
    const beginning = text.slice(start, Math.min(end, start + 4 * MAX_SURFACE));
    const surface = canonicalSurface(beginning, this.tables);
    return surface === '' ? end : this.emitString(surface, start, end);
  }

  private emitString(surface: string, start: number, end: number): number {
    const length = Math.min(surface.length, MAX_SURFACE);
    let hash = HASH_START;
    for (let k = 0; k < length; k++) {
      const unit = surface.charCodeAt(k);
      this.buffer[k] = unit;
      hash = Math.imul(hash ^ unit, HASH_PRIME);
    }
    this.emit(this.table.intern(this.buffer, length, mixed(hash)), start, end);
    return end;
  }

  /** Words of a run of a script without spaces, by the platform's dictionary. @returns where the run ends */
  private unspacedRun(text: string, start: number): number {
    const { classes } = this.tables;
    let end = start;
    while (end < text.length && end - start < SEGMENT_UNITS && isUnspaced(classes[text.charCodeAt(end)])) end++;
    this.segmenter ??= new Intl.Segmenter(this.language, { granularity: 'word' });
    for (const { segment, index } of this.segmenter.segment(text.slice(start, end))) {
      this.odd(text, start + index, start + index + segment.length);
    }
    return end;
  }

  private astralAt(text: string, at: number): number {
    const codePoint = text.codePointAt(at) as number;
    if (codePoint < 0x10000) return 0; // a surrogate without its partner
    let k = this.astral.get(codePoint);
    if (k === undefined) {
      k = astralClasses(codePoint);
      this.astral.set(codePoint, k);
    }
    return k;
  }

  private emit(surface: number, start: number, end: number): void {
    const index = this.surfaces.length;
    const gap = this.sentenceEnds;
    if (index === 0) {
      this.sentenceStarts.push(0);
      this.sentenceOffsets.push(0);
    } else if (gap.pending) {
      const first = this.sentenceStarts.data[this.sentenceStarts.length - 1] === index - 1;
      const k = this.tables.classes[this.units[start]];
      const at = gap.decide(this.surfaces.data[index - 1], this.ends.data[index - 1], first, surface, k);
      if (at !== NO_END) {
        this.sentenceStarts.push(index);
        this.sentenceOffsets.push(at);
      }
    }
    gap.next();
    this.surfaces.push(surface);
    this.starts.push(start);
    this.ends.push(end);
  }
}

function isUnspaced(k: number): boolean {
  return (k & UNSPACED) !== 0 || (k & MARK) !== 0;
}

/** Spreads FNV-1a's bits, as the table takes the lowest. */
function mixed(hash: number): number {
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
