import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { documentLines } from '../harness/document-files.js';
import { cacheFolder, dataFile } from '../harness/places.js';
import { Skipped } from '../harness/variants.js';

/** What the texts are taken from: records of a technical library, in German and English. */
const SOURCES = ['tibkat-gnd/train.de.tsv.gz', 'tibkat-gnd/train.en.tsv.gz'];

type Field = readonly [tag: string, indicators: string, ...subfields: readonly (readonly [string, string])[]];

/**
 * Makes a file of MARC records of the texts of tibkat-gnd: a title, a summary and the headings of the library. Written by
 * code of its own, so that no fault of the program that is measured makes it.
 *
 * @param format mrc is ISO 2709, xml MARCXML
 * @throws {Skipped} where the texts are not there
 */
export async function recordFile(nRecords: number, format: 'mrc' | 'xml'): Promise<string> {
  const path = join(cacheFolder('marc'), `records-${nRecords}.${format}`);
  if (existsSync(path)) return path;
  const files = SOURCES.map((source) => dataFile(source));
  if (files.includes(undefined)) throw new Skipped(`there is no ${SOURCES.join(' or ')}`);
  const lines = files.flatMap((file) => documentLines(file as string));
  const records = function* () {
    if (format === 'xml')
      yield '<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n';
    let block: Buffer[] = [];
    for (let i = 0; i < nRecords; i++) {
      const fields = fieldsOf(lines[i % lines.length] as string, i);
      block.push(format === 'mrc' ? iso2709(fields) : Buffer.from(marcxml(fields)));
      if (block.length < 500 && i < nRecords - 1) continue;
      yield Buffer.concat(block);
      block = [];
    }
    if (format === 'xml') yield '</collection>\n';
  };
  await pipeline(Readable.from(records()), createWriteStream(`${path}.part`));
  renameSync(`${path}.part`, path);
  return path;
}

function fieldsOf(line: string, i: number): Field[] {
  const [text = '', uris = ''] = line.split('\t');
  const end = text.indexOf('. ');
  const title = end > 0 && end < 300 ? text.slice(0, end) : text.slice(0, 150);
  const rest = text.slice(title.length).replace(/^\.?\s*/, '');
  const headings = uris.split(/\s+/).flatMap((uri): Field[] => {
    const number = /gnd\/([^>]+)/.exec(uri)?.[1];
    return number === undefined
      ? []
      : [['650', ' 7', ['0', `(DE-588)${number}`], ['a', `GND ${number}`], ['2', 'gnd']]];
  });
  return [
    ['001', '', ['', `rec${i}`]],
    ['008', '', ['', '200101s2020    gw            000 0 ger  ']],
    ['100', '1 ', ['a', `Verfasser, ${i % 977}`], ['4', 'aut']],
    ['245', '10', ['a', title]],
    ['264', ' 1', ['a', 'Hannover'], ['c', '2020']],
    ...(rest === '' ? [] : ([['520', '  ', ['a', rest.slice(0, 3000)]]] satisfies Field[])),
    ...headings,
    ['912', '  ', ['a', 'GBV_TIB']],
  ];
}

function iso2709(fields: readonly Field[]): Buffer {
  let directory = '';
  let start = 0;
  const data = fields.map(([tag, indicators, ...subfields]) => {
    const text =
      tag < '010'
        ? (subfields[0]?.[1] ?? '')
        : indicators + subfields.map(([code, value]) => `\x1f${code}${value}`).join('');
    const bytes = Buffer.from(`${text}\x1e`);
    directory += tag + String(bytes.length).padStart(4, '0') + String(start).padStart(5, '0');
    start += bytes.length;
    return bytes;
  });
  const base = 25 + directory.length;
  const leader = `${String(base + start + 1).padStart(5, '0')}nam a22${String(base).padStart(5, '0')} c 4500`;
  return Buffer.concat([Buffer.from(`${leader}${directory}\x1e`), ...data, Buffer.from('\x1d')]);
}

function marcxml(fields: readonly Field[]): string {
  const escaped = (text: string) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '');
  const elements = fields.map(([tag, indicators, ...subfields]) => {
    if (tag < '010') return `<controlfield tag="${tag}">${escaped(subfields[0]?.[1] ?? '')}</controlfield>`;
    const inner = subfields
      .map(([code, value]) => `\n      <subfield code="${code}">${escaped(value)}</subfield>`)
      .join('');
    return `<datafield tag="${tag}" ind1="${indicators[0]}" ind2="${indicators[1]}">${inner}\n    </datafield>`;
  });
  return `  <record>\n    <leader>00000nam a2200000 c 4500</leader>\n${elements.map((element) => `    ${element}\n`).join('')}  </record>\n`;
}
