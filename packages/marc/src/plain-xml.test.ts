import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadXmlParser, type ParseXml } from '@catchword/input';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openMarc } from './marc-pieces.js';
import { readPlainXml } from './plain-xml.js';
import { marcxmlOf, SAMPLE } from './sample-records.test.fixture.js';

let parse: ParseXml;
beforeAll(async () => {
  parse = await loadXmlParser();
});

/** What a reader is told; text that comes in pieces as one. */
function told(read: (handlers: Required<Parameters<ParseXml>[1]>) => unknown) {
  const events: unknown[][] = [];
  const result = read({
    open: (name, attributes, start, end) => events.push(['open', name, { ...attributes }, start, end]),
    text: (text) => {
      const last = events[events.length - 1];
      if (last?.[0] === 'text') last[1] += text;
      else events.push(['text', text]);
    },
    close: (name, end) => events.push(['close', name, end]),
  });
  return { events, result };
}
const plainly = (source: string) => told((handlers) => readPlainXml(source, handlers));
const strictly = (source: string) => told((handlers) => parse(source, handlers)).events;

const RECORD = marcxmlOf([...SAMPLE, ['500', '  $aa "b" <c> & d\'s']], 'marc:');

test('records as they are mostly written are read as the parser reads them', () => {
  for (const source of [
    RECORD,
    marcxmlOf(SAMPLE),
    '<record xmlns="http://www.loc.gov/MARC21/slim"  type="x" >\n</record>',
  ]) {
    const { events, result } = plainly(source);
    expect(result).toBe(true);
    expect(events).toEqual(strictly(source));
  }
});

test.each([
  '<a>&#228;</a>',
  "<a b='c'></a>",
  '<a/>',
  '<a><!-- --></a>',
  '<a><![CDATA[x]]></a>',
  '<a>\r\n</a>',
  '<a>😀</a>',
  '<a b="&lt;"></a>',
  '<a b="c\td"></a>',
  '<a b="1" b="2"></a>',
  '<a></a >',
  '<a></b>',
  '<a>]]></a>',
  '<a>&nbsp;</a>',
  '<a>& </a>',
  '<a></a><b></b>',
  '<a></a> ',
  ' <a></a>',
  '<a>',
  '</a>',
  '<a',
  'a',
  '',
  '<a><b></a></b>',
  '<a b="c"d="e"></a>',
])('%j is left to the parser', (source) => {
  expect(plainly(source).result).toBe(false);
});

test('what is read plainly is well-formed, and read as the parser reads it', () => {
  const pieces = [
    '<',
    '>',
    '</',
    '/',
    '&',
    '&amp;',
    ';',
    '"',
    "'",
    '=',
    ' ',
    '\n',
    '\t',
    ']]>',
    '<!--',
    '-->',
    '<?',
    ':',
    'x',
    'ä',
    '😀',
  ];
  const change = fc.record({
    at: fc.nat(RECORD.length),
    nRemoved: fc.constantFrom(0, 0, 1, 2, 30),
    added: fc.oneof(fc.constantFrom(...pieces, ''), fc.string({ unit: 'binary', maxLength: 2 })),
  });
  let nPlain = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let source = RECORD;
      for (const { at, nRemoved, added } of changes) source = source.slice(0, at) + added + source.slice(at + nRemoved);
      const { events, result } = plainly(source);
      if (!result) return;
      nPlain++;
      expect(events).toEqual(strictly(source));
    }),
    { numRuns: 5000 },
  );
  expect(nPlain).toBeGreaterThan(100);
});

test('tags that are kept do not keep the records that they were read from', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const text = 'x'.repeat(50_000);
  async function* bytes() {
    yield Buffer.from('<collection xmlns="http://www.loc.gov/MARC21/slim">');
    for (let i = 0; i < 1000; i++) {
      const fields = `<leader>00000nam a2200000 a 4500</leader><controlfield tag="001">${i}</controlfield>`;
      const field = `<datafield tag="520" ind1=" " ind2=" "><subfield code="a">${text}</subfield></datafield>`;
      yield Buffer.from(`<record id="oai:example:record:${i}">${fields}${field}</record>`);
    }
    yield Buffer.from('</collection>');
  }
  collect();
  const before = process.memoryUsage().heapUsed;
  let nRecords = 0;
  for await (const pieces of (await openMarc(bytes(), 'records.xml')).pieces) {
    nRecords += pieces.filter(({ kind }) => kind === 'record').length;
  }
  collect();
  expect(nRecords).toBe(1000);
  // All texts together have 48 MiB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 << 20);
});
