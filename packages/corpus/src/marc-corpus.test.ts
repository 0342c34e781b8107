import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Document, SubjectIndex } from '@catchword/core';
import { parseMarcMapping } from '@catchword/marc';
import { afterAll, expect, test } from 'vitest';
import { describeReport, openCorpus } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-marc-'));
afterAll(() => rmSync(folder, { recursive: true }));

const URIS = ['http://x.org/cats', 'https://d-nb.info/gnd/4012345-6'];
const LABELS = ['cats', 'dogs'];
const subjects: SubjectIndex = {
  nSubjects: 2,
  idOfUri: (uri) => URIS.indexOf(uri),
  idOfLabel: (label) => LABELS.indexOf(label),
  uri: (id) => URIS[id] as string,
  label: (id) => LABELS[id],
  notation: () => undefined,
};

const record = (id: string, ...fields: string[]) =>
  `<record><leader>00000nam a2200000 i 4500</leader><controlfield tag="001">${id}</controlfield>${fields.join('')}</record>`;
const field = (tag: string, ...subfields: string[]) =>
  `<datafield tag="${tag}" ind1=" " ind2="7">${subfields.map((text) => `<subfield code="${text[0]}">${text.slice(1)}</subfield>`).join('')}</datafield>`;

const RECORDS = [
  record('b1', field('245', 'aAbout cats'), field('650', 'acats', '0http://x.org/cats')),
  record(
    'b2',
    field('245', 'aAbout dogs'),
    field('650', 'aHunde', '0(DE-588)4012345-6', '2gnd'),
    field('650', 'aelse', '0http://y.org/1'),
  ),
  '<record><broken></record>',
  record('b3', field('245', 'aBy label'), field('650', 'acats', '2mine'), field('650', 'aghosts', '2mine')),
  record('b4', field('245', 'aOf another vocabulary'), field('650', 'acats', '2other')),
];
const COLLECTION = `<collection>\n${RECORDS.join('\n')}\n</collection>`;

async function read(path: string, more: { requireSubjects?: boolean; docsLimit?: number; stdin?: Readable } = {}) {
  const warnings: string[] = [];
  const marcMapping = parseMarcMapping({ subjects: { sources: ['mine'] } }, () => undefined);
  const corpus = openCorpus([path], {
    subjects,
    language: 'en',
    marcMapping,
    onWarning: (message) => warnings.push(message.replaceAll(folder, '')),
    ...more,
  });
  const documents: Document[] = [];
  for await (const document of corpus.documents()) documents.push(document);
  return { documents, warnings, report: corpus.report() };
}

test('records of MARC are a corpus with subjects by URI, by number and by label', async () => {
  const path = join(folder, 'records.xml');
  writeFileSync(path, COLLECTION);
  const { documents, warnings, report } = await read(path);
  expect(documents.map(({ documentId, text, subjects }) => [documentId, text, subjects])).toEqual([
    ['b1', 'About cats', [0]],
    ['b2', 'About dogs', [1]],
    ['b3', 'By label', [0]],
  ]);
  expect(documents[0]?.metadata?.title).toBe('About cats');
  expect(warnings).toEqual([
    expect.stringMatching(/^Skipping broken record 3 at byte \d+: it is not well-formed XML: .* \(\/records\.xml\)$/),
    'Unknown subject label "ghosts"@en (/records.xml)',
  ]);
  expect(describeReport(report, true)).toEqual([
    '1 line or file held no document: skipped',
    '1 subject is not in the vocabulary, stated once: ignored',
    '1 document states no subject: left out',
  ]);
});

test('MARC is known by its content, packed or not, and on standard input; a limit ends it', async () => {
  const packed = join(folder, 'packed');
  writeFileSync(packed, gzipSync(COLLECTION));
  expect((await read(packed, { requireSubjects: false })).documents).toHaveLength(4);
  const stdin = Readable.from([Buffer.from(COLLECTION)]);
  expect((await read('-', { requireSubjects: false, docsLimit: 2, stdin })).documents).toHaveLength(2);
});

test('what is not MARC by its content is an error where its name says so', async () => {
  const other = join(folder, 'other.xml');
  writeFileSync(other, '<rdf:RDF xmlns:rdf="x"/>');
  await expect(read(other)).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('is not MARC'),
  });
  const broken = join(folder, 'broken.mrc');
  writeFileSync(broken, '00030nam a2200025 i 4500\x1e\x1d00');
  await expect(read(broken)).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringMatching(
      /holds no document\n {2}Skipping broken record 1 at byte 0: its leader says 30 bytes/,
    ),
  });
});
