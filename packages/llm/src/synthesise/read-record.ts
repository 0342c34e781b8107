import { foldLabel } from '@catchword/vocabulary';
import { MARK } from './record-request.js';

/** A record that a model wrote, or why what it wrote is none. */
export type RecordReading = { readonly text: string } | { readonly problem: string };

const TITLE_CHARACTERS = [5, 400] as const;
const ABSTRACT_CHARACTERS = [40, 6000] as const;
/** Runs of so many words tell whether a text was copied. */
const RUN = 5;
const MOST_COPIED = 0.3;

/** Reads a record, and refuses what a program should not learn from. @param example that it must not repeat */
export function readRecord(answer: string, example: string | undefined): RecordReading {
  const record = objectIn(answer);
  if (!record) return { problem: 'the answer is no JSON object' };
  const title = plain(record.title);
  const abstract = plain(record.abstract);
  if (!within(title, TITLE_CHARACTERS)) return { problem: 'there is no title, or it is too short or too long' };
  if (!within(abstract, ABSTRACT_CHARACTERS))
    return { problem: 'there is no abstract, or it is too short or too long' };
  const text = `${title}\n\n${abstract}`;
  if (text.includes(MARK)) return { problem: 'it repeats the question' };
  if (example !== undefined && copiedShare(text, example) > MOST_COPIED) return { problem: 'it repeats the example' };
  return { text };
}

/** The first object of a text that may have prose around it. */
function objectIn(answer: string): Readonly<Record<string, unknown>> | undefined {
  const [from, to] = [answer.indexOf('{'), answer.lastIndexOf('}')];
  if (from < 0 || to < from) return undefined;
  try {
    return JSON.parse(answer.slice(from, to + 1)) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function plain(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.replace(/[\s\x00-\x1f\x7f-\x9f\p{Surrogate}]+/gu, ' ').trim();
}

function within(text: string, [least, most]: readonly [number, number]): boolean {
  return text.length >= least && text.length <= most;
}

/** @returns the share of a text's runs of words that stand in another text */
function copiedShare(text: string, other: string): number {
  const runs = runsOf(text);
  const known = new Set(runsOf(other));
  return runs.length === 0 ? 0 : runs.filter((run) => known.has(run)).length / runs.length;
}

function runsOf(text: string): string[] {
  const words = foldLabel(text).split(' ');
  return words.slice(RUN - 1).map((_, i) => words.slice(i, i + RUN).join(' '));
}
