/** What a parser tells of a text of XML, in its order. Places are in UTF-16 code units of the text. */
export interface XmlHandlers {
  /**
   * @param name as written, with its prefix
   * @param start of `<`
   * @param end behind `>`
   */
  open?(name: string, attributes: Readonly<Record<string, string>>, start: number, end: number): void;
  /** @param text with references resolved; a run of text may come in several pieces */
  text?(text: string): void;
  /** @param end behind `>` */
  close?(name: string, end: number): void;
}

/** XML that is not well-formed, or nested deeper than any record is; the message says what and where. */
export class XmlError extends Error {}

/** Reads a text that is one element; entities other than those of XML itself are errors, so nothing is expanded or fetched. */
export type ParseXml = (source: string, handlers: XmlHandlers) => void;

/** Deeper than records and protocols nest. */
const MOST_DEPTH = 100;

let loaded: Promise<ParseXml> | undefined;

/**
 * Loads the parser of XML (saxes), which is strict: the function throws {XmlError} for what is not well-formed.
 *
 * @see XML 1.0, fifth edition; a document type declaration is refused
 */
export function loadXmlParser(): Promise<ParseXml> {
  loaded ??= import('saxes').then(({ SaxesParser }) => {
    return (source: string, handlers: XmlHandlers): void => {
      const parser = new SaxesParser();
      let depth = 0;
      parser.on('error', ({ message }) => {
        throw new XmlError(message.replace(/^(\d+):(\d+): /, 'line $1, column $2: '));
      });
      parser.on('doctype', () => {
        throw new XmlError('it has a document type declaration');
      });
      parser.on('opentag', ({ name, attributes }) => {
        if (++depth > MOST_DEPTH) throw new XmlError(`elements are nested deeper than ${MOST_DEPTH}`);
        const end = parser.position;
        // No attribute of well-formed XML holds this character.
        handlers.open?.(name, attributes as Record<string, string>, source.lastIndexOf('<', end - 1), end);
      });
      parser.on('closetag', ({ name }) => {
        depth--;
        handlers.close?.(name, parser.position);
      });
      const onText = (text: string) => handlers.text?.(text);
      parser.on('text', onText);
      parser.on('cdata', onText);
      parser.write(source).close();
    };
  });
  return loaded;
}

/** @returns the name without its prefix */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
