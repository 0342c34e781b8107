import { docxOf, epubOf, odtOf, pdfOf, zipOf } from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { extractText } from './extract-text.js';
import { DEFAULT_EXTRACTION_LIMITS, type ExtractionLimits } from './extraction.js';

const extract = (bytes: Uint8Array | string, name = 'x', limits: Partial<ExtractionLimits> = {}) =>
  extractText({ bytes: Buffer.from(bytes), name }, { ...DEFAULT_EXTRACTION_LIMITS, ...limits });

describe('extractText', () => {
  test('reads DOCX: paragraphs, tabs, lines, not what was deleted', async () => {
    const body =
      '<w:p><w:r><w:t>Bats &amp; </w:t></w:r><w:r><w:t xml:space="preserve">owls</w:t></w:r></w:p>' +
      '<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r>' +
      '<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>';
    expect(await extract(docxOf(body))).toEqual({
      format: 'docx',
      text: 'Bats & owls\n\none\ttwo\nthree',
      warnings: [],
    });
  });

  test('reads ODT', async () => {
    const body =
      '<text:h>Bats</text:h><text:p>and<text:s/>owls<text:line-break/>at <text:span>night</text:span>' +
      '<office:annotation><text:p>a note</text:p></office:annotation></text:p>';
    expect((await extract(odtOf(body))).text).toBe('Bats\n\nand owls\nat night');
  });

  test('reads EPUB in the order of its chapters', async () => {
    const { text, format } = await extract(epubOf(['<p>first</p><script>no()</script>', '<h1>second</h1>']));
    expect([format, text]).toEqual(['epub', 'first\n\nsecond']);
  });

  test('reads PDF page by page', async () => {
    expect(await extract(pdfOf(['Bats hunt', 'at night']))).toEqual({
      format: 'pdf',
      text: 'Bats hunt\n\nat night',
      warnings: [],
    });
    const cut = await extract(pdfOf(['a', 'b', 'c']), 'x', { maxPages: 2 });
    expect(cut).toMatchObject({ text: 'a\n\nb', warnings: ['Of 3 pages the first 2 were read'] });
    expect((await extract(pdfOf(['']))).warnings.length).toBe(1);
  });

  test('reads HTML as a reader would see it', async () => {
    const html =
      '<!DOCTYPE html><html><head><title>no</title></head><body><h1>Bats &amp; owls</h1><p>hunt\n at&nbsp;night<br>and <b>day' +
      '</b></p><script>alert("x")</script><style>p{}</style><ul><li>one<li>two</ul></body>';
    const { text, format } = await extract(html);
    expect(format).toBe('html');
    expect(text).toBe('Bats & owls\n\nhunt at night\nand day\n\none\n\ntwo');
    expect((await extract('<p>x</p>', 'page.htm')).format).toBe('html');
    expect((await extract('a < b and <b> too')).text).toBe('a < b and <b> too');
  });

  test('reads text in several encodings', async () => {
    expect((await extract('\ufeffä\r\nb\r\r\r\rc')).text).toBe('ä\nb\n\nc');
    expect((await extract(Buffer.from('\ufeffö x', 'utf16le'))).text).toBe('ö x');
    expect((await extract(Buffer.from('Käse', 'latin1'))).text).toBe('Käse');
    expect((await extract('abc', 'x', { maxCharacters: 2 })).text).toBe('ab');
  });

  test.each([
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]), 'unsupported'],
    ['RTF', '{\\rtf1 bats}', 'unsupported'],
    ['a zip of other things', zipOf({ 'a.txt': 'x' }), 'unsupported'],
    ['a zip that ends early', docxOf('<w:p/>').subarray(0, 60), 'damaged'],
    ['a PDF without pages', '%PDF-1.7 nothing', 'damaged'],
    [
      'an EPUB without a package',
      zipOf({ mimetype: 'application/epub+zip', 'META-INF/container.xml': '<x/>' }),
      'damaged',
    ],
    ['an EPUB whose package is missing', zipOf({ mimetype: 'application/epub+zip' }), 'damaged'],
  ])('refuses %s', async (_, bytes, kind) => {
    await expect(extract(bytes)).rejects.toMatchObject({ name: 'ExtractionError', kind });
  });
});

describe('hostile files', () => {
  test('that unpack to much more than they are', async () => {
    const bomb = docxOf(`<w:p><w:r><w:t>${' '.repeat(20 << 20)}</w:t></w:r></w:p>`);
    expect(bomb.length).toBeLessThan(50_000);
    await expect(extract(bomb)).rejects.toMatchObject({ kind: 'too-large' });
    const many = zipOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`, 'x'])));
    await expect(extract(many, 'x', { maxEntries: 99 })).rejects.toMatchObject({ kind: 'too-large' });
    const large = epubOf(Array.from({ length: 8 }, () => 'bats '.repeat(50_000)));
    await expect(extract(large, 'x', { maxUnpackedBytes: 1 << 20 })).rejects.toMatchObject({ kind: 'too-large' });
  });

  test('whose sizes are forged', async () => {
    const forged = docxOf(`<w:p><w:r><w:t>${'bats '.repeat(1000)}</w:t></w:r></w:p>`);
    const place = forged.lastIndexOf('PK\x01\x02');
    forged.writeUInt32LE(10, place + 24);
    await expect(extract(forged)).rejects.toMatchObject({ kind: 'damaged' });
  });

  test('with entities and a DTD: nothing is expanded, nothing is fetched', async () => {
    const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const dtd = `<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "lol">${lol}<!ENTITY xxe SYSTEM "file:///etc/passwd">]>`;
    const odt = {
      mimetype: 'application/vnd.oasis.opendocument.text',
      'content.xml': `${dtd}<text:p>bats &l9; &xxe;</text:p>`,
    };
    // Where the declaration seems to end is no text that anybody would miss.
    expect((await extract(zipOf(odt))).text).toContain('bats &l9; &xxe;');
    const docx = (xml: string) =>
      zipOf({ 'word/document.xml': `${xml}<w:document><w:p><w:r><w:t>bats</w:t></w:r></w:p></w:document>` });
    await expect(extract(docx(dtd))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('DTD'),
    });
    await expect(extract(docx('<!doctype w>'))).rejects.toMatchObject({ kind: 'damaged' });
    expect((await extract(docx('<?xml version="1.0"?>'))).text).toBe('bats');
  });

  test('nested a million deep', async () => {
    await expect(extract(`<html>${'<div>'.repeat(1_000_000)}bats`)).rejects.toMatchObject({ kind: 'too-large' });
    expect((await extract(`<html>${'<div>'.repeat(1000)}bats`)).text).toBe('bats');
  });

  test('with names that lead elsewhere', async () => {
    const { text, warnings } = await extract(
      zipOf({
        mimetype: 'application/epub+zip',
        'META-INF/container.xml': '<rootfile full-path="book.opf"/>',
        'book.opf':
          '<item id="a" href="../../../etc/passwd"/><item id="b" href="file:///etc/passwd"/><item id="c" href="http://x/y"/>' +
          '<itemref idref="a"/><itemref idref="b"/><itemref idref="c"/><itemref idref="__proto__"/>',
      }),
    );
    expect([text, warnings.length]).toEqual(['', 1]);
  });
});
