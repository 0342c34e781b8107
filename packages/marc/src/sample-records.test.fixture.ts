/** Records for tests, written by hand so that no code of ours makes what ours reads. */

/** A field of a sample: a tag, then `value` for 00X, else `12$atext$btext` with both indicators. */
export type SampleField = readonly [tag: string, content: string];

/**
 * @param encoding what the leader says at place 9: `a` for UTF-8, a blank for MARC-8
 * @returns a record in ISO 2709; text beyond Latin-1 needs `a`
 */
export function iso2709Of(fields: readonly SampleField[], encoding: 'a' | ' ' = 'a'): Buffer {
  let directory = '';
  let start = 0;
  const data = fields.map(([tag, content]) => {
    const bytes = Buffer.from(`${content.replaceAll('$', '\x1f')}\x1e`, encoding === 'a' ? 'utf8' : 'latin1');
    directory += tag + String(bytes.length).padStart(4, '0') + String(start).padStart(5, '0');
    start += bytes.length;
    return bytes;
  });
  const base = 24 + directory.length + 1;
  const leader = `${String(base + start + 1).padStart(5, '0')}nam ${encoding}22${String(base).padStart(5, '0')} i 4500`;
  return Buffer.concat([Buffer.from(`${leader}${directory}\x1e`, 'latin1'), ...data, Buffer.from('\x1d')]);
}

/** @returns a record in MARCXML, indented by two blanks as a child of `collection` */
export function marcxmlOf(fields: readonly SampleField[], prefix = ''): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const elements = fields.map(([tag, content]) => {
    if (tag.startsWith('00')) return `<${prefix}controlfield tag="${tag}">${escaped(content)}</${prefix}controlfield>`;
    const [indicators = '', ...parts] = content.split('$');
    const subfields = parts.map((part) => {
      return `<${prefix}subfield code="${part[0]}">${escaped(part.slice(1))}</${prefix}subfield>`;
    });
    return `<${prefix}datafield tag="${tag}" ind1="${indicators[0]}" ind2="${indicators[1]}">${subfields.join('')}</${prefix}datafield>`;
  });
  const lines = [`<${prefix}leader>00000nam a2200000 i 4500</${prefix}leader>`, ...elements];
  return `<${prefix}record>\n${lines.map((line) => `    ${line}\n`).join('')}  </${prefix}record>`;
}

export const SAMPLE: readonly SampleField[] = [
  ['001', 'b1'],
  ['008', '200101s2020    fi            000 0 fin  '],
  ['100', '1 $aVirtanen, Päivi.'],
  ['245', '10$aKissat ja koirat :$bkotieläimet /$cPäivi Virtanen.'],
  ['520', '  $aKertoo kissoista & koirista.'],
  ['650', ' 7$akissat$2yso/fin$0http://example.org/p1'],
  ['650', ' 0$aDogs.'],
  ['700', '1 $aMeikäläinen, Matti.'],
];

/** @returns bytes in pieces of a few each, as a slow stream brings them */
export async function* inChunks(bytes: Buffer, size = 7): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
