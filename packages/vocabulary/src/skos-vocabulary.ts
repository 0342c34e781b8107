import { createHash } from 'node:crypto';
import {
  type JsonValue,
  LABEL_PREF,
  type LabelTable,
  type ModelData,
  ModelError,
  SUBJECT_ACTIVE,
  SUBJECT_REMOVED,
  type SubjectId,
  type Vocabulary,
} from '@catchword/core';
import {
  type ArrayPack,
  type CsrPattern,
  type NumericArray,
  packArrays,
  StringIndex,
  StringTable,
  viewArrays,
} from '@catchword/math';
import { LabelIndex } from './label-index.js';
import { languageRanks, RANK_EXACT, RANK_NONE } from './language-ranks.js';
import type { VocabularyContent } from './vocabulary-content.js';

const FORMAT = 'skos-vocabulary';
const FORMAT_VERSION = 1;

/** A vocabulary over the arrays of a ModelData: opening it costs nothing that grows with its size. */
export class SkosVocabulary implements Vocabulary, VocabularyContent {
  readonly fingerprint: string;
  readonly languages: readonly string[];
  readonly prefixes: Readonly<Record<string, string>>;
  readonly nSubjects: number;
  readonly uris: StringTable;
  readonly notations: StringTable;
  readonly status: Uint8Array;
  readonly labels: LabelTable;
  readonly broader: CsrPattern;
  readonly narrower: CsrPattern;
  readonly related: CsrPattern;
  readonly collections: CsrPattern;
  readonly collectionUris: StringTable;
  readonly schemes: CsrPattern;
  readonly schemeUris: StringTable;
  readonly types: CsrPattern;
  readonly typeUris: StringTable;
  private readonly data: ModelData;
  private readonly uriIndex: StringIndex;
  private readonly labelIndexes = new Map<string, LabelIndex>();
  private readonly ranks = new Map<string, Uint8Array>();

  /** @throws {ModelError} `model-incompatible`, `model-damaged` */
  constructor(data: ModelData) {
    const { formatVersion, fingerprint, languages, prefixes } = checkedMeta(data);
    if (formatVersion > FORMAT_VERSION) {
      throw new ModelError(
        'model-incompatible',
        `Cannot open the vocabulary: its format is version ${formatVersion}, this program reads ${FORMAT_VERSION}`,
        { hint: 'Update Catchword, or load the vocabulary again.', context: { formatVersion } },
      );
    }
    const arrays = new StoredArrays(data.pack);
    this.data = data;
    this.fingerprint = fingerprint;
    this.languages = languages;
    this.prefixes = prefixes;
    this.uris = arrays.strings('uri');
    this.nSubjects = this.uris.length;
    this.notations = arrays.strings('notation');
    this.status = arrays.get('status', Uint8Array);
    this.labels = {
      texts: arrays.strings('label'),
      subject: arrays.get('labelSubject', Uint32Array),
      language: arrays.get('labelLanguage', Uint8Array),
      kind: arrays.get('labelKind', Uint8Array),
      indptr: arrays.get('labelIndptr', Uint32Array),
    };
    this.broader = arrays.pattern('broader', this.nSubjects);
    this.narrower = arrays.pattern('narrower', this.nSubjects);
    this.related = arrays.pattern('related', this.nSubjects);
    this.collectionUris = arrays.strings('collectionUri');
    this.collections = arrays.pattern('collection', this.collectionUris.length);
    this.schemeUris = arrays.strings('schemeUri');
    this.schemes = arrays.pattern('scheme', this.schemeUris.length);
    this.typeUris = arrays.strings('typeUri');
    this.types = arrays.pattern('type', this.typeUris.length);
    this.uriIndex = new StringIndex(this.uris, arrays.get('uriSlots', Uint32Array));
    const rows = [this.notations.length, this.status.length, this.labels.indptr.length - 1];
    for (const { nRows } of [this.broader, this.narrower, this.related, this.collections, this.schemes, this.types]) {
      rows.push(nRows);
    }
    if (rows.some((n) => n !== this.nSubjects)) throw damaged('its arrays differ in the number of subjects');
  }

  /** Packs content into one shared buffer. O(content), and hashes it all. */
  static fromContent(content: VocabularyContent): SkosVocabulary {
    const arrays: Record<string, NumericArray> = {
      status: content.status,
      labelSubject: content.labels.subject,
      labelLanguage: content.labels.language,
      labelKind: content.labels.kind,
      labelIndptr: content.labels.indptr,
    };
    const strings = {
      uri: content.uris,
      notation: content.notations,
      label: content.labels.texts,
      collectionUri: content.collectionUris,
      schemeUri: content.schemeUris,
      typeUri: content.typeUris,
    };
    for (const [name, table] of Object.entries(strings)) {
      arrays[`${name}Bytes`] = table.bytes;
      arrays[`${name}Offsets`] = table.offsets;
    }
    const patterns = {
      broader: content.broader,
      narrower: content.narrower,
      related: content.related,
      collection: content.collections,
      scheme: content.schemes,
      type: content.types,
    };
    for (const [name, pattern] of Object.entries(patterns)) {
      arrays[`${name}Indptr`] = pattern.indptr;
      arrays[`${name}Indices`] = pattern.indices;
    }
    const fingerprint = fingerprintOf(content.languages, arrays);
    arrays.uriSlots = StringIndex.build(content.uris).slots;
    const { languages, prefixes } = content;
    return new SkosVocabulary({
      meta: { format: FORMAT, formatVersion: FORMAT_VERSION, fingerprint, languages, prefixes: { ...prefixes } },
      pack: packArrays(arrays),
    });
  }

