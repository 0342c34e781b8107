/** A form of a label that a text may use. */
export interface LabelVariant {
  readonly text: string;
  /** A qualifier in parentheses was taken off: `Mercury` of `Mercury (planet)`. */
  readonly stripped: boolean;
  /** The parts around a comma changed places: `William Shakespeare` of `Shakespeare, William`. */
  readonly inverted: boolean;
}

/**
 * Lists the forms of a label that a text may use, the label itself first.
 *
 * @returns the label as it is; without its qualifiers in parentheses; with the two parts around its only comma exchanged
 */
export function labelVariants(label: string): LabelVariant[] {
  const variants: LabelVariant[] = [{ text: label, stripped: false, inverted: false }];
  const bare = withoutQualifiers(label);
  const stripped = bare !== label && bare.length > 0;
  if (stripped) variants.push({ text: bare, stripped: true, inverted: false });
  const base = stripped ? bare : label;
  const comma = base.indexOf(', ');
  if (comma > 0 && base.indexOf(',', comma + 1) < 0) {
    variants.push({ text: `${base.slice(comma + 2)} ${base.slice(0, comma)}`, stripped, inverted: true });
  }
  return variants;
}

function withoutQualifiers(label: string): string {
  let out = '';
  let depth = 0;
  let from = 0;
  for (let i = 0; i < label.length; i++) {
    const c = label[i];
    if (c === '(' || c === '[') {
      if (depth++ === 0) out += label.slice(from, i);
    } else if ((c === ')' || c === ']') && depth > 0) {
      if (--depth === 0) from = i + 1;
    }
  }
  if (depth > 0) return label; // unbalanced: not a qualifier
  out += label.slice(from);
  return out.replace(/\s+/gu, ' ').trim();
}
