import { firstSubfield, type MarcField, type MarcRecord, subfieldValues } from './marc-record.js';

/** What an 883 says of a field that it is linked with. */
export interface Provenance {
  /** Place of the 883 among the record's fields. */
  readonly field: number;
  /** The links of `$8`: numbers of the type p. */
  readonly links: readonly string[];
  /** Nobody looked at it: the first indicator 0, or the words that Germany's national library wrote before there was one. */
  readonly isMachine: boolean;
  readonly process: string;
  readonly agency: string;
  readonly confidence: string;
}

/** @returns whether a record has any 883 */
export function hasProvenance({ tags }: MarcRecord): boolean {
  return tags.includes('883');
}

/** @returns all 883 of a record */
export function provenances(record: MarcRecord): Provenance[] {
  const found: Provenance[] = [];
  for (let i = record.tags.indexOf('883'); i >= 0; i = record.tags.indexOf('883', i + 1)) {
    found.push(provenanceOf(record.field(i), i));
  }
  return found;
}

/** @returns whether any field of a record has a link ($8) */
export function hasLinks(record: MarcRecord): boolean {
  const { bytes, layout } = record;
  if (layout.format === 'iso2709') return layout.block.hasLink(layout.from, layout.from + bytes.length);
  return record.fields.some(({ marked }) => marked.includes('\x1f8'));
}

function provenanceOf(field: MarcField, i: number): Provenance {
  const process = firstSubfield(field, 'a') ?? '';
  const first = field.indicators[0];
  return {
    field: i,
    links: provenanceLinks(field),
    isMachine: first === '0' || (first === ' ' && /^maschinell/i.test(process)),
    process,
    agency: firstSubfield(field, 'q') ?? '',
    confidence: firstSubfield(field, 'c') ?? '',
  };
}

/** @returns the numbers by which a field is linked with an 883: `3` for `$8 3\p`, sequence numbers left out */
export function provenanceLinks(field: MarcField): string[] {
  return subfieldValues(field, '8').flatMap((link) => /^(\d+)(?:\.\d+)?\\p$/.exec(link.trim())?.[1] ?? []);
}

/** @returns the highest number of any link in a record, of whatever type; 0 where there is none */
export function highestLink(record: MarcRecord, leftOut: ReadonlySet<number> = new Set()): number {
  let highest = 0;
  record.fields.forEach((field, i) => {
    if (leftOut.has(i)) return;
    for (const link of subfieldValues(field, '8')) {
      const number = Number(/^\s*(\d{1,6})/.exec(link)?.[1] ?? 0);
      if (number > highest) highest = number;
    }
  });
  return highest;
}
