import { OperationError, type SubjectIndex, type SuggestionBatch } from '@catchword/core';
import { labelLanguages, type Project } from '@catchword/project';

/** A suggestion as Annif's REST interface gives it. */
export interface SuggestedSubject {
  readonly uri: string;
  readonly label: string | null;
  readonly notation: string | null;
  readonly score: number;
}

/**
 * @param wanted the option `--language`
 * @returns the language that labels are shown in
 * @throws {OperationError} `language-not-supported` if the vocabulary has no labels in it
 */
export async function outputLanguage(project: Project, wanted: string | undefined): Promise<string> {
  const { vocabulary, language } = await project.vocabulary();
  if (wanted === undefined) return language;
  const languages = labelLanguages(vocabulary);
  // Labels of a region (en-GB) stand in for those of its language.
  if (languages.some((known) => known === wanted || known.startsWith(`${wanted}-`))) return wanted;
  throw new OperationError(
    'language-not-supported',
    `Invalid value: language "${wanted}" not supported by vocabulary`,
    { hint: `Languages of the vocabulary: ${languages.join(', ')}.`, context: { language: wanted } },
  );
}

/** @returns the suggestions of document `row` */
export function suggestedSubjects(
  subjects: SubjectIndex,
  batch: SuggestionBatch,
  row: number,
  language: string,
): SuggestedSubject[] {
  return batch.row(row).map(({ subjectId, score }) => ({
    uri: subjects.uri(subjectId),
    label: subjects.label(subjectId, language) ?? null,
    notation: subjects.notation(subjectId) ?? null,
    score,
  }));
}