  /** @returns the vocabulary itself where it is one of this class; else another over the same arrays */
  static of(vocabulary: Vocabulary): SkosVocabulary {
    return vocabulary instanceof SkosVocabulary ? vocabulary : new SkosVocabulary(vocabulary.toModelData());
  }

  idOfUri(uri: string): SubjectId {
    const id = this.uriIndex.find(uri);
    return id >= 0 && this.status[id] === SUBJECT_REMOVED ? -1 : id;
  }

  /** Like `idOfUri`, and finds removed subjects as well. */
  rowOfUri(uri: string): SubjectId {
    return this.uriIndex.find(uri);
  }

  /**
   * Active subjects come before deprecated ones. Where a subject has none in the language, labels of a region's (`en-GB`
   * for `en`), else those without language count for it. The first call in a language indexes it: O(number of labels).
   */
  idOfLabel(label: string, language: string): SubjectId {
    const tag = language.toLowerCase();
    let index = this.labelIndexes.get(tag);
    if (!index) {
      index = LabelIndex.build(this.labels.texts, this.labelsIn(tag));
      this.labelIndexes.set(tag, index);
    }
    const found = index.find(label);
    return found < 0 ? -1 : (this.labels.subject[found] as number);
  }

  /** @throws {RangeError} if there is no such subject */
  uri(id: SubjectId): string {
    return this.uris.get(id);
  }

  /** A label of a region's language (`en-GB` for `en`), else one without language stands in where the subject has none. */
  label(id: SubjectId, language: string): string | undefined {
    const k = this.prefLabel(id, this.ranksFor(language));
    return k < 0 ? undefined : this.labels.texts.get(k);
  }

  notation(id: SubjectId): string | undefined {
    return this.notations.get(id) || undefined;
  }

  toModelData(): ModelData {
    return this.data;
  }

  /** The preferred labels that stand for subjects in a language, those of active subjects first. */
  private *labelsIn(tag: string): Generator<number> {
    const ranks = this.ranksFor(tag);
    for (const active of [true, false]) {
      for (let id = 0; id < this.nSubjects; id++) {
        if ((this.status[id] === SUBJECT_ACTIVE) !== active) continue;
        const k = this.prefLabel(id, ranks);
        if (k >= 0) yield k;
      }
    }
  }

  private ranksFor(language: string): Uint8Array {
    let ranks = this.ranks.get(language);
    if (!ranks) {
      ranks = languageRanks(this.languages, language);
      this.ranks.set(language, ranks);
    }
    return ranks;
  }

  private prefLabel(id: SubjectId, ranks: Uint8Array): number {
    const { indptr, kind, language } = this.labels;
    let best = -1;
    let bestRank = RANK_NONE;
    for (let k = indptr[id] as number; k < (indptr[id + 1] as number) && kind[k] === LABEL_PREF; k++) {
      const rank = ranks[language[k] as number] as number;
      if (rank <= bestRank) continue;
      if (rank === RANK_EXACT) return k;
      best = k;
      bestRank = rank;
    }
    return best;
  }
}

/**
 * Opens a vocabulary over stored arrays, in milliseconds whatever its size.
 *
 * @throws {ModelError} `model-incompatible` for a newer format, `model-damaged` where arrays are missing or differ in
 *   length
 */
export function openVocabulary(data: ModelData): SkosVocabulary {
  return new SkosVocabulary(data);
}

/** The arrays of a pack by name, checked. */
class StoredArrays {
  private readonly arrays: Readonly<Record<string, NumericArray>>;

  constructor(pack: ArrayPack) {
    this.arrays = viewArrays(pack);
  }

  get<T extends NumericArray>(name: string, type: { new (...args: never[]): T }): T {
    const array = this.arrays[name];
    if (!(array instanceof type)) throw damaged(`its array ${name} is missing or of another type`);
    return array;
  }

  strings(name: string): StringTable {
    return new StringTable(this.get(`${name}Bytes`, Uint8Array), this.get(`${name}Offsets`, Uint32Array));
  }

  pattern(name: string, nCols: number): CsrPattern {
    const indptr = this.get(`${name}Indptr`, Uint32Array);
    return { nRows: indptr.length - 1, nCols, indptr, indices: this.get(`${name}Indices`, Uint32Array) };
  }
}

function checkedMeta({ meta }: ModelData) {
  const { format, formatVersion, fingerprint, languages, prefixes } = meta;
  if (format !== FORMAT || typeof formatVersion !== 'number') throw damaged('it is no vocabulary of Catchword');
  if (typeof fingerprint !== 'string' || !isTextList(languages) || !isTextTable(prefixes)) {
    throw damaged('its description is not complete');
  }
  return { formatVersion, fingerprint, languages, prefixes };
}

function isTextList(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isTextTable(value: JsonValue | undefined): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && isTextList(Object.values(value));
}

function damaged(what: string): ModelError {
  return new ModelError('model-damaged', `Cannot open the vocabulary: ${what}`, {
    hint: 'Build the vocabulary anew from its file: catchword load-vocab --force.',
  });
}

function fingerprintOf(languages: readonly string[], arrays: Readonly<Record<string, NumericArray>>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([FORMAT, languages]));
  for (const name of Object.keys(arrays).sort()) {
    const array = arrays[name] as NumericArray;
    hash.update(`\n${name} ${array.length}\n`);
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}
