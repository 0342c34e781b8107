import { isControlTag, type MarcRecord, SUBFIELD_MARK } from './marc-record.js';

/** Which fields, and what of them: `245$a$b`, `505`, `008/35-37`, `LDR/6`, `6XX$a`. */
export interface FieldSpec {
  /** As it was written. */
  readonly text: string;
  /** Three characters, X for any digit; `LDR` is the leader. */
  readonly tag: string;
  /** Codes of subfields; empty: all that are letters. */
  readonly codes: string;
  /** Places in the value, from 0, both included. */
  readonly range: readonly [from: number, to: number] | undefined;
}

/** @returns undefined for what is no such text */
export function parseFieldSpec(text: string): FieldSpec | undefined {
  const match = /^(LDR|[0-9X]{3}|[0-9A-Z]{3})((?:\$[0-9a-z])*)(?:\/(\d{1,4})(?:-(\d{1,4}))?)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, tag = '', codes = '', from, to] = match;
  const range = from === undefined ? undefined : ([Number(from), Number(to ?? from)] as const);
  const hasValue = tag === 'LDR' || tag.startsWith('00');
  if ((hasValue && codes !== '') || (range && range[0] > range[1])) return undefined;
  return { text: text.trim(), tag, codes: codes.replaceAll('$', ''), range };
}

/** @returns whether a tag is one that the specification names */
export function hasTag(spec: string, tag: string): boolean {
  if (!spec.includes('X')) return spec === tag;
  for (let i = 0; i < 3; i++) if (spec[i] !== 'X' && spec[i] !== tag[i]) return false;
  return true;
}

/** @returns for each field that the specification names its text, where it has one */
export function specValues(record: MarcRecord, spec: FieldSpec): string[] {
  if (spec.tag === 'LDR') return nonEmpty(leaderText(record, spec));
  const values: string[] = [];
  const isPattern = spec.tag.includes('X');
  for (const field of record.fields) {
    if (isPattern ? !hasTag(spec.tag, field.tag) : field.tag !== spec.tag) continue;
    const text = fieldText(field.tag, field.marked, spec);
    if (text !== '') values.push(text);
  }
  return values;
}

/** @returns what a specification names of the leader */
export function leaderText({ leader }: MarcRecord, spec: FieldSpec): string {
  return ranged(leader, spec);
}

function nonEmpty(text: string): string[] {
  return text === '' ? [] : [text];
}

/**
 * @param marked all of a field in one text
 * @returns what a specification names of it; `''` where it has nothing of it
 */
export function fieldText(tag: string, marked: string, spec: FieldSpec): string {
  if (isControlTag(tag)) return ranged(marked, spec);
  const { codes } = spec;
  let text = '';
  for (let at = marked.indexOf(SUBFIELD_MARK); at >= 0; ) {
    const next = marked.indexOf(SUBFIELD_MARK, at + 1);
    const end = next < 0 ? marked.length : next;
    const code = at + 1 < end ? (marked[at + 1] as string) : '';
    if (codes === '' ? code >= 'a' && code <= 'z' : codes.includes(code)) {
      const value = marked.slice(at + 2, end).trim();
      text = text === '' ? value : `${text} ${value}`;
    }
    at = next;
  }
  return text === '' ? '' : ranged(tidy(text), spec);
}

function ranged(text: string, { range }: FieldSpec): string {
  return (range ? text.slice(range[0], range[1] + 1) : text).trim();
}

/** In composed form whatever stands beside it, and no control. */
const PLAIN = /^[ -~\xa0-\u02ff]*$/;

/** @returns the text in composed form (NFC) */
export function composed(text: string): string {
  return PLAIN.test(text) ? text : text.normalize('NFC');
}

/** Leaves out the marks of what is not for sorting, and the punctuation that only leads over to the next subfield. */
function tidy(text: string): string {
  const clean = PLAIN.test(text) ? text : withoutControls(text.normalize('NFC')).trimEnd();
  return LEADING_OVER.includes(clean.at(-1) ?? ' ') ? clean.slice(0, -1).trimEnd() : clean;
}

const LEADING_OVER = '/:;,=+';

function withoutControls(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, (controls) => (/[\x09-\x0d]/.test(controls) ? ' ' : ''));
}
