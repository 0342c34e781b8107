import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SubjectIndex } from '@catchword/core';
import { expect, test } from 'vitest';
import { openCorpus } from './open-corpus.js';

// Real collections stand beside the repository, not in it.
const data = process.env.CATCHWORD_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** Knows every URI. */
function anySubject(): SubjectIndex {
  const ids = new Map<string, number>();
  return {
    nSubjects: 0,
    idOfUri: (uri) => {
      const id = ids.get(uri) ?? ids.size;
      ids.set(uri, id);
      return id;
    },
    idOfLabel: () => -1,
    uri: String,
    label: () => undefined,
    notation: () => undefined,
  };
}

test.skipIf(!existsSync(join(data, 'kirjastonhoitaja')))(
  'a folder and a TSV file of the same real documents have the same subjects and words',
  async () => {
    const read = async (path: string, subjects: SubjectIndex) => {
      const all: string[] = [];
      for await (const document of openCorpus([join(data, 'kirjastonhoitaja', path)], {
        subjects,
        language: 'fi',
      }).documents()) {
        const gold = [...(document.subjects ?? [])].sort((a, b) => a - b);
        all.push(`${document.text.split(/\s+/).filter(Boolean).join(' ').normalize('NFC')} ${gold.join(' ')}`);
      }
      return all.sort();
    };
    const subjects = anySubject();
    const folder = await read('test', subjects);
    expect(folder).toHaveLength(220);
    expect(folder).toEqual(await read('test.tsv.gz', subjects));
  },
);

test.skipIf(!existsSync(join(data, 'tibkat-gnd')))(
  'real TSV files give the documents that their README counts',
  async () => {
    for (const [path, nDocs] of [
      ['tibkat-gnd/train-1k.de.tsv.gz', 1000],
      ['fao780-agrovoc/test.tsv.gz', 173],
      ['archaeology-yso/fulltext', 27],
      ['yso-finna/test.sv.tsv.gz', 2700],
    ] as const) {
      const corpus = openCorpus([join(data, path)], { subjects: anySubject(), language: 'en' });
      for await (const { text, subjects } of corpus.documents()) {
        expect(text).not.toBe('');
        expect(subjects?.length).toBeGreaterThan(0);
      }
      expect(corpus.report(), path).toMatchObject({ nDocuments: nDocs, nInvalid: 0, nWithoutSubjects: 0 });
    }
  },
);
