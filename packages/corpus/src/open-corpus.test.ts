import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Document, SubjectIndex } from '@catchword/core';
import { IndexingError } from '@catchword/core';
import { afterAll, expect, test } from 'vitest';
import { describeReport } from './corpus-report.js';
import type { OpenCorpus, OpenCorpusOptions } from './open-corpus.js';
import { openCorpus } from './open-corpus.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-corpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LABELS = ['cats', 'dogs', 'birds', 'fish'];
/** http://example.org/0 to /3; labels in English. */
const subjects: SubjectIndex = {
  nSubjects: 4,
  idOfUri: (uri) => [0, 1, 2, 3].find((id) => uri === `http://example.org/${id}`) ?? -1,
  idOfLabel: (label, language) => (language === 'en' ? LABELS.indexOf(label) : -1),
  uri: (id) => `http://example.org/${id}`,
  label: (id) => LABELS[id],
  notation: () => undefined,
};
const URI = [0, 1, 2, 3].map((id) => `<http://example.org/${id}>`) as [string, string, string, string];

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function filesIn(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [fileName, content] of Object.entries(files)) writeFileSync(join(path, fileName), content);
  return path;
}

async function read(corpus: OpenCorpus): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const document of corpus.documents()) documents.push(document);
  return documents;
}

async function open(paths: string | readonly string[], options: Partial<OpenCorpusOptions> = {}) {
  const warnings: string[] = [];
  const corpus = openCorpus(typeof paths === 'string' ? [paths] : paths, {
    subjects,
    language: 'en',
    onWarning: (message) => warnings.push(message.replaceAll(folder, '…')),
    ...options,
  });
  const documents = await read(corpus);
  return { corpus, documents, warnings, report: corpus.report() };
}

async function failure(work: Promise<unknown>): Promise<IndexingError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof IndexingError)) throw new Error(`expected an IndexingError, got ${String(error)}`);
  return error;
}

test('a TSV corpus: brackets or not, blanks or tabs, repeated URIs, CRLF, a byte-order mark, gzip', async () => {
  const content = `\ufeffone\t${URI[0]} http://example.org/1 ${URI[0]}\r\ntwo words \t${URI[2]}\t${URI[3]}\r\n\r\n`;
  for (const path of [file('a.tsv', content), file('a.tsv.gz', gzipSync(content)), file('a.unknown', content)]) {
    const { documents, warnings, report } = await open(path);
    expect(documents).toEqual([
      { text: 'one', subjects: [0, 1] },
      { text: 'two words ', subjects: [2, 3] },
    ]);
    expect(warnings).toEqual([]);
    expect(report).toEqual({
      nDocuments: 2,
      nWithoutSubjects: 0,
      nWithoutKnownSubject: 0,
      nWithoutText: 0,
      nInvalid: 0,
      nUnknownSubjects: 0,
      nUnknownAssignments: 0,
      nExcludedAssignments: 0,
    });
  }
});

test('a TSV line without a tab is skipped with a warning, or is a text where subjects are not required', async () => {
  const path = file('tabless.tsv', `no tab here\ntext\t${URI[1]}\n\n`);
  const strict = await open(path);
  expect(strict.documents).toEqual([{ text: 'text', subjects: [1] }]);
  expect(strict.warnings).toEqual(['Skipping invalid line (missing tab): "no tab here" (…/tabless.tsv, line 1)']);
  expect(strict.report.nInvalid).toBe(1);
  const lax = await open(path, { requireSubjects: false });
  expect(lax.documents).toEqual([{ text: 'no tab here' }, { text: 'text', subjects: [1] }, { text: '' }]);
  expect(lax.report).toMatchObject({ nDocuments: 3, nWithoutSubjects: 2, nWithoutText: 1 });
});

