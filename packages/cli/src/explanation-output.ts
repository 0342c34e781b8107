import type { Contribution, Explanation, RecordEvidence, TextEvidence } from '@catchword/core';

/** A place in the text, as JSON shows it. */
export interface EvidencePlace extends TextEvidence {
  /** The words themselves. */
  readonly words: string;
  /** From 1. */
  readonly line: number;
  readonly snippet: string;
}

const KINDS: Readonly<Record<TextEvidence['kind'], string>> = {
  label: 'word for word',
  form: 'in another form',
  words: 'its words apart',
  part: 'some of its words',
  compound: 'as part of a compound',
  related: 'by a related subject',
  term: 'in the text',
  meaning: 'near in meaning',
};
const MAX_PLACES = 3;
const MAX_TERMS = 3;
const MAX_CONTRIBUTIONS = 5;
const MAX_RECORDS = 5;
const CONTEXT = 40;
/** Control characters, halves of pairs and all white space. */
const UNPRINTABLE = /[\s\x00-\x1f\x7f-\x9f\p{Surrogate}]+/gu;
/** On the scale of log odds; less changes no score that is shown with four digits. */
const MIN_WEIGHT = 0.005;
/** Of the score. */
const MIN_SHARE = 0.01;

/** @returns the evidence with its words, line and surroundings */
export function evidencePlaces(text: string, explanation: Explanation): EvidencePlace[] {
  const lineAt = lineCounter(text);
  return explanation.evidence.map((evidence) => ({
    ...evidence,
    words: text.slice(evidence.start, evidence.end),
    line: lineAt(evidence.start),
    snippet: snippet(text, evidence, (words) => words),
  }));
}

/**
 * Tells in lines for a terminal why a subject was suggested: the labels that were found, then terms of similar records, where, and what counted.
 *
 * @param emphasise marks the words that were found
 */
export function explanationLines(
  text: string,
  explanation: Explanation,
  emphasise: (words: string) => string,
): string[] {
  const lines: string[] = [];
  const lineAt = lineCounter(text);
  const groups = new Map<string, TextEvidence[]>();
  const terms = termsThatCount(explanation);
  for (const evidence of labelsFirst(explanation.evidence)) {
    if (evidence.kind === 'term' && !terms.has(evidence.label)) continue;
    const heading = `"${evidence.label}" ${KINDS[evidence.kind]}`;
    groups.set(heading, [...(groups.get(heading) ?? []), evidence]);
  }
  for (const [heading, places] of groups) {
    lines.push(`    ${heading}${places.length > 1 ? `, ${places.length} times` : ''}:`);
    for (const place of places.slice(0, MAX_PLACES)) {
      lines.push(`      line ${lineAt(place.start)}: ${snippet(text, place, emphasise)}`);
    }
    if (places.length > MAX_PLACES) lines.push(`      … and ${places.length - MAX_PLACES} more`);
  }
  if (groups.size === 0) lines.push('    no words of the text speak for it directly');
  for (const { projectId, score, rank } of explanation.sources ?? []) {
    const given = score === null ? 'does not suggest it' : `${score.toFixed(4)}, rank ${rank}`;
    lines.push(`    source ${projectId}: ${given}`);
  }
  lines.push(...contributionLines(explanation), ...recordLines(explanation.records ?? []));
  return lines;
}

/** @returns the places of labels, then those of mere terms of similar records; each in the order of the text */
function labelsFirst(evidence: readonly TextEvidence[]): TextEvidence[] {
  return [...evidence.filter(({ kind }) => kind !== 'term'), ...evidence.filter(({ kind }) => kind === 'term')];
}

/** @returns of the terms that records with the subject have and the text shows, those that count most: any text shares small words with them */
function termsThatCount({ evidence, contributions, sources = [] }: Explanation): ReadonlySet<string> {
  const weights = new Map<string, number>();
  for (const { kind, label } of evidence) if (kind === 'term') weights.set(label, 0);
  for (const { feature, weight } of [...contributions, ...sources.flatMap((source) => source.contributions)]) {
    const before = weights.get(feature);
    if (before !== undefined) weights.set(feature, Math.max(weight, before));
  }
  const ordered = [...weights].sort((a, b) => b[1] - a[1]).map(([label]) => label);
  return new Set(ordered.slice(0, MAX_TERMS));
}

function contributionLines({ contributions, scale = 'log-odds', score }: Explanation): string[] {
  if (scale === 'share') {
    const share = ({ weight }: Contribution) => (score > 0 ? weight / score : 0);
    const counted = contributions.filter((contribution) => Math.abs(share(contribution)) >= MIN_SHARE);
    return headed('    what the score comes from:', counted.slice(0, MAX_CONTRIBUTIONS), (contribution) => {
      return `      ${`${Math.round(share(contribution) * 100)} %`.padStart(5)}  ${contribution.text}`;
    });
  }
  const counted = contributions.filter(({ weight }) => Math.abs(weight) >= MIN_WEIGHT);
  const heading = '    counted for (+) and against (-), in log odds:';
  return headed(heading, counted.slice(0, MAX_CONTRIBUTIONS), ({ text: reason, weight, value }) => {
    return `      ${weight > 0 ? '+' : '-'}${Math.abs(weight).toFixed(2)}  ${reason}${measured(reason, value)}`;
  });
}

function recordLines(records: readonly RecordEvidence[]): string[] {
  const printable = (s: string) => s.replace(UNPRINTABLE, ' ');
  return headed('    similar records that have it:', records.slice(0, MAX_RECORDS), (record) => {
    const { documentId, title, similarity, nearDuplicate } = record;
    const id = documentId === undefined ? '' : `  ${printable(documentId)}`;
    return `      ${similarity.toFixed(2)}${id}  ${printable(title)}${nearDuplicate ? ' (nearly the same text)' : ''}`;
  });
}

function headed<T>(heading: string, items: readonly T[], line: (item: T) => string): string[] {
  return items.length > 0 ? [heading, ...items.map(line)] : [];
}

/**
 * The value behind the reason where a reader can make something of it: a share, a yes or no, and zero, which is none on
 * every scale. Other values are on scales of the model (logarithms, idf), and stand in the JSON alone.
 */
function measured(reason: string, value: number | null): string {
  if (value === null) return '';
  if (reason.startsWith('the ')) return value > 0 ? ' (yes)' : ' (no)';
  const isShare = /^(share|how much) of /.test(reason);
  return isShare || value === 0 ? ` (${Number(value.toPrecision(2))})` : '';
}

/** Cuts out the words with what stands around them, on one line, at most CONTEXT characters on either side. */
function snippet(text: string, { start, end }: TextEvidence, emphasise: (words: string) => string): string {
  const onOneLine = (s: string) => s.replace(UNPRINTABLE, ' ');
  const before = text.slice(Math.max(0, start - CONTEXT), start);
  const after = text.slice(end, end + CONTEXT);
  const from = start > CONTEXT ? `…${before.replace(/^\S*\s/, '')}` : before;
  const to = end + CONTEXT < text.length ? `${after.replace(/\s\S*$/, '')}…` : after;
  return `${onOneLine(from).trimStart()}${emphasise(onOneLine(text.slice(start, end)))}${onOneLine(to).trimEnd()}`;
}

/** @returns a function from a position to its line, from 1; quick for many positions */
function lineCounter(text: string): (position: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (position) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
