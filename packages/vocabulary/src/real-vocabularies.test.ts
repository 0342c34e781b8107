import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LABEL_ALT, LABEL_PREF } from '@catchword/core';
import { describe, expect, test } from 'vitest';
import { readVocabulary, type SkosVocabulary, updateVocabulary } from './index.js';

const DATA = process.env.CATCHWORD_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const HAS_DATA = existsSync(join(DATA, 'README.md'));
if (!HAS_DATA) console.warn(`real vocabularies: skipped, there is no ${DATA} (set CATCHWORD_DATA)`);

async function load(path: string, language?: string) {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const parsed = await readVocabulary(
    join(DATA, path),
    language === undefined ? { onWarning } : { language, onWarning },
  );
  return { v: updateVocabulary(undefined, parsed).vocabulary, warnings };
}

function nLabels({ labels, languages }: SkosVocabulary, kind: number, language: string): number {
  const number = languages.indexOf(language);
  let n = 0;
  for (let k = 0; k < labels.kind.length; k++) if (labels.kind[k] === kind && labels.language[k] === number) n++;
  return n;
}

function described(v: SkosVocabulary): string[] {
  const rows = Array.from({ length: v.nSubjects }, (_, id) => {
    const labels: string[] = [];
    for (let k = v.labels.indptr[id] as number; k < (v.labels.indptr[id + 1] as number); k++) {
      labels.push(`${v.labels.kind[k]} ${v.labels.texts.get(k)}@${v.languages[v.labels.language[k] as number]}`);
    }
    const targets = [v.broader, v.narrower, v.related].map((relation) =>
      [...relation.indices.subarray(relation.indptr[id], relation.indptr[id + 1])]
        .map((target) => v.uri(target))
        .sort(),
    );
    const groups = [...v.types.indices.subarray(v.types.indptr[id], v.types.indptr[id + 1])].map((t) =>
      v.typeUris.get(t),
    );
    return JSON.stringify([v.uri(id), labels.sort(), targets, groups.sort()]);
  });
  return rows.sort();
}

describe.skipIf(!HAS_DATA)('real vocabularies', () => {
  test('AGROVOC (RDF/XML)', async () => {
    const { v, warnings } = await load('fao780-agrovoc/agrovoc_en.rdf.gz');
    expect([v.nSubjects, nLabels(v, LABEL_PREF, 'en'), nLabels(v, LABEL_ALT, 'en')]).toEqual([28174, 28174, 10028]);
    expect(v.uri(0)).toBe('http://www.fao.org/aos/agrovoc#c_3');
    expect(warnings).toHaveLength(2);
  });

  test('STW (Turtle with a base): counts as stated, one deprecated concept last', async () => {
    const { v } = await load('stw-economics/stw.ttl.gz');
    expect([v.nSubjects, nLabels(v, LABEL_ALT, 'de'), nLabels(v, LABEL_ALT, 'en')]).toEqual([6244, 14194, 6586]);
    expect([v.broader, v.narrower, v.related].map(({ indices }) => indices.length)).toEqual([13252, 13252, 13228]);
    expect(v.status.indexOf(1)).toBe(6243);
  });

  test('YKL: notations, inverses, labels without language', async () => {
    const { v } = await load('makupalat-ykl/ykl.ttl.gz');
    const notations = Array.from({ length: v.nSubjects }, (_, id) => v.notation(id)).filter(
      (each) => each !== undefined,
    );
    expect([v.nSubjects, notations.length, v.broader.indices.length]).toEqual([2406, 2390, 2394]);
    expect(['en', 'fi', 'sv'].map((language) => nLabels(v, LABEL_PREF, language))).toEqual([2400, 2404, 2406]);
  });

  test('YSO archaeology is the same in Turtle and RDF/XML, and has the ids of Annif', async () => {
    const turtle = (await load('archaeology-yso/yso-archaeology.ttl')).v;
    const xml = (await load('archaeology-yso/yso-archaeology.rdf')).v;
    expect(described(xml)).toEqual(described(turtle));
    expect([turtle.uri(42), turtle.uri(55)]).toEqual([
      'http://www.yso.fi/onto/yso/p29546',
      'http://www.yso.fi/onto/yso/p14800',
    ]);
  });

  test('categories of Reuters (TSV)', async () => {
    const { v } = await load('reuters21578/categories.tsv', 'en');
    expect([v.nSubjects, v.idOfLabel('amex', 'en')]).toEqual([394, 0]);
  });
});
