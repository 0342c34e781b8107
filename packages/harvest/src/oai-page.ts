import { localName, type ParseXml, XmlError } from '@catchword/input';

/** A record as an answer of OAI-PMH has it. */
export interface OaiRecord {
  readonly identifier: string;
  readonly datestamp: string;
  readonly isDeleted: boolean;
  /** The one element inside `metadata`, as it was written; `''` where there is none. */
  readonly metadata: string;
  /** Its name, as it was written. */
  readonly metadataName: string;
}

/** An answer to ListRecords or Identify. */
export interface OaiPage {
  readonly records: readonly OaiRecord[];
  /** Leads to the next page; absent on the last one. */
  readonly token: string | undefined;
  /** How many records the whole list has, where the server says. */
  readonly listSize: number | undefined;
  /** The server's clock when it answered. */
  readonly responseDate: string;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** Of Identify: `YYYY-MM-DD`, or with the time. */
  readonly granularity: string;
  /** What could not be read, a line each; the other records are here. */
  readonly problems: readonly string[];
}

/** What XML does not have, and servers send all the same. */
const NOT_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * Reads an answer. One that is not well-formed is read record by record, so that what is broken costs only itself.
 *
 * @throws {XmlError} where not even the end of the list can be told
 * @see The Open Archives Initiative Protocol for Metadata Harvesting 2.0, section 3
 */
export function readOaiPage(source: string, parse: ParseXml): OaiPage {
  let cause: unknown;
  try {
    return pageOf(source, parse, []);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    cause = error;
  }
  const nOdd = source.match(NOT_XML)?.length ?? 0;
  if (nOdd > 0) {
    try {
      const said = `${nOdd} ${nOdd === 1 ? 'character' : 'characters'} that XML does not have: left out`;
      return pageOf(source.replace(NOT_XML, ''), parse, [said]);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
    }
  }
  return salvaged(source, parse, cause as XmlError);
}

function pageOf(source: string, parse: ParseXml, problems: readonly string[]): OaiPage {
  const reader = new PageReader(source);
  parse(source, reader);
  if (!reader.isOai) throw new XmlError('it is no answer of OAI-PMH');
  return { ...reader.page(), problems };
}

/** Each record by itself; the token by the looks of it. */
function salvaged(source: string, parse: ParseXml, cause: XmlError): OaiPage {
  const clean = source.replace(NOT_XML, '');
  const [, token] = /<(?:\w+:)?resumptionToken[^>]*>([^<]*)<\/(?:\w+:)?resumptionToken>/.exec(clean) ?? [];
  const isWhole = /<\/(?:\w+:)?OAI-PMH>\s*$/.test(clean);
  if (token === undefined && !isWhole) throw new XmlError(`${cause.message}, and its end is missing`);
  const records: OaiRecord[] = [];
  const problems: string[] = [];
  for (const text of recordTexts(clean)) {
    const name = /<(?:\w+:)?identifier>([^<]*)</.exec(text)?.[1]?.trim() ?? 'without identifier';
    try {
      const reader = new PageReader(text, 2);
      parse(text, reader);
      records.push(...reader.page().records);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      problems.push(`Record ${name} is not well-formed XML: ${error.message}`);
    }
  }
  return {
    records,
    token: token?.trim() ? unescaped(token.trim()) : undefined,
    listSize: undefined,
    responseDate: /<(?:\w+:)?responseDate>([^<]*)</.exec(clean)?.[1]?.trim() ?? '',
    error: undefined,
    granularity: '',
    problems,
  };
}

/** The outermost elements `record`. */
function recordTexts(source: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const match of source.matchAll(/<(\/?)(?:[\w.-]+:)?record(?=[\s>])[^>]*>/g)) {
    if (match[1] === '') {
      if (depth === 0) start = match.index;
      depth++;
    } else if (depth > 0 && --depth === 0) texts.push(source.slice(start, match.index + match[0].length));
  }
  return texts;
}

function unescaped(text: string): string {
  const names: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => names[name] as string);
}

class PageReader {
  isOai = false;
  private readonly source: string;
  private readonly path: string[];
  private readonly records: OaiRecord[] = [];
  private token = '';
  private listSize: number | undefined;
  private responseDate = '';
  private granularity = '';
  private error: { code: string; message: string } | undefined;
  private content = '';
  private record = { identifier: '', datestamp: '', isDeleted: false, metadata: '', metadataName: '' };
  private metadataStart = 0;

  /** @param depth of the element that the source is: 0 for a whole answer, 2 for a record */
  constructor(source: string, depth: 0 | 2 = 0) {
    this.source = source;
    this.path = ['OAI-PMH', 'ListRecords'].slice(0, depth);
  }

  page(): Omit<OaiPage, 'problems'> {
    const { records, listSize, responseDate, granularity, error } = this;
    return { records, token: this.token === '' ? undefined : this.token, listSize, responseDate, granularity, error };
  }

  open(name: string, attributes: Readonly<Record<string, string>>, start: number): void {
    const local = localName(name);
    const depth = this.path.push(local);
    this.content = '';
    if (depth === 1) this.isOai = local === 'OAI-PMH';
    else if (depth === 2 && local === 'error') this.error = { code: attributes.code ?? '', message: '' };
    else if (depth === 3 && local === 'record') {
      this.record = { identifier: '', datestamp: '', isDeleted: false, metadata: '', metadataName: '' };
    } else if (depth === 3 && local === 'resumptionToken') {
      const size = Number(attributes.completeListSize);
      if (Number.isSafeInteger(size) && size > 0) this.listSize = size;
    } else if (depth === 4 && local === 'header') this.record.isDeleted = attributes.status === 'deleted';
    else if (depth === 5 && this.path[3] === 'metadata') {
      this.metadataStart = start;
      this.record.metadataName = name;
    }
  }

  text(text: string): void {
    if (this.path.length <= 5) this.content += text;
  }

  close(_: string, end: number): void {
    const { path, record } = this;
    const depth = path.length;
    const local = path.pop() as string;
    const content = this.content.trim();
    if (depth === 2 && local === 'responseDate') this.responseDate = content;
    else if (depth === 2 && local === 'error' && this.error) this.error.message = content;
    else if (depth === 3 && local === 'granularity') this.granularity = content;
    else if (depth === 3 && local === 'resumptionToken') this.token = content;
    else if (depth === 3 && local === 'record') this.records.push(record);
    else if (depth === 5 && path[3] === 'header' && local === 'identifier') record.identifier = content;
    else if (depth === 5 && path[3] === 'header' && local === 'datestamp') record.datestamp = content;
    else if (depth === 5 && path[3] === 'metadata') record.metadata = this.source.slice(this.metadataStart, end);
  }
}
