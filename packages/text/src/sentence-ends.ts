import { DIGIT, LOWER, NEWLINE, SPACE, STOP, UPPER } from './character-classes.js';
import {
  ABBREVIATION,
  DOTTED,
  FINAL_ABBREVIATION,
  INITIAL,
  NUMBER,
  NUMBERED,
  ROMAN,
  type SentenceRules,
  STARTER,
  sentenceRules,
} from './sentence-rules.js';
import type { SurfaceTable } from './surface-table.js';

const NO_STOP = 0;
const DOT = 1;
/** `!`, `?` and the like: never part of an abbreviation. */
const HARD = 2;
/** A full stop of a script that puts no space after it. */
const WIDE = 3;

/** No sentence ends in the gap. */
export const NO_END = -1;

/**
 * Watches the characters between two words and decides whether a sentence ends there.
 *
 * A sentence ends at a stop, with the closing marks after it, where white space follows and the next word does not begin
 * in lower case; not after an abbreviation, an initial or an ordinal number of the language, unless the next word is one
 * that often begins a sentence. It also ends at a blank line, a heading (`# `) and a list item. A line break alone ends
 * nothing, since records are often wrapped.
 */
export class SentenceEnds {
  /** Something was passed that may end a sentence. */
  pending = false;
  private readonly rules: SentenceRules;
  private readonly table: SurfaceTable;
  private stop = NO_STOP;
  private stopStart = 0;
  private stopEnd = 0;
  private spaced = false;
  private newlines = 0;
  private breakAt = NO_END;
  private inHeading = false;

  constructor(language: string, table: SurfaceTable) {
    this.rules = sentenceRules(language);
    this.table = table;
  }

  /** Whether nothing was passed that has a say in the sentence's end: neither a stop nor a line break. */
  get isClean(): boolean {
    return !this.pending && this.newlines === 0 && this.stop === NO_STOP;
  }

  /** Begins a text. */
  reset(): void {
    this.next();
    this.inHeading = false;
    this.newlines = 1;
  }

  /** Begins a gap. */
  next(): void {
    this.pending = false;
    this.stop = NO_STOP;
    this.spaced = false;
    this.newlines = 0;
    this.breakAt = NO_END;
  }

  /** Takes a stop, a closing mark or white space. */
  pass(c: number, k: number, at: number): void {
    if (k & NEWLINE) {
      if (c === 0x0d) return; // of CRLF
      this.pending = true;
      this.spaced = true;
      this.newlines++;
      if (this.newlines === 2 || this.inHeading || c === 0x0c || c === 0x2029) this.breakHere(at);
      this.inHeading = false;
    } else if (k & SPACE) {
      this.spaced = true;
    } else {
      this.newlines = 0;
      if (k & STOP) this.passStop(c, at);
      else if (this.stop !== NO_STOP && (!this.spaced || (c === 0xbb && this.rules.spacedQuotes)))
        this.stopEnd = at + 1;
    }
  }

  /** Takes any other character that belongs to no word. */
  passOther(c: number, at: number, text: string): void {
    if (this.newlines > 0) {
      const marker = text.charCodeAt(at + 1) === 0x20;
      if (c === 0x23 && (marker || text.charCodeAt(at + 1) === 0x23)) {
        this.breakHere(at);
        this.inHeading = true;
      } else if (marker && (c === 0x2a || c === 0x2d || c === 0x2022 || c === 0xb7 || c === 0x2023 || c === 0x25aa)) {
        this.breakHere(at);
      }
    }
    this.newlines = 0;
    // A comma after it shows that the dot was of an abbreviation.
    if (this.stop === DOT && (c === 0x2c || c === 0x3b || c === 0x3a)) {
      this.stop = NO_STOP;
      this.pending = this.breakAt !== NO_END || this.inHeading;
    }
  }

  /**
   * Decides at the next word.
   *
   * @param before surface id of the word before, which ends at `end` and is the first of its sentence or not
   * @param after surface id of the next word
   * @param k classes of the next word's first character
   * @returns where the sentence ends, or NO_END
   */
  decide(before: number, end: number, first: boolean, after: number, k: number): number {
    if (this.breakAt !== NO_END) return this.breakAt;
    if (this.stop === WIDE) return this.stopEnd;
    if (this.stop === NO_STOP || !this.spaced || k & LOWER) return NO_END;
    if (this.stop === DOT && this.stopStart === end && this.isAbbreviated(before, first, after, k)) return NO_END;
    return this.stopEnd;
  }

  private isAbbreviated(before: number, first: boolean, after: number, k: number): boolean {
    const { ordinals, capitals } = this.rules;
    const flags = this.table.flags(before);
    if (flags & ~STARTER) {
      if (flags & ABBREVIATION) return true;
      if (flags & NUMBERED && k & DIGIT) return true;
      const starts = (this.table.flags(after) & STARTER) !== 0;
      if (flags & FINAL_ABBREVIATION) return !starts && (capitals || !(k & UPPER));
      if (flags & (INITIAL | DOTTED)) return !starts;
      if (flags & NUMBER && first) return true;
      if (ordinals && flags & (NUMBER | ROMAN)) return !starts;
    }
    return false;
  }

  private passStop(c: number, at: number): void {
    const kind = c === 0x2e ? DOT : isWide(c) ? WIDE : HARD;
    this.pending = true;
    if (this.stop === NO_STOP || this.spaced) this.stopStart = at;
    else this.stopStart = -1; // several: no abbreviation
    this.stop = Math.max(this.stop, kind);
    this.stopEnd = at + 1;
    this.spaced = false;
  }

  private breakHere(at: number): void {
    this.pending = true;
    if (this.breakAt === NO_END) this.breakAt = this.stop !== NO_STOP ? this.stopEnd : at;
  }
}

function isWide(c: number): boolean {
  return c === 0x3002 || c === 0xff01 || c === 0xff1f || c === 0xff0e || c === 0x104b || c === 0x17d4;
}
