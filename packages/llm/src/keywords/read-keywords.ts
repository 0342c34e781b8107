import { foldLabel } from '@catchword/vocabulary';

const MOST_CHARACTERS = 120;
/** Strings of JSON; an answer may break off in the middle of the last one, which is left out. */
const STRINGS = /"((?:[^"\\]|\\.)*)"\s*(:?)/g;
const BULLET = /^\s*(?:[-*•–]|\d{1,3}[.)])\s*/;

/**
 * Reads keywords from whatever a model wrote: the JSON that was asked for, other JSON with strings in it, or a list in lines.
 *
 * @param most of them, in their order, each once
 */
export function readKeywords(text: string, most: number): string[] {
  const from = text.search(/[[{]/);
  const written = from < 0 ? lines(text) : strings(text.slice(from));
  const seen = new Set<string>();
  const keywords: string[] = [];
  for (const each of written) {
    const keyword = each
      .slice(0, MOST_CHARACTERS)
      .replace(/[\s\x00-\x1f\x7f-\x9f\p{Surrogate}]+/gu, ' ')
      .trim();
    const folded = foldLabel(keyword);
    if (folded === '' || seen.has(folded)) continue;
    seen.add(folded);
    keywords.push(keyword);
    if (keywords.length === most) break;
  }
  return keywords;
}

/** All strings but keys. */
function strings(json: string): string[] {
  const found: string[] = [];
  for (const [whole, inner = '', colon] of json.matchAll(STRINGS)) {
    if (colon === ':') continue;
    try {
      found.push(JSON.parse(whole.replace(/\s+$/, '')) as string);
    } catch {
      found.push(inner);
    }
  }
  return found;
}

/** A list with bullets or numbers; without these a line with commas or semicolons. */
function lines(text: string): string[] {
  const all = text.split('\n').filter((line) => line.trim() !== '');
  const marked = all.filter((line) => BULLET.test(line));
  if (marked.length > 0) return marked.map((line) => line.replace(BULLET, ''));
  const [first = ''] = all;
  // A sentence about why there are none is not a keyword.
  return all.length === 1 && /[;,]/.test(first) ? first.split(/[;,]/) : [];
}