test('a file of which not one line is a document is an error that lists up to ten', async () => {
  const error = await failure(open(file('report.txt', 'a plain text\n'.repeat(12))));
  expect(error.code).toBe('input-invalid');
  expect(error.message).toContain('as a TSV corpus: it holds no document');
  expect(error.message.match(/missing tab/g)).toHaveLength(10);
  expect(error.message).toContain('line 10)\n  … and 2 more');
  expect(error.hint).toBe('Each line is a text, a tab, and the URIs of its subjects.');
});

test('documents without a known subject are treated alike in every format', async () => {
  const known = `${URI[0]} <http://example.org/9>`;
  const jsonOf = (text: string, ...uris: string[]) => ({ text, subjects: uris.map((uri) => ({ uri })) });
  const objects = [
    jsonOf('a', 'http://example.org/0', 'http://example.org/9'),
    jsonOf('b', 'http://example.org/8', 'http://example.org/9'),
    { text: 'c' },
  ];
  const unknown = '<http://example.org/8> <http://example.org/9>';
  const paths = [
    file('alike.tsv', `a\t${known}\nb\t${unknown}\nc\t\n`),
    file('alike.csv', `text,subject_uris\na,${known}\nb,${unknown}\nc,\n`),
    file('alike.jsonl', objects.map((object) => `${JSON.stringify(object)}\n`).join('')),
    file('alike.json', JSON.stringify(objects)),
    filesIn('alike-txt', {
      'a.txt': 'a',
      'a.tsv': `${URI[0]}\tcats\n<http://example.org/9>\tghosts\n`,
      'b.txt': 'b',
      'b.key': 'ghosts\nghouls\n',
      'c.txt': 'c',
    }),
    filesIn('alike-json', Object.fromEntries(objects.map((object, i) => [`${i}.json`, JSON.stringify(object)]))),
  ];
  for (const path of paths) {
    const strict = await open(path);
    expect(
      strict.documents.map(({ text, subjects: gold }) => ({ text, gold })),
      path,
    ).toEqual([{ text: 'a', gold: [0] }]);
    expect(strict.report, path).toMatchObject({
      nDocuments: 1,
      nWithoutSubjects: 1,
      nWithoutKnownSubject: 1,
      nInvalid: 0,
      nUnknownAssignments: 3,
    });
    const lax = await open(path, { requireSubjects: false });
    expect(
      lax.documents.map(({ text, subjects: gold }) => ({ text, gold })),
      path,
    ).toEqual([
      { text: 'a', gold: [0] },
      { text: 'b', gold: [] },
      { text: 'c', gold: undefined },
    ]);
  }
});

test('an unknown subject is warned of once, with its place; further ones are counted', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => `text\t${URI[0]} <urn:${i % 25}>\n`);
  const { corpus, warnings, report } = await open(file('unknown.tsv', lines.join('')));
  expect(warnings[0]).toBe('Unknown subject URI <urn:0> (…/unknown.tsv, line 1)');
  expect(warnings[19]).toBe('Unknown subject URI <urn:19> (…/unknown.tsv, line 20)');
  expect(warnings.slice(20)).toEqual(['Further unknown subjects are not shown']);
  expect(report).toMatchObject({ nDocuments: 50, nUnknownSubjects: 25, nUnknownAssignments: 50 });
  await read(corpus);
  expect(warnings).toHaveLength(21);
  expect(corpus.report()).toEqual(report);
  expect(describeReport(report, true)).toEqual(['25 subjects are not in the vocabulary, stated 50 times: ignored']);
});

test('excluded subjects are dropped from the gold subjects', async () => {
  const { documents, report, warnings } = await open(file('excluded.tsv', `a\t${URI[0]} ${URI[1]}\nb\t${URI[1]}\n`), {
    isExcluded: (id) => id === 1,
    whyExcluded: () => 'is deprecated',
  });
  expect(warnings).toEqual(['Subject URI <http://example.org/1> is deprecated (…/excluded.tsv, line 2)']);
  expect(documents).toEqual([{ text: 'a', subjects: [0] }]);
  expect(report).toMatchObject({ nExcludedAssignments: 2, nWithoutKnownSubject: 1, nUnknownAssignments: 0 });
});

