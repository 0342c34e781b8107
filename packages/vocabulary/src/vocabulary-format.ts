import { InputError } from '@catchword/core';

export type VocabularyFormat =
  | 'Turtle'
  | 'N-Triples'
  | 'N-Quads'
  | 'TriG'
  | 'N3'
  | 'RDF/XML'
  | 'JSON-LD'
  | 'CSV'
  | 'TSV';

const SUFFIXES: Readonly<Record<string, VocabularyFormat>> = {
  ttl: 'Turtle',
  turtle: 'Turtle',
  nt: 'N-Triples',
  nq: 'N-Quads',
  nquads: 'N-Quads',
  trig: 'TriG',
  n3: 'N3',
  rdf: 'RDF/XML',
  xml: 'RDF/XML',
  owl: 'RDF/XML',
  json: 'JSON-LD',
  jsonld: 'JSON-LD',
  'json-ld': 'JSON-LD',
  csv: 'CSV',
  tsv: 'TSV',
};

export interface DetectedFormat {
  readonly format: VocabularyFormat;
  /** What the file's name promised, where its content is plainly something else. */
  readonly promised?: VocabularyFormat;
}

/**
 * Tells the format of a vocabulary file by its suffix, `.gz` aside; by its content where that is plainly another or
 * the suffix says nothing.
 *
 * @param head the first kilobytes of the file, unpacked
 * @throws {InputError} `input-invalid` where neither tells, or the content is no vocabulary at all
 */
export function detectFormat(path: string, head: Buffer): DetectedFormat {
  const suffix = /\.([^./\\]+?)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const promised = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined;
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  refuseForeign(path, head, text);
  const plain = plainFormat(text);
  if (promised && plain && !related(promised, plain)) return { format: plain, promised };
  const format = promised ?? plain ?? likelyFormat(text);
  if (format) return { format };
  throw new InputError('input-invalid', `Cannot read ${path}: neither its name nor its content tells its format`, {
    hint: 'Name it by its format: .ttl, .nt, .rdf, .jsonld, .csv or .tsv, with or without .gz.',
    context: { path },
  });
}

function refuseForeign(path: string, head: Buffer, text: string): void {
  const what = /^\s*<(?:!doctype\s+)?html[\s>]/i.test(text)
    ? 'it is a web page (HTML)'
    : head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))
      ? 'it is a ZIP archive'
      : undefined;
  if (!what) return;
  throw new InputError('input-invalid', `Cannot read ${path}: ${what}, no vocabulary`, {
    hint: 'Download the vocabulary file itself, unpacked or as gzip: Turtle, RDF/XML, N-Triples, JSON-LD, CSV or TSV.',
    context: { path },
  });
}

/** A Turtle parser reads N-Triples and N3 what Turtle begins like. */
function related(promised: VocabularyFormat, plain: VocabularyFormat): boolean {
  return promised === plain || (plain === 'Turtle' && ['TriG', 'N3'].includes(promised));
}

/** The format where the first characters leave no doubt. */
function plainFormat(text: string): VocabularyFormat | undefined {
  const start = text.replace(/^(?:\s|#[^\n]*\n)+/, '');
  if (/^<(?:\?xml\s|!DOCTYPE\s|!--|rdf:RDF\s)/.test(start)) return 'RDF/XML';
  if (/^(?:@prefix|@base|prefix|base)\s+(?:[\w.-]*:\s*)?</i.test(start)) return 'Turtle';
  if (/^(?:\{|\[\s*\{)\s*"/.test(start)) return 'JSON-LD';
  if (/^"?uri"?,/.test(start)) return 'CSV';
  return undefined;
}

function likelyFormat(text: string): VocabularyFormat | undefined {
  const line = text.split('\n').find((each) => each.trim() !== '' && !each.startsWith('#')) ?? '';
  if (/^\s*(?:<[^<>\s]*>|_:\S+)\s+<[^<>\s]*>\s+\S/.test(line)) return 'N-Triples';
  if (/^<[^<>\s]*>\s+a\s/.test(line)) return 'Turtle';
  if (line.includes('\t')) return 'TSV';
  return undefined;
}
