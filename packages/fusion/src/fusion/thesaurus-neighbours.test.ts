import { Random } from '@catchword/math';
import { vocabularyOf } from '@catchword/testing';
import { expect, test } from 'vitest';
import { ThesaurusNeighbours } from './thesaurus-neighbours.js';

const uri = (n: number) => `http://example.org/s${n}`;

test('ThesaurusNeighbours are those of the ten best candidates with most support, document after document', () => {
  const random = new Random(1);
  const nConcepts = 80;
  const concepts = Array.from({ length: nConcepts }, (_, n) => ({
    uri: uri(n),
    pref: { en: `concept ${n}` },
    broader: n === 0 ? [] : [uri(random.below(n))],
    related: [uri(random.below(nConcepts))].filter((other) => other !== uri(n)),
  }));
  const vocabulary = vocabularyOf(concepts);
  const neighbours = new ThesaurusNeighbours(vocabulary, 7);
  for (let document = 0; document < 30; document++) {
    const all = Array.from({ length: nConcepts }, (_, id) => id);
    random.shuffle(all);
    const ids = Uint32Array.from(all.slice(0, random.below(30)));
    const shares = Float32Array.from(ids, () => random.below(9) / 8); // equal ones, and zero
    const place = new Uint32Array(nConcepts);
    ids.forEach((id, i) => {
      place[id] = i + 1;
    });
    const hits = Array.from(ids, (id, i) => ({ id, share: shares[i] as number }))
      .sort((a, b) => b.share - a.share || a.id - b.id)
      .slice(0, 10);
    const support = new Map<number, number>();
    for (const { id, share } of hits) {
      for (const { indptr, indices } of [vocabulary.broader, vocabulary.narrower, vocabulary.related]) {
        for (const other of indices.subarray(indptr[id], indptr[id + 1])) {
          if (!ids.includes(other) && share > 0) support.set(other, (support.get(other) ?? 0) + share);
        }
      }
    }
    const expected = [...support].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([id]) => id);
    expect(neighbours.of(ids, shares, ids.length, place)).toEqual(expected.slice(0, 7));
  }
});