test('a CSV corpus: metadata, document_id, quoted line ends, short and long rows', async () => {
  const path = file(
    'a.csv',
    `document_id,text,title,subject_uris,__proto__\nd1,"one\ntwo",T,${URI[0]} ${URI[1]},p\n,text,,${URI[2]}\nd3,x,y,${URI[0]},p,more\n`,
  );
  const { documents, warnings, report } = await open(path);
  expect(documents.map(({ metadata, ...rest }) => ({ ...rest, metadata: Object.entries(metadata ?? {}) }))).toEqual([
    {
      text: 'one\ntwo',
      documentId: 'd1',
      subjects: [0, 1],
      metadata: [
        ['title', 'T'],
        ['__proto__', 'p'],
      ],
    },
    {
      text: 'text',
      subjects: [2],
      metadata: [
        ['title', ''],
        ['__proto__', ''],
      ],
    },
  ]);
  expect(Object.getPrototypeOf(documents[0]?.metadata)).toBeNull();
  expect(warnings).toEqual([
    'Skipping invalid row: the row has 6 fields but the header 5 (…/a.csv, line 5)',
    'The row has 4 of 5 fields (…/a.csv, line 4)',
  ]);
  expect(report).toMatchObject({ nDocuments: 2, nInvalid: 1 });
});

test('a CSV header without the columns is an error that names them', async () => {
  const error = await failure(open(file('semicolon.csv', 'text;subject_uris\na;b\n')));
  expect(error.message).toContain(
    "The file must have a header row that defines at least the columns 'text' and 'subject_uris'",
  );
  expect(error.hint).toContain('semicolons');
  expect((await open(file('text.csv', 'text\na\n'), { requireSubjects: false })).documents).toEqual([{ text: 'a' }]);
  expect((await failure(open(file('text2.csv', 'text\na\n')))).hint).toContain('first row');
  expect((await failure(open(file('twice.csv', 'text,text,subject_uris\na,b,c\n')))).message).toContain("'text' twice");
});

test('a JSONL corpus: URI before label, metadata, invalid lines are skipped with their places', async () => {
  const lines = [
    '{"text": "a", "document_id": "1", "metadata": {"__proto__": "p", "title": "t"}, "subjects": [{"label": "cats"}, {"uri": "http://example.org/1", "label": "cats"}]}',
    '{"text": "b", ',
    '',
    '["text"]',
    '{"text": 5}',
    '{"text": "c", "metadata": {"year": 1999}}',
    '{"document_id": "6"}',
    '{"text": "d", "subjects": [{"notation": "1"}]}',
    '{"metadata": {"title": "only"}, "subjects": [{"uri": "<http://example.org/2>"}], "language": "en", "results": []}',
    '{"text": "e", "subjects": [{"label": "Cats"}]}',
  ];
  const { documents, warnings, report } = await open(file('a.jsonl', lines.join('\r\n')));
  expect(documents.map(({ metadata, ...rest }) => ({ ...rest, metadata: Object.entries(metadata ?? {}) }))).toEqual([
    {
      text: 'a',
      documentId: '1',
      subjects: [0, 1],
      metadata: [
        ['__proto__', 'p'],
        ['title', 't'],
      ],
    },
    { text: '', subjects: [2], metadata: [['title', 'only']] },
  ]);
  expect(warnings[0]).toMatch(/^JSON parsing failed: .* \(…\/a\.jsonl, line 2\)$/);
  expect(warnings.slice(1)).toEqual([
    'JSON validation failed: not an object (…/a.jsonl, line 4)',
    'JSON validation failed: "text" is not a string (…/a.jsonl, line 5)',
    'JSON validation failed: "metadata" has a value that is not a string: "year" (…/a.jsonl, line 6)',
    'JSON validation failed: neither "text" nor "metadata" is there (…/a.jsonl, line 7)',
    'JSON validation failed: "subjects" has an entry with neither "uri" nor "label" as a string: number 1 (…/a.jsonl, line 8)',
    'Unknown property "language" is passed over (…/a.jsonl, line 9)',
    'Unknown subject label "Cats"@en (…/a.jsonl, line 10)',
  ]);
  expect(report).toMatchObject({ nDocuments: 2, nInvalid: 6, nWithoutText: 1, nWithoutKnownSubject: 1 });
  expect((await failure(open(file('bad.jsonl', '{\n}\n')))).message).toContain(
    'as a JSONL corpus: it holds no document',
  );
});

