import type { Consultation, SubjectIndex, SuggestionBatch } from '@catchword/core';
import { suggestedSubjects } from './suggestion-output.js';
import { formatTable } from './table.js';
import { usageLine } from './usage-output.js';

/** Questions that are shown whole; of those of a kind the further ones differ in a line. */
const MOST_SHOWN = 2;

/** @returns what was asked and answered, what it cost, and what became of the suggestions, for people */
export function consultationLines(consultation: Consultation, subjects: SubjectIndex, language: string): string[] {
  const { questions, usage, reason } = consultation;
  const lines: string[] = [];
  for (const [i, { messages, answer, failure }] of questions.slice(0, MOST_SHOWN).entries()) {
    for (const { role, content } of messages) lines.push(`--- question ${i + 1}, ${role}`, content);
    if (answer !== undefined) lines.push(`--- answer ${i + 1}`, answer);
    if (failure !== undefined) lines.push(`--- failure ${i + 1}`, failure);
  }
  if (questions.length > MOST_SHOWN) lines.push(`--- and ${questions.length - MOST_SHOWN} questions more`);
  lines.push(`--- cost`, reason === undefined ? usageLine(usage) : `Nothing was asked: ${reason}`, '--- effect');
  lines.push(...effectLines(consultation, subjects, language));
  const { warnings } = consultation.after;
  if (warnings.length > 0) lines.push('--- warnings', ...warnings);
  return lines;
}

function effectLines({ before, after, grades }: Consultation, subjects: SubjectIndex, language: string): string[] {
  const places = placesOf(before);
  const shown = suggestedSubjects(subjects, after, 0, language);
  const rows = shown.map(({ uri, label, score }, rank) => {
    const id = after.subjectIds[rank] as number;
    const was = places.get(id);
    const grade = grades.get(id);
    return [
      ...[String(rank + 1), was === undefined ? '-' : String(was.rank)],
      ...[score.toFixed(4), was === undefined ? '-' : was.score.toFixed(4)],
      ...[grade === undefined ? '-' : grade.toFixed(2), `<${uri}>`, label ?? '-'],
    ];
  });
  const table = formatTable(['Rank', 'Was', 'Score', 'Was', 'Opinion', 'URI', 'Label'], rows);
  return table.trimEnd().split('\n');
}

function placesOf(batch: SuggestionBatch): Map<number, { rank: number; score: number }> {
  return new Map(batch.row(0).map(({ subjectId, score }, i) => [subjectId, { rank: i + 1, score }]));
}

/** @returns the same as JSON */
export function consultationJson(consultation: Consultation, subjects: SubjectIndex, language: string): object {
  const { questions, grades, usage, before, after, reason } = consultation;
  return {
    ...(reason === undefined ? undefined : { reason }),
    questions,
    usage,
    opinions: [...grades].map(([id, opinion]) => ({ uri: subjects.uri(id), opinion })),
    before: suggestedSubjects(subjects, before, 0, language),
    after: suggestedSubjects(subjects, after, 0, language),
    ...(after.warnings.length > 0 ? { warnings: after.warnings } : undefined),
  };
}
