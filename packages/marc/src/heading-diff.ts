import type { HeadingChange } from './headings.js';
import type { NewField } from './marc-record.js';

/**
 * Says what a run changes in a record, a line for each field: `- ` before one that goes, `+ ` before one that comes.
 *
 * @returns no lines where nothing changes
 */
export function headingDiff({ removed, added }: HeadingChange): string[] {
  return [...removed.map((field) => `- ${fieldLine(field)}`), ...added.map((field) => `+ ${fieldLine(field)}`)];
}

/** @returns a data field as cataloguers write it: `650 _7 $a cats $2 yso/eng` */
export function fieldLine({ tag, indicators, subfields }: NewField): string {
  const values = subfields.map(({ code, value }) => `$${code} ${value.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')}`);
  return [tag, indicators.replaceAll(' ', '_'), ...values].join(' ');
}
