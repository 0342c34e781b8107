import { Random } from '@catchword/math';
import { type ConceptSpec, vocabularyOf } from '@catchword/testing';
import { expect, test } from 'vitest';
import { KIN, KinFeatures } from './kin-features.js';

const uri = (n: number) => `http://example.org/s${n}`;

/** Concepts in a thesaurus with several broader ones, and collections. */
function thesaurus(seed: number) {
  const random = new Random(seed);
  const nConcepts = 30;
  const concepts = Array.from({ length: nConcepts }, (_, n): ConceptSpec => {
    const broader = n === 0 ? [] : Array.from({ length: random.below(3) }, () => random.below(n));
    const collections = Array.from({ length: random.below(3) }, () => random.below(4));
    return {
      uri: uri(n),
      pref: { en: `concept ${n}` },
      broader: [...new Set(broader)].map(uri),
      collections: [...new Set(collections)].map((c) => `http://example.org/c${c}`),
    };
  });
  return vocabularyOf(concepts);
}

function filled(features: KinFeatures, nSubjects: number, ids: readonly number[], shares: readonly number[]) {
  const place = new Uint32Array(nSubjects);
  ids.forEach((id, i) => {
    place[id] = i + 1;
  });
  const X = new Float32Array(ids.length * KIN.length).fill(Number.NaN);
  features.fill(Uint32Array.from(ids), Float32Array.from(shares), ids.length, place, X, KIN.length, 0);
  return ids.map((_, i) => [...X.subarray(i * KIN.length, (i + 1) * KIN.length)]);
}

test('KinFeatures are what looking at all pairs of candidates gives, document after document', () => {
  for (let seed = 0; seed < 20; seed++) {
    const vocabulary = thesaurus(seed);
    const { nSubjects, broader, narrower, collections } = vocabulary;
    const row = ({ indptr, indices }: typeof broader, s: number) => [...indices.subarray(indptr[s], indptr[s + 1])];
    const features = new KinFeatures(vocabulary);
    const random = new Random(seed);
    for (let document = 0; document < 5; document++) {
      const all = Array.from({ length: nSubjects }, (_, id) => id);
      random.shuffle(all);
      const ids = all.slice(0, 1 + random.below(nSubjects));
      const shares = ids.map(() => Math.fround(random.below(8) / 8)); // equal ones too
      const shareOf = new Map(ids.map((id, i) => [id, shares[i] as number]));
      const sum = (some: readonly number[]) => some.reduce((total, id) => total + (shareOf.get(id) ?? 0), 0);
      const best = (some: readonly number[]) => Math.max(0, ...some.map((id) => shareOf.get(id) ?? 0));
      const expected = ids.map((id, i) => {
        const siblings = row(broader, id).flatMap((parent) => row(narrower, parent).filter((other) => other !== id));
        const groups = row(collections, id).map((c) => ids.filter((o) => o !== id && row(collections, o).includes(c)));
        const second = row(narrower, id).flatMap((child) => row(narrower, child));
        const share = shares[i] as number;
        return [
          sum(siblings),
          best(siblings) - share,
          best(row(broader, id)) - share,
          sum(second),
          Math.max(0, ...groups.map(sum)),
        ];
      });
      filled(features, nSubjects, ids, shares).forEach((found, i) => {
        for (const [c, value] of found.entries()) expect(value, KIN[c]).toBeCloseTo(expected[i]?.[c] as number, 5);
      });
    }
  }
});
