import { type Analysis, type Analyzer, NO_TERM } from '@catchword/core';
import { type ResolvedAnalyzer, resolveAnalyzer } from './analyzer-spec.js';
import { sentenceRules } from './sentence-rules.js';
import { throwProblems } from './spec.js';
import { loadNatural, loadSnowball, loadWink, type Normalise } from './stemmers.js';
import { type SurfaceFacts, SurfaceTable } from './surface-table.js';
import { Tokenizer } from './tokenizer.js';

/** Stemmers are made for words; what is longer is its own term. */
const MAX_STEMMED = 100;

const MAX_SURFACES = 1 << 20;
/** Code units of an average surface, generously. */
const SURFACE_UNITS = 16;

export interface AnalyzerOptions {
  /** The project's language, as BCP 47 tags it. */
  readonly language: string;
  /** Told when something else than what the spec names is used. */
  readonly onWarning?: (message: string) => void;
  /** The tables are emptied before a document when they hold more surfaces; 1,048,576 unless told, about 150 MiB. */
  readonly maxSurfaces?: number;
}

/**
 * Makes the analyzer that a spec names: `simple`, `snowball(language)`, `natural(language)` or `wink`, each with
 * `token_min_length` (3). What it needs is loaded now.
 *
 * Annif's `simplemma`, `voikko`, `spacy` and `estnltk` give the Snowball stemmer of their language, with a warning.
 *
 * @throws {ConfigurationError} `configuration-invalid` where the spec cannot be used
 */
export async function createAnalyzer(spec: string, options: AnalyzerOptions): Promise<Analyzer> {
  const resolved = resolveAnalyzer(spec);
  throwProblems('analyzer', spec, resolved);
  for (const warning of resolved.warnings) options.onWarning?.(warning);
  return new TextAnalyzer(spec, options, resolved.tokenMinLength, await loadNormalise(resolved));
}

function loadNormalise(resolved: ResolvedAnalyzer): Promise<Normalise> {
  switch (resolved.kind) {
    case 'snowball':
      return loadSnowball(resolved.stemmer);
    case 'natural':
      return loadNatural(resolved.stemmer);
    case 'wink':
      return loadWink();
    case 'simple':
      return Promise.resolve((word) => word);
  }
}

const letter = /\p{L}/u;
/** Scripts in which a word may be one or two characters. */
const dense =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

class TextAnalyzer implements Analyzer {
  readonly spec: string;
  readonly language: string;
  epoch = 0;
  private readonly maxSurfaces: number;
  private readonly tokenMinLength: number;
  private readonly normalise: Normalise;
  private readonly table: SurfaceTable;
  private readonly tokenizer: Tokenizer;
  private termTexts: string[] = [''];
  private readonly termIds = new Map<string, number>();
  private termArray = new Uint32Array(1 << 10);
  private latest: { readonly text: string; readonly analysis: Analysis } | undefined;

  constructor(spec: string, options: AnalyzerOptions, tokenMinLength: number, normalise: Normalise) {
    const { language } = options;
    this.spec = spec;
    this.language = language;
    this.maxSurfaces = options.maxSurfaces ?? MAX_SURFACES;
    this.tokenMinLength = tokenMinLength;
    this.normalise = normalise;
    const rules = sentenceRules(language);
    const describe = (surface: string): SurfaceFacts => ({
      termId: this.termOf(surface),
      flags: rules.flags(surface),
    });
    this.table = new SurfaceTable(describe);
    this.tokenizer = new Tokenizer(language, this.table);
  }

  get nSurfaces(): number {
    return this.table.size;
  }

  get nTerms(): number {
    return this.termTexts.length - 1;
  }

  analyze(text: string): Analysis {
    // The sources of an ensemble ask for the same text one after the other.
    if (this.latest?.text === text) return this.latest.analysis;
    this.latest = undefined;
    if (this.isFull()) this.empty();
    const { tokenizer, table } = this;
    tokenizer.run(text);
    const surfaces = tokenizer.surfaces.data;
    const nTokens = tokenizer.surfaces.length;
    if (this.termArray.length < nTokens) this.termArray = new Uint32Array(surfaces.length);
    const terms = this.termArray;
    for (let i = 0; i < nTokens; i++) terms[i] = table.termId(surfaces[i]);
    const analysis: Analysis = {
      nTokens,
      surfaces,
      terms,
      starts: tokenizer.starts.data,
      ends: tokenizer.ends.data,
      nSentences: tokenizer.sentenceStarts.length - 1,
      sentenceStarts: tokenizer.sentenceStarts.data,
    };
    this.latest = { text, analysis };
    return analysis;
  }

  surface(surfaceId: number): string {
    return this.table.surface(surfaceId);
  }

  term(termId: number): string {
    const term = this.termTexts[termId];
    if (!(termId > 0) || term === undefined) throw new RangeError(`no term ${termId}; the highest is ${this.nTerms}`);
    return term;
  }

  termId(term: string): number {
    let id = this.termIds.get(term);
    if (id === undefined) {
      id = this.termTexts.push(term) - 1;
      this.termIds.set(term, id);
    }
    return id;
  }

  terms(text: string): string[] {
    const { nTokens, terms } = this.analyze(text);
    const kept: string[] = [];
    for (let i = 0; i < nTokens; i++) if (terms[i] !== NO_TERM) kept.push(this.term(terms[i]));
    return kept;
  }

  private isFull(): boolean {
    const { table, maxSurfaces } = this;
    return table.size > maxSurfaces || table.nUnits > maxSurfaces * SURFACE_UNITS || this.nTerms > 2 * maxSurfaces;
  }

  private empty(): void {
    this.table.clear();
    this.termIds.clear();
    this.termTexts = [''];
    this.epoch++;
  }

  /** The term of a surface; asked once for each. */
  private termOf(surface: string): number {
    const word = withoutEnding(surface);
    if (!letter.test(word)) return NO_TERM;
    if (characterCount(word) < this.tokenMinLength && !dense.test(word)) return NO_TERM;
    const joined = withoutJoints(word);
    if (joined.length > MAX_STEMMED) return this.termId(joined);
    return this.termId(this.normalise(joined) || joined);
  }
}

/** Takes off what inflects a name from outside: `'s`, and after a colon in Finnish and Swedish. */
function withoutEnding(surface: string): string {
  const colon = surface.indexOf(':');
  if (colon > 0) return surface.slice(0, colon);
  return surface.endsWith("'s") && surface.length > 2 ? surface.slice(0, -2) : surface;
}

/** `e-mail` is `email`, `u.s` is `us`; numbers keep their dots. */
function withoutJoints(word: string): string {
  if (!/[-'.]/u.test(word)) return word;
  return word.replace(/(?<=[\p{L}\p{M}\p{N}])[-']|(?<=[\p{L}\p{M}])\.(?=\p{L})/gu, '');
}

function characterCount(word: string): number {
  let n = word.length;
  for (let i = 0; i < word.length; i++) if ((word.charCodeAt(i) & 0xfc00) === 0xdc00) n--;
  return n;
}
