import { Parser } from 'htmlparser2';
import { ExtractionError } from './extraction.js';

/** The parser's work for an element grows with its depth. */
const MOST_DEPTH = 5000;

/** How the text of a kind of markup is read. */
export interface MarkupRules {
  /** XML: names count as they are written, and nothing is closed by itself. */
  readonly isXml: boolean;
  /** Elements that begin and end a line. */
  readonly blocks: ReadonlySet<string>;
  /** Elements whose content is no text. */
  readonly skipped: ReadonlySet<string>;
  /** Elements that stand for a character: a tab, the end of a line. */
  readonly characters: Readonly<Record<string, string>>;
  /** Elements whose text alone is read; absent: all. */
  readonly only?: ReadonlySet<string>;
  /** Whether the format forbids a DTD: one that has it was made by no word processor. */
  readonly hasNoDtd?: boolean;
}

const words = (text: string) => new Set(text.split(' '));

export const HTML: MarkupRules = {
  isXml: false,
  blocks: words(
    'address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 ' +
      'header hr legend li main nav ol option p pre section summary table tbody td tfoot th thead title tr ul',
  ),
  skipped: words('script style template noscript svg math head iframe object select textarea button'),
  characters: { br: '\n', wbr: '' },
};

export const XHTML: MarkupRules = { ...HTML, isXml: true };

/** Office Open XML (ECMA-376 part 2 forbids DTDs): text stands in w:t alone. */
export const DOCX: MarkupRules = {
  isXml: true,
  blocks: words('w:p w:tr w:tc'),
  skipped: words('w:instrText w:del w:delText mc:Fallback'),
  characters: { 'w:tab': '\t', 'w:br': '\n', 'w:cr': '\n', 'w:noBreakHyphen': '-' },
  only: words('w:t'),
  hasNoDtd: true,
};

export const ODT: MarkupRules = {
  isXml: true,
  blocks: words('text:p text:h text:list-item table:table-row table:table-cell'),
  skipped: words('office:annotation text:tracked-changes office:styles office:automatic-styles office:scripts'),
  characters: { 'text:tab': '\t', 'text:line-break': '\n', 'text:s': ' ' },
};

/**
 * Reads the text of HTML or XML as one stream: nothing is fetched, and entities of a DTD are not expanded.
 *
 * @returns lines without blanks at their ends, at most one empty line between them
 * @throws {ExtractionError} `too-large` where elements are nested deeper than any text needs; `damaged` for a DTD where there
 *   must be none
 */
export function markupText(source: string, rules: MarkupRules): string {
  const pieces: string[] = [];
  let depth = 0;
  let skipDepth = 0;
  let onlyDepth = 0;
  const parser = new Parser(
    {
      onopentag(name) {
        if (++depth > MOST_DEPTH)
          throw new ExtractionError('too-large', `Elements are nested deeper than ${MOST_DEPTH}`);
        if (rules.skipped.has(name)) skipDepth++;
        if (rules.only?.has(name)) onlyDepth++;
        if (skipDepth > 0) return;
        const character = rules.characters[name];
        if (character !== undefined) pieces.push(character);
        else if (rules.blocks.has(name)) pieces.push('\n');
      },
      onprocessinginstruction(name) {
        if (rules.hasNoDtd && name.toLowerCase() === '!doctype')
          throw new ExtractionError('damaged', 'The file is damaged: it has a DTD, which its format forbids');
      },
      ontext(text) {
        if (skipDepth > 0 || (rules.only && onlyDepth === 0)) return;
        // Where only some elements hold text, blanks in them are meant.
        pieces.push(rules.only ? text : text.replace(/\s+/g, ' '));
      },
      onclosetag(name) {
        depth--;
        if (rules.skipped.has(name)) skipDepth--;
        if (rules.only?.has(name)) onlyDepth--;
        if (skipDepth === 0 && rules.blocks.has(name)) pieces.push('\n');
      },
    },
    { xmlMode: rules.isXml, decodeEntities: true },
  );
  parser.end(source);
  return tidyLines(pieces.join(''));
}

/** Linear in the text, whatever stands in it. */
export function tidyLines(text: string): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed !== '' || (lines.length > 0 && lines.at(-1) !== '')) lines.push(trimmed);
  }
  if (lines.at(-1) === '') lines.pop();
  return lines.join('\n');
}
