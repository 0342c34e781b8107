import type { SubjectId, Vocabulary } from '@catchword/core';

/** Broader concepts that are shown above a candidate. */
const MOST_LEVELS = 3;
const MOST_LABEL_CHARACTERS = 200;

/**
 * Describes subjects in a line each: label, notation, and the way up to broader concepts.
 *
 * Definitions would help with homonyms; a vocabulary does not keep them.
 */
export class CandidateLines {
  private readonly vocabulary: Vocabulary;
  private readonly language: string;

  constructor(vocabulary: Vocabulary, language: string) {
    this.vocabulary = vocabulary;
    this.language = language;
  }

  /** @returns for example `rivers (551.48) < waters < nature` */
  line(id: SubjectId): string {
    const notation = this.vocabulary.notation(id);
    const way: string[] = [];
    const seen = new Set([id]);
    for (let above = this.broader(id); above !== undefined && way.length < MOST_LEVELS; above = this.broader(above)) {
      if (seen.has(above)) break; // a circle of broader concepts
      seen.add(above);
      way.push(this.label(above));
    }
    return [`${this.label(id)}${notation ? ` (${oneLine(notation)})` : ''}`, ...way].join(' < ');
  }

  /** @returns the label in the project's language, or in any */
  label(id: SubjectId): string {
    const { vocabulary } = this;
    const label = vocabulary.label(id, this.language) ?? this.anyLabel(id) ?? vocabulary.uri(id);
    return oneLine(label);
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
function oneLine(text: string): string {
  return text
    .replace(/[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, MOST_LABEL_CHARACTERS);
}
