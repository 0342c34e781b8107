import { expect, test } from 'vitest';
import { evidencePlaces, explanationLines } from './explanation-output.js';

const TEXT = `The history of rivers.\n\n${'Much else is said here. '.repeat(5)}Then the river comes\nagain, at the end.`;
const at = TEXT.lastIndexOf('river');
const EXPLANATION = {
  subjectId: 7,
  score: 0.8,
  evidence: [
    { start: 15, end: 21, label: 'river', kind: 'form' as const },
    { start: at, end: at + 5, label: 'river', kind: 'label' as const },
  ],
  contributions: [
    { feature: 'firstOccurrence', text: 'where the label occurs first', value: 0, weight: 1.234 },
    { feature: 'spread', text: 'how far the places lie apart', value: null, weight: -0.5 },
    { feature: 'coverage', text: 'how much of the label the text covers', value: 0.66667, weight: 0.4 },
    { feature: 'inFirstSentence', text: 'the label is in the first sentence', value: 1, weight: 0.3 },
    { feature: 'weight', text: 'how rare the words of the label are', value: 13.3, weight: 0.2 },
    { feature: 'other', text: 'nothing', value: 1, weight: 0.001 },
  ],
};

test('explanationLines shows the words, where they stand, and what counted', () => {
  expect(explanationLines(TEXT, EXPLANATION, (words) => `[${words}]`)).toEqual([
    '    "river" in another form:',
    '      line 1: The history of [rivers]. Much else is said here. Much else is…',
    '    "river" word for word:',
    '      line 3: …here. Much else is said here. Then the [river] comes again, at the end.',
    '    counted for (+) and against (-), in log odds:',
    '      +1.23  where the label occurs first (0)',
    '      -0.50  how far the places lie apart',
    '      +0.40  how much of the label the text covers (0.67)',
    '      +0.30  the label is in the first sentence (yes)',
    '      +0.20  how rare the words of the label are',
  ]);
});

test('explanationLines counts places beyond three, and tells where there are none', () => {
  const evidence = Array.from({ length: 5 }, () => EXPLANATION.evidence[1] as (typeof EXPLANATION.evidence)[0]);
  const lines = explanationLines(TEXT, { ...EXPLANATION, evidence, contributions: [] }, (words) => words);
  expect(lines[0]).toBe('    "river" word for word, 5 times:');
  expect(lines.at(-1)).toBe('      … and 2 more');
  expect(explanationLines('', { ...EXPLANATION, evidence: [], contributions: [] }, (words) => words)).toEqual([
    '    no words of the text speak for it directly',
  ]);
});

test('explanationLines names of the terms of similar records those that count most, wherever they are told', () => {
  const text = 'The river and the lake of a town by the sea, with boats';
  const evidence = ['the', 'and', 'river', 'lake', 'town', 'sea', 'boats'].map((label) => {
    const start = text.toLowerCase().indexOf(label);
    return { start, end: start + label.length, label, kind: 'term' as const };
  });
  const of = (weights: Record<string, number>) =>
    Object.entries(weights).map(([feature, weight]) => ({ feature, text: `"${feature}"`, value: 1, weight }));
  const sources = [
    { projectId: 'knn', score: 0.5, rank: 1, contributions: of({ the: 0.01, and: 0.02, river: 0.3, lake: 0.1 }) },
    { projectId: 'trees', score: 0.5, rank: 1, contributions: of({ boats: 0.2, town: -0.4, sea: 0.05 }) },
  ];
  const lines = explanationLines(text, { ...EXPLANATION, evidence, contributions: [], sources }, (words) => words);
  const headings = lines.filter((line) => line.includes('in the text'));
  expect(headings).toEqual(['    "river" in the text:', '    "lake" in the text:', '    "boats" in the text:']);
});

test('explanationLines names labels before terms, wherever they stand in the text', () => {
  const text = 'Of boats on the river';
  const evidence = [
    { start: 3, end: 8, label: 'boats', kind: 'term' as const },
    { start: 16, end: 21, label: 'river', kind: 'label' as const },
  ];
  const lines = explanationLines(text, { ...EXPLANATION, evidence, contributions: [] }, (words) => words);
  expect(lines.filter((line) => line.endsWith(':'))).toEqual([
    '    "river" word for word:',
    '    "boats" in the text:',
  ]);
});

test('explanationLines shows parts of the score, and the records behind it', () => {
  const lines = explanationLines(
    '',
    {
      subjectId: 7,
      score: 0.5,
      evidence: [],
      scale: 'share',
      contributions: [
        { feature: 'river', text: '"river"', value: 0.2, weight: 0.3 },
        { feature: 'lake', text: '"lake"', value: 0.1, weight: 0.004 },
      ],
      records: [
        { documentId: 'r1', title: 'On rivers', similarity: 0.991, nearDuplicate: true },
        { title: 'More\u001b[31m rivers', similarity: 0.25 },
      ],
    },
    (words) => words,
  );
  expect(lines).toEqual([
    '    no words of the text speak for it directly',
    '    what the score comes from:',
    '       60 %  "river"',
    '    similar records that have it:',
    '      0.99  r1  On rivers (nearly the same text)',
    '      0.25  More [31m rivers',
  ]);
});

test('a snippet holds no control characters and no half of a pair', () => {
  const text = `${'😀'.repeat(30)}\x1b[31m river \t${'😀'.repeat(30)}`;
  const start = text.indexOf('river');
  const evidence = [{ start, end: start + 5, label: 'river', kind: 'label' as const }];
  const [place] = evidencePlaces(text, { ...EXPLANATION, evidence });
  expect(place?.words).toBe('river');
  expect(place?.snippet).not.toMatch(/\p{Surrogate}/u);
  expect(place?.snippet).not.toMatch(/[\x00-\x1f]/);
});
