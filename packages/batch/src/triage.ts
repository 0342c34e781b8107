import { basename, dirname, extname, join } from 'node:path';
import type { Document, SuggestionBatch } from '@catchword/core';
import type { ResultFormat } from '@catchword/corpus';
import type { JobPlan } from './job.js';
import { certainty } from './unit-progress.js';

/** Where a document goes: its subjects are taken over, a person looks at it, or it is left. */
export const TRIAGE = ['accept', 'review', 'leave'] as const;

/** The rules of a plan; documents go by their confidence, or by their best score where there is none. */
export type TriageRules = Pick<JobPlan, 'acceptAbove' | 'reviewAbove'>;

/** @returns whether documents are sorted at all */
export function hasTriage({ acceptAbove, reviewAbove }: TriageRules): boolean {
  return acceptAbove !== undefined || reviewAbove !== undefined;
}

/** @returns the place in `TRIAGE`; 0 where documents are not sorted. Without a rule nothing reaches its group. */
export function triageOf(rules: TriageRules, suggestions: SuggestionBatch, row: number): number {
  if (!hasTriage(rules)) return 0;
  const { acceptAbove = Number.POSITIVE_INFINITY, reviewAbove = Number.POSITIVE_INFINITY } = rules;
  const value = certainty(suggestions, row);
  if (value >= acceptAbove) return 0;
  return value >= reviewAbove ? 1 : 2;
}

/** @returns the three files in place of one: `a.annif.jsonl` gives `a.annif.accept.jsonl` and so on */
export function triagePaths(path: string): string[] {
  const packed = path.endsWith('.gz') ? '.gz' : '';
  const name = packed ? path.slice(0, -packed.length) : path;
  const extension = extname(name);
  const stem = join(dirname(name), basename(name, extension));
  return TRIAGE.map((group) => `${stem}.${group}${extension}${packed}`);
}

/**
 * The lines of the file that people look through: those of the format, with a last key `decisions`, an empty list that the
 * tool they do it with fills: `{"uri": …, "action": "accepted" | "rejected" | "added"}`, as the server takes feedback.
 *
 * @param format writes JSON objects, a line each
 */
export function reviewFormat(format: ResultFormat): ResultFormat {
  return {
    ...format,
    piece(document: Document, suggestions: SuggestionBatch, row: number) {
      const line = format.piece(document, suggestions, row);
      const text = typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
      return text.replace(/\}\n$/, ', "decisions": []}\n');
    },
  };
}
