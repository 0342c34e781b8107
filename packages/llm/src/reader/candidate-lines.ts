import type { BackendContext, Definitions, SubjectId, Vocabulary } from '@catchword/core';

/** Broader concepts that are shown above a candidate. */
const MOST_LEVELS = 3;
const MOST_LABEL_CHARACTERS = 200;

/** Describes subjects in a line each: label, notation, the way up to broader concepts, and what it means. */
export class CandidateLines {
  private readonly vocabulary: Vocabulary;
  private readonly language: string;
  private readonly definitions: Definitions | undefined;
  private readonly definitionCharacters: number;

  /** @param definitionCharacters so much of a definition is shown at most; 0 for none */
  constructor(
    { vocabulary, language, definitions }: Pick<BackendContext, 'vocabulary' | 'language' | 'definitions'>,
    definitionCharacters: number,
  ) {
    this.vocabulary = vocabulary;
    this.language = language;
    this.definitions = definitionCharacters > 0 ? definitions : undefined;
    this.definitionCharacters = definitionCharacters;
  }

  /** @returns for example `rivers (551.48) < waters < nature [Natural streams of water.]` */
  line(id: SubjectId): string {
    const notation = this.vocabulary.notation(id);
    const way: string[] = [];
    const seen = new Set([id]);
    for (let above = this.broader(id); above !== undefined && way.length < MOST_LEVELS; above = this.broader(above)) {
      if (seen.has(above)) break; // a circle of broader concepts
      seen.add(above);
      way.push(this.label(above));
    }
    const place = [`${this.label(id)}${notation ? ` (${oneLine(notation)})` : ''}`, ...way].join(' < ');
    const definition = this.definition(id);
    return definition === undefined ? place : `${place} [${definition}]`;
  }

  /** @returns the label in the project's language, or in any */
  label(id: SubjectId): string {
    const { vocabulary } = this;
    const label = vocabulary.label(id, this.language) ?? this.anyLabel(id) ?? vocabulary.uri(id);
    return oneLine(label);
  }

  /** @returns the beginning of the definition in the project's language, in English, or in any */
  private definition(id: SubjectId): string | undefined {
    const { definitions, language, definitionCharacters: most } = this;
    for (const each of definitions ? [language, 'en', ...definitions.languages] : []) {
      const text = definitions?.definition(id, each)?.replace(BREAKS, ' ').trim();
      if (text) return shortened(text, most);
    }
    return undefined;
  }

  private anyLabel(id: SubjectId): string | undefined {
    for (const language of this.vocabulary.languages) {
      const label = this.vocabulary.label(id, language);
      if (label !== undefined) return label;
    }
    return undefined;
  }

  private broader(id: SubjectId): SubjectId | undefined {
    const { indptr, indices } = this.vocabulary.broader;
    const from = indptr[id] ?? 0;
    return from < (indptr[id + 1] ?? 0) ? indices[from] : undefined;
  }
}

/** A label with line ends could pass for another candidate. */
const BREAKS = /[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+/g;

function oneLine(text: string): string {
  return text.replace(BREAKS, ' ').trim().slice(0, MOST_LABEL_CHARACTERS);
}

/** @returns a text of at most so many characters, cut between words where that costs less than half of it */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '');
  const space = cut.lastIndexOf(' ');
  return `${(space > most / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
