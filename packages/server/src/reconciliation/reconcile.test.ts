import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VocabularyStore } from '@catchword/project';
import { LabelSearch } from '@catchword/vocabulary';
import { expect, test } from 'vitest';
import { reconcile } from './reconcile.js';

const WORDS = Array.from({ length: 26 }, (_, i) => `${String.fromCharCode(97 + i)}word`);

test('reconcile reads no more of a long text than of a long keyword, and pauses meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-reconcile-'));
  try {
    const lines = WORDS.flatMap((word) =>
      Array.from({ length: 500 }, (_, n) => `<http://x/${word}${n}>\t${word} no ${n}`),
    );
    writeFileSync(join(folder, 'words.tsv'), `${lines.join('\n')}\n`);
    const store = new VocabularyStore(join(folder, 'data'));
    await store.update('words', join(folder, 'words.tsv'), { language: 'en' });
    const { vocabulary } = await store.open('words');
    const search = LabelSearch.open(vocabulary, LabelSearch.build(vocabulary));
    let nPauses = 0;
    const pause = async () => void nPauses++;
    const found = await reconcile(vocabulary, search, WORDS.join(' '), { limit: 10, language: 'en', pause });
    expect(nPauses).toBeGreaterThan(2);
    expect(nPauses).toBeLessThanOrEqual(6); // of 1,000 labels each; 26 words begin 10,400
    expect(found).toEqual([]); // no label is like so many words
    expect((await reconcile(vocabulary, search, 'cword no 17', { limit: 1, language: 'en' }))[0]).toMatchObject({
      score: 100,
      match: true,
    });
    const gone = new Error('gone');
    await expect(
      reconcile(vocabulary, search, 'cword', { limit: 1, language: 'en', pause: () => Promise.reject(gone) }),
    ).rejects.toBe(gone);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