test('a folder: text files before JSON files, .tsv before .key, labels, empty and foreign files', async () => {
  const path = filesIn('folder', {
    'b.txt': '\ufeffsecond\r\nline',
    'b.key': 'dogs\r\n\n',
    'a.txt': 'first',
    'a.tsv': `http://example.org/3\tfish\n\t${URI[0]}\tdogs\n`,
    'a.key': 'birds\n',
    'c.txt': Buffer.from('caf\u00e9', 'latin1'),
    'c.tsv': 'cats\n',
    'd.json': JSON.stringify({ text: 'json', document_id: 'd', subjects: [{ label: 'fish' }] }),
    'e.json': '',
    'f.json': '{',
    '.hidden.txt': 'no',
    'readme.md': 'no',
  });
  mkdirSync(join(path, 'sub.txt'));
  const { documents, warnings, report } = await open(path);
  expect(documents).toEqual([
    { text: 'first', subjects: [3, 0], path: join(path, 'a.txt') },
    { text: 'second\nline', subjects: [1], path: join(path, 'b.txt') },
    { text: 'caf\ufffd', subjects: [0], path: join(path, 'c.txt') },
    { text: 'json', documentId: 'd', subjects: [3], path: join(path, 'd.json') },
  ]);
  expect(warnings.slice(0, 2)).toEqual([
    'Bytes that are not UTF-8 were replaced (…/folder/c.txt)',
    'Skipping empty file (…/folder/e.json)',
  ]);
  expect(warnings[2]).toMatch(/^JSON parsing failed: .* \(…\/folder\/f\.json\)$/);
  expect(report).toMatchObject({ nDocuments: 4, nInvalid: 2 });
  const empty = await failure(open(filesIn('no-documents', { 'train.tsv.gz': '' })));
  expect([empty.code, empty.hint]).toEqual(['corpus-empty', expect.stringContaining('train.tsv.gz')]);
});

test('a packed text of a folder is read like a plain one, which goes first where both are there', async () => {
  const path = filesIn('packed-texts', {
    'a.txt.gz': gzipSync('packed a'),
    'a.tsv': URI[0],
    'b.txt': 'plain b',
    'b.txt.gz': gzipSync('packed b'),
    'b.key': 'dogs',
  });
  expect(await read(openCorpus([path], { subjects, language: 'en' }))).toEqual([
    { text: 'packed a', subjects: [0], path: join(path, 'a.txt.gz') },
    { text: 'plain b', subjects: [1], path: join(path, 'b.txt') },
  ]);
});

test('several paths are read in order, up to the limit', async () => {
  const one = file('one.tsv', `1\t${URI[0]}\nx\t<urn:x>\n2\t${URI[0]}\n`);
  const two = file('two.csv', `text,subject_uris\n3,${URI[1]}\n4,${URI[1]}\n`);
  const texts = async (docsLimit: number | undefined) =>
    (await open([one, two, one], { docsLimit })).documents.map((document) => document.text).join('');
  expect(await texts(undefined)).toBe('123412');
  expect(await texts(3)).toBe('123');
  expect(await texts(0)).toBe('');
  expect((await open([one, two], { docsLimit: 1 })).report).toMatchObject({ nDocuments: 1, nWithoutKnownSubject: 0 });
  expect((await open([])).documents).toEqual([]);
});

