import { localName, type ParseXml } from '@catchword/input';
import { type RecordMapper, readMarcxml } from '@catchword/marc';
import type { OaiRecord } from './oai-page.js';

const MARC_NAMESPACE = 'http://www.loc.gov/MARC21/slim';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** What the metadata of a record is. */
export type OaiContent = 'marcxml' | 'oai_dc' | undefined;

/** @returns what a record's metadata is, by its element */
export function contentOf({ metadataName }: OaiRecord): OaiContent {
  const local = localName(metadataName);
  return local === 'record' ? 'marcxml' : local === 'dc' ? 'oai_dc' : undefined;
}

/** @returns the record of MARCXML as a child of `collection`: prefixes that were declared around it are declared in it */
export function marcxmlElement({ metadata, metadataName }: OaiRecord): string {
  const end = metadata.indexOf('>');
  const tag = metadata.slice(0, end);
  const colon = metadataName.indexOf(':');
  const wanted: [string, string][] = [['xsi', XSI]];
  if (colon >= 0) wanted.push([metadataName.slice(0, colon), MARC_NAMESPACE]);
  const missing = wanted.filter(
    ([prefix]) => new RegExp(`[\\s<]${prefix}:`).test(tag) && !new RegExp(`\\sxmlns:${prefix}\\s*=`).test(tag),
  );
  const nameEnd = 1 + metadataName.length;
  const declared = missing.map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`).join('');
  return metadata.slice(0, nameEnd) + declared + metadata.slice(nameEnd);
}

/**
 * Makes a line of JSON of a record, as a corpus reads it: MARC by the mapper, Dublin Core by its titles and descriptions, with
 * `subject`s as subjects by URI or label.
 *
 * @returns the line without its end, or what is wrong with the record
 */
export function documentLine(
  record: OaiRecord,
  mapper: RecordMapper,
  parse: ParseXml,
): { readonly line: string } | { readonly problem: string } {
  const content = contentOf(record);
  if (content === 'oai_dc') return { line: JSON.stringify(dublinCore(record, parse)) };
  if (content === undefined) return { problem: `its metadata is ${record.metadataName || 'missing'}` };
  const marc = readMarcxml(Buffer.from(record.metadata), parse);
  if (typeof marc === 'string') return { problem: marc };
  const { text, metadata, headings } = mapper.map(marc);
  const subjects = headings.flatMap(({ uris: [uri], label, isOfSource }) =>
    uri === undefined ? (isOfSource ? { label } : []) : { uri },
  );
  return { line: JSON.stringify({ text, document_id: record.identifier, metadata, subjects }) };
}

function dublinCore({ identifier, metadata }: OaiRecord, parse: ParseXml) {
  const values = new Map<string, string[]>();
  let content = '';
  parse(metadata, {
    open() {
      content = '';
    },
    text(text) {
      content += text;
    },
    close(name) {
      const value = content.replace(/\s+/g, ' ').trim();
      const local = localName(name);
      if (value !== '' && local !== 'dc') values.set(local, [...(values.get(local) ?? []), value]);
      content = '';
    },
  });
  const all = (name: string) => values.get(name) ?? [];
  const [title] = all('title');
  const fields: Record<string, string | undefined> = {
    title,
    creator: all('creator')[0],
    date: all('date')[0],
    language: all('language')[0],
    type: all('type')[0],
  };
  return {
    text: [...all('title'), ...all('description')].join('\n'),
    document_id: identifier,
    metadata: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    subjects: all('subject').map((subject) => (/^https?:\/\//.test(subject) ? { uri: subject } : { label: subject })),
  };
}
