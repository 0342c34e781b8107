import { readFileSync } from 'node:fs';
import type { Analyzer, Vocabulary } from '@catchword/core';
import { vocabularyOf } from '@catchword/testing';
import { createAnalyzer } from '@catchword/text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildLabelIndex } from './build-label-index.js';
import type { LabelIndex } from './label-index.js';
import { sampleVocabulary } from './sample-vocabulary.test.reader.js';
import { LABEL_BEGINS_WORD, LABEL_ENDS_WORD, WORD_BEGINS_LABEL, WORD_ENDS_LABEL, WordLinks } from './word-links.js';

/** A link as text: the label's term, how it overlaps, and the share of letters. */
type Link = readonly [string, number, number];

function indexOf(vocabulary: Vocabulary, analyzer: Analyzer): LabelIndex {
  return buildLabelIndex(vocabulary, analyzer, { language: analyzer.language, useHiddenLabels: true });
}

/** The terms that are a label by themselves. */
function wordsOf(index: LabelIndex): string[] {
  const words = new Set<string>();
  for (let node = 0; node < index.nNodes; node++) {
    for (let k = index.nodePtr[node]; k < index.nodePtr[node + 1]; k++) {
      const v = index.nodeVariants[k];
      const [from, to] = [index.variantTermsPtr[v], index.variantTermsPtr[v + 1]];
      const term = index.terms.table.get(index.variantTerms[from]);
      if (to - from === 1 && !term.startsWith('\u0001') && index.child(0, index.terms.find(term)) === node)
        words.add(term);
    }
  }
  return [...words];
}

/** Compares the word with every label. */
function naiveLinks(words: readonly string[], word: string, stem: string): Link[] {
  const links: Link[] = [];
  if (word.length > 100) return links;
  for (const label of words) {
    if (label.length < 4) continue;
    if (word.startsWith(label) && word.length - label.length >= 3)
      links.push([label, LABEL_BEGINS_WORD, label.length / word.length]);
    if (stem.endsWith(label) && stem.length - label.length >= 3)
      links.push([label, LABEL_ENDS_WORD, label.length / stem.length]);
  }
  if (stem.length < 5 || stem.length > 14) return links;
  const long = words.filter((label) => label.length >= 4);
  const beginning = long.filter((label) => label.startsWith(stem));
  const ending = long.filter((label) => label.endsWith(stem));
  for (const [kind, labels] of [
    [WORD_BEGINS_LABEL, beginning],
    [WORD_ENDS_LABEL, ending],
  ] as const) {
    if (labels.length > 60) continue;
    for (const label of labels) {
      if (label.length >= stem.length + 3) links.push([label, kind, stem.length / label.length]);
    }
  }
  return links;
}

function linksOf(index: LabelIndex, links: WordLinks, surface: number, term: number): Link[] {
  const list = links.listOf(surface, term);
  const found: Link[] = [];
  for (let k = links.begin(list); k < links.end(list); k++) {
    const variant = links.variant(k);
    expect(index.variantSubject[variant]).toBe(links.subject(k));
    const label = index.terms.table.get(index.variantTerms[index.variantTermsPtr[variant]]);
    found.push([label, links.kind(k), links.share(k)]);
  }
  return found;
}

function expectSameLinks(found: readonly Link[], expected: readonly Link[]): void {
  const key = ([label, kind, share]: Link) => `${label} ${kind} ${share.toFixed(4)}`;
  expect(found.map(key).sort()).toEqual(expected.map(key).sort());
}

function expectAllLinks(index: LabelIndex, links: WordLinks, analyzer: Analyzer, text: string): number {
  const words = wordsOf(index);
  const { nTokens, surfaces, terms } = analyzer.analyze(text);
  let n = 0;
  for (let i = 0; i < nTokens; i++) {
    if (terms[i] === 0) continue;
    const found = linksOf(index, links, surfaces[i], terms[i]);
    const labels = naiveLinks(words, analyzer.surface(surfaces[i]), analyzer.term(terms[i]));
    // One link for each subject that has the label.
    const nSubjects = (label: string) => index.nodeSubjects[index.child(0, index.terms.find(label))];
    expectSameLinks(
      found,
      labels.flatMap((link) => Array<Link>(nSubjects(link[0])).fill(link)),
    );
    n += found.length;
  }
  return n;
}

describe('WordLinks', () => {
  test('by hand', async () => {
    const analyzer = await createAnalyzer('snowball(german)', { language: 'de' });
    const prefs = ['Arbeit', 'Markt', 'Arbeitsmarktpolitik', 'Arbeitsmarkt', 'Ar', 'Politik'];
    const index = indexOf(vocabularyOf(prefs.map((de, i) => ({ uri: `urn:${i}`, pref: { de } }))), analyzer);
    const { surfaces, terms } = analyzer.analyze('Arbeitsmarkt');
    expectSameLinks(linksOf(index, new WordLinks(index, analyzer), surfaces[0], terms[0]), [
      ['arbeit', LABEL_BEGINS_WORD, 6 / 12],
      ['markt', LABEL_ENDS_WORD, 5 / 12],
      ['arbeitsmarktpolit', WORD_BEGINS_LABEL, 12 / 17],
    ]);
  });

  test('are those of a comparison with every label, for made-up words', async () => {
    const part = fc.constantFrom('tal', 'wald', 'see', 'bach', 'mühl', 'öl', 'größ', 'nacht', 'яма', 'n');
    const word = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const simple = await createAnalyzer('simple', { language: 'de' });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 90 }),
        fc.array(word, { maxLength: 30 }),
        (labels, text) => {
          const index = indexOf(vocabularyOf(labels.map((de, i) => ({ uri: `urn:${i}`, pref: { de } }))), simple);
          expectAllLinks(index, new WordLinks(index, simple), simple, text.join(' '));
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([
    ['de', 'snowball(german)'],
    ['fi', 'snowball(finnish)'],
  ])('are those of a comparison with every label, for the sample records in %s', async (language, spec) => {
    const analyzer = await createAnalyzer(spec, { language });
    const index = indexOf(await sampleVocabulary(), analyzer);
    const records = readFileSync(new URL(`../../../../corpora/sample/${language}.tsv`, import.meta.url), 'utf8');
    const n = expectAllLinks(index, new WordLinks(index, analyzer), analyzer, records.replaceAll(/\t.*$/gm, ''));
    expect(n).toBeGreaterThan(50);
  });
});