test('a path that is not there is an error before anything is read', async () => {
  const good = file('good.tsv', `1\t${URI[0]}\n`);
  const corpus = openCorpus([good, join(folder, 'missing.tsv')], { subjects, language: 'en' });
  const error = await failure(corpus.documents()[Symbol.asyncIterator]().next());
  expect([error.code, corpus.report().nDocuments]).toEqual(['file-not-found', 0]);
});

test('cut-off gzip and foreign encodings are errors in every format', async () => {
  const rows = Array.from({ length: 9000 }, (_, i) => `text ${(i * 7919) % 10_007}`);
  for (const name of ['cut.tsv.gz', 'cut.csv.gz', 'cut.jsonl.gz', 'cut.json.gz']) {
    const path = file(name, gzipSync(`text\n${rows.join(`\t${URI[0]}\n`)}`));
    truncateSync(path, 10_000);
    const error = await failure(open(path, { requireSubjects: false }));
    expect(error.message, name).toBe(`Cannot read ${path}: the gzip data is cut off`);
  }
  const latin1 = file('latin1.tsv', Buffer.from(`ok\t${URI[0]}\nk\u00e4se\t${URI[0]}\n`, 'latin1'));
  expect(await failure(open(latin1))).toMatchObject({ code: 'encoding-invalid', context: { line: 2 } });
});

test('an empty file is a corpus without documents', async () => {
  for (const name of ['empty.tsv', 'empty.jsonl']) expect((await open(file(name, ''))).documents).toEqual([]);
});

test('a corpus can be read again, also after a reader that stopped early, and by two at a time', async () => {
  const path = file('again.tsv', Array.from({ length: 5000 }, (_, i) => `${i}\t${URI[0]}\n`).join(''));
  const corpus = openCorpus([path], { subjects, language: 'en' });
  for await (const document of corpus.documents()) if (document.text === '10') break;
  const [a, b] = await Promise.all([read(corpus), read(corpus)]);
  expect(a).toHaveLength(5000);
  expect(b).toEqual(a);
  expect(corpus.report().nDocuments).toBe(5000);
});

test('standard input is read as TSV, packed or not, and again from a file that has no name', async () => {
  const content = Buffer.from(Array.from({ length: 3000 }, (_, i) => `text ${i}\t${URI[0]}\n`).join(''));
  for (const bytes of [content, gzipSync(content)]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) =>
      bytes.subarray(i * 1000, (i + 1) * 1000),
    );
    const before = readdirSync(tmpdir()).length;
    const corpus = openCorpus(['-'], { subjects, language: 'en', stdin: Readable.from(pieces) });
    expect(corpus.name).toBe('standard input');
    for await (const document of corpus.documents()) if (document.text === 'text 10') break;
    expect(await read(corpus)).toHaveLength(3000);
    expect(await read(corpus)).toHaveLength(3000);
    expect(readdirSync(tmpdir()).length).toBeLessThanOrEqual(before + 5);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`catchword-${process.pid}-`))).toEqual([]);
  }
});

test('standard input that is read once is not kept', async () => {
  const stdin = Readable.from([Buffer.from(`a\t${URI[0]}\n`)]);
  const corpus = openCorpus(['-'], { subjects, language: 'en', stdin, singlePass: true });
  expect(await read(corpus)).toHaveLength(1);
  expect((await failure(read(corpus))).message).toBe('Cannot read standard input twice');
});

test('NUL, lone surrogates in JSON, punctuation alone and a long line are documents like others', async () => {
  const tsv = file('odd.tsv', `a\0b\t${URI[0]}\n?!\t${URI[0]}\n${'x'.repeat(5_000_000)}\t${URI[0]}\n`);
  expect((await open(tsv)).documents.map((document) => document.text.length)).toEqual([3, 2, 5_000_000]);
  const jsonl = file('odd.jsonl', '{"text": "\\ud800", "subjects": [{"label": "cats"}]}\n');
  expect((await open(jsonl)).documents).toEqual([{ text: '\ud800', subjects: [0] }]);
});
