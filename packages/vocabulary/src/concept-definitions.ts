import { type Definitions, type ModelData, ModelError, type SubjectId } from '@catchword/core';
import { packArrays, StringTable, viewArrays } from '@catchword/math';
import { gatherStrings } from './gather-strings.js';
import { languageRanks, RANK_EXACT, RANK_NONE } from './language-ranks.js';

const FORMAT = 'skos-definitions';
const FORMAT_VERSION = 1;

/** One text for each language in which a subject has a definition or a scope note. */
export interface DefinitionTable {
  /** Sorted; '' stands for texts without a tag. */
  readonly languages: readonly string[];
  /** Shape (nTexts), ordered by subject. */
  readonly texts: StringTable;
  /** Shape (nTexts): position in `languages`. */
  readonly language: Uint16Array;
  /** Shape (nSubjects + 1): subject s owns the texts `indptr[s]..indptr[s + 1])`. */
  readonly indptr: Uint32Array;
}

/** The definitions of a vocabulary, over arrays of their own: who does not need them never has them in memory. */
export class ConceptDefinitions implements Definitions {
  readonly languages: readonly string[];
  private readonly data: ModelData;
  private readonly table: DefinitionTable;
  private readonly ranks = new Map<string, Uint8Array>();

  /** @throws {ModelError} `model-incompatible` for a newer format, `model-damaged` */
  constructor(data: ModelData) {
    const { format, formatVersion, languages } = data.meta;
    const isList = Array.isArray(languages) && languages.every((each) => typeof each === 'string');
    if (format !== FORMAT || typeof formatVersion !== 'number' || !isList) throw damaged('they are none of Catchword');
    if (formatVersion > FORMAT_VERSION) {
      throw new ModelError(
        'model-incompatible',
        `Cannot open definitions: their format is version ${formatVersion}, this program reads ${FORMAT_VERSION}`,
        { hint: 'Update Catchword, or load the vocabulary again.', context: { formatVersion } },
      );
    }
    const { textBytes, textOffsets, language, indptr } = viewArrays(data.pack);
    const isWhole =
      textBytes instanceof Uint8Array &&
      textOffsets instanceof Uint32Array &&
      language instanceof Uint16Array &&
      indptr instanceof Uint32Array;
    if (!isWhole || textOffsets.length !== language.length + 1 || indptr.at(-1) !== language.length) {
      throw damaged('arrays are missing or do not fit together');
    }
    this.data = data;
    this.languages = languages as readonly string[];
    this.table = { languages: this.languages, texts: new StringTable(textBytes, textOffsets), language, indptr };
  }

  static fromTable({ languages, texts, language, indptr }: DefinitionTable): ConceptDefinitions {
    const arrays = { textBytes: texts.bytes, textOffsets: texts.offsets, language, indptr };
    return new ConceptDefinitions({
      meta: { format: FORMAT, formatVersion: FORMAT_VERSION, languages },
      pack: packArrays(arrays),
    });
  }

  /** A text of a region's language (`en-GB` for `en`), else one without language stands in where the subject has none. */
  definition(id: SubjectId, language: string): string | undefined {
    const ranks = this.ranksFor(language);
    const { indptr, language: languageOf, texts } = this.table;
    let best = -1;
    let bestRank = RANK_NONE;
    for (let k = indptr[id] ?? 0; k < (indptr[id + 1] ?? 0) && bestRank !== RANK_EXACT; k++) {
      const rank = ranks[languageOf[k] as number] as number;
      if (rank <= bestRank) continue;
      best = k;
      bestRank = rank;
    }
    return best < 0 ? undefined : texts.get(best);
  }

  /** @returns the texts of a subject in all languages */
  all(id: SubjectId): { readonly text: string; readonly language: string }[] {
    const { indptr, language, texts } = this.table;
    const found: { text: string; language: string }[] = [];
    for (let k = indptr[id] ?? 0; k < (indptr[id + 1] ?? 0); k++) {
      found.push({ text: texts.get(k), language: this.languages[language[k] as number] ?? '' });
    }
    return found;
  }

  toModelData(): ModelData {
    return this.data;
  }

  private ranksFor(language: string): Uint8Array {
    let ranks = this.ranks.get(language);
    if (!ranks) {
      ranks = languageRanks(this.languages, language);
      this.ranks.set(language, ranks);
    }
    return ranks;
  }
}

/** @param rowOf the row of each new id, or -1 for subjects that are gone */
export function rearrangedDefinitions(table: DefinitionTable, rowOf: Int32Array): DefinitionTable {
  const order = new Uint32Array(table.texts.length);
  const indptr = new Uint32Array(rowOf.length + 1);
  let n = 0;
  for (let id = 0; id < rowOf.length; id++) {
    const row = rowOf[id] as number;
    if (row >= 0) {
      for (let k = table.indptr[row] as number; k < (table.indptr[row + 1] as number); k++) order[n++] = k;
    }
    indptr[id + 1] = n;
  }
  return {
    languages: table.languages,
    texts: gatherStrings(table.texts, order),
    language: Uint16Array.from(order, (k) => table.language[k] as number),
    indptr,
  };
}

function damaged(what: string): ModelError {
  return new ModelError('model-damaged', `Cannot open the definitions of a vocabulary: ${what}`, {
    hint: 'Load the vocabulary again: catchword load-vocab.',
  });
}
