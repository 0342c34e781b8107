import type { XmlHandlers } from '@catchword/input';

/** An opening tag. */
interface OpenTag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Opening tags that were met, as written: a file of records has some hundreds, over and over. */
const knownTags = new Map<string, OpenTag>();
const MOST_TAGS = 1 << 12;
/** Of a tag that is kept. */
const MOST_TAG_LENGTH = 100;
/** Records nest three deep. */
const MOST_DEPTH = 8;

const NAME = '[A-Za-z][\\w.-]*(?::[A-Za-z][\\w.-]*)?';
const OPEN_TAG = new RegExp(`^<(${NAME})((?: +${NAME}="[^"<&\\t\\n]*")*) *>$`);
const ATTRIBUTES = new RegExp(`(${NAME})="([^"]*)"`, 'g');
/** Controls, line ends that XML would change, and halves of characters. */
const UNUSUAL = /[^\t\n\x20-\ud7ff\ue000-\ufffd]/;
const OTHER_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos);)/;
const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads an element of XML as nearly all records are written: tags with attributes in double quotes, and text with no references but
 * the five that XML itself has. It takes a fraction of a parser's time, and tells the very same.
 *
 * @returns false for everything else, well-formed or not: that is a parser's, and what was told until then is void
 */
export function readPlainXml(source: string, handlers: Required<XmlHandlers>): boolean {
  if (UNUSUAL.test(source)) return false;
  const open: string[] = [];
  for (let at = 0; at < source.length; ) {
    if (source[at] !== '<') {
      const next = source.indexOf('<', at);
      if (next < 0 || open.length === 0 || !readText(source.slice(at, next), handlers)) return false;
      at = next;
    }
    const end = source.indexOf('>', at) + 1;
    if (end === 0) return false;
    if (source[at + 1] === '/') {
      const name = open.pop();
      if (name === undefined || end - at !== name.length + 3 || !source.startsWith(name, at + 2)) return false;
      handlers.close(name, end);
      if (open.length === 0) return end === source.length;
    } else {
      const tag = openTag(source.slice(at, end));
      if (!tag || open.length === MOST_DEPTH) return false;
      open.push(tag.name);
      handlers.open(tag.name, tag.attributes, at, end);
    }
    at = end;
  }
  return false;
}

function readText(text: string, handlers: Required<XmlHandlers>): boolean {
  if (text.includes(']]>')) return false;
  if (!text.includes('&')) handlers.text(text);
  else if (OTHER_REFERENCE.test(text)) return false;
  else handlers.text(text.replace(/&(\w+);/g, (_, name: string) => CHARACTERS[name] as string));
  return true;
}

function openTag(found: string): OpenTag | undefined {
  const known = knownTags.get(found);
  if (known) return known;
  // A part of a string keeps the whole in memory, which is the text of a record.
  const text = found.length > MOST_TAG_LENGTH ? found : Buffer.from(found).toString();
  const [, name, written = ''] = OPEN_TAG.exec(text) ?? [];
  if (name === undefined) return undefined;
  const attributes: Record<string, string> = Object.create(null);
  for (const [, key, value] of written.matchAll(ATTRIBUTES) as Iterable<[string, string, string]>) {
    if (key in attributes) return undefined;
    attributes[key] = value;
  }
  const tag = { name, attributes };
  if (text.length > MOST_TAG_LENGTH) return tag;
  if (knownTags.size >= MOST_TAGS) knownTags.clear();
  knownTags.set(text, tag);
  return tag;
}
