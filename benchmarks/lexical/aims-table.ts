import { everywhere, onAverage, type Relations, tableOfAims } from '../harness/aims.js';
import { difference, figure } from '../harness/markdown-table.js';
import { median } from '../harness/statistics.js';
import type { ResultLine } from './result-line.js';
import { linesOf, meanQuality, minus, namesOf, type ProgramSummary, ratio, runsOf, suggestRates } from './summaries.js';

/** `load-vocab` has its aims on these. */
const AIMED_VOCABULARIES = ['agrovoc', 'yso', 'gnd'];

/** Tells of each aim whether it is reached, and where it is not; aims without a measure are left out. */
export function aimsTable(lines: readonly ResultLine[]): string {
  const tests = namesOf(linesOf(lines, 'quality'), (line) => line.test);
  const gains = (of: (quality: NonNullable<ReturnType<typeof meanQuality>>) => number | null | undefined): Relations =>
    tests.map((test) => {
      const annif = meanQuality(lines, test, 'annif');
      const catchword = meanQuality(lines, test, 'catchword');
      return [test, annif && catchword ? minus(of(catchword), of(annif)) : null];
    });
  const f1At5 = gains((quality) => quality.f1At5);
  const ndcgAt10 = gains((quality) => quality.ndcgAt10);
  const neverTrained = gains((quality) => quality.bands[0]);
  const suggested = namesOf(linesOf(lines, 'index'), (line) => line.test).map((test) => {
    const annif = suggestRates(lines, test, 'annif');
    const catchword = suggestRates(lines, test, 'catchword');
    return {
      test,
      rate: ratio(catchword && median(catchword.wall), annif && median(annif.wall)),
      memory: ratio(catchword?.peakRssMiB, annif?.peakRssMiB),
    };
  });
  const sets = namesOf(linesOf(lines, 'train'), (line) => line.set);
  const faster = ({ annif, catchword }: { annif: ProgramSummary | undefined; catchword: ProgramSummary | undefined }) =>
    ratio(annif?.wallSeconds, catchword?.wallSeconds);
  const vocabularies = namesOf(linesOf(lines, 'load-vocab'), (line) => line.vocabulary)
    .filter((vocabulary) => AIMED_VOCABULARIES.includes(vocabulary))
    .map((vocabulary) => ({ vocabulary, ...runsOf(lines, 'load-vocab', vocabulary) }));
  const gain = (value: number) => difference(value, 3);
  const times = (value: number) => `${figure(value, 1)} ×`;
  const percent = (value: number) => `${figure(value * 100, 0)} %`;
  const rows = [
    everywhere('F1@5 at least Annif’s on every set', f1At5, (value) => value >= 0, gain),
    onAverage('F1@5 on average 0.03 better', f1At5, 0.03),
    everywhere('nDCG@10 at least Annif’s on every set', ndcgAt10, (value) => value >= 0, gain),
    onAverage('nDCG@10 on average 0.05 better', ndcgAt10, 0.05),
    everywhere('recall@10 of never-trained subjects at least Annif’s', neverTrained, (value) => value >= 0, gain),
    onAverage('recall@10 of never-trained subjects on average 0.05 better', neverTrained, 0.05),
    everywhere(
      'suggesting at least 20 times as fast on every set',
      suggested.map(({ test, rate }) => [test, rate]),
      (value) => value >= 20,
      times,
    ),
    everywhere(
      'suggesting in less than half of the memory',
      suggested.map(({ test, memory }) => [test, memory]),
      (value) => value < 0.5,
      percent,
    ),
    everywhere(
      'training at least 5 times as fast',
      sets.map((set) => [set, faster(runsOf(lines, 'train', set))]),
      (value) => value >= 5,
      times,
    ),
    everywhere(
      '`load-vocab` of AGROVOC, YSO and GND at least 5 times as fast',
      vocabularies.map((each) => [each.vocabulary, faster(each)]),
      (value) => value >= 5,
      times,
    ),
    everywhere(
      '`load-vocab` of these in less than half of the memory',
      vocabularies.map(({ vocabulary, annif, catchword }) => [
        vocabulary,
        ratio(catchword?.peakRssMiB, annif?.peakRssMiB),
      ]),
      (value) => value < 0.5,
      percent,
    ),
    everywhere(
      'a cold `suggest` in less than a fifth of the time',
      sets.map((set) => [set, faster(runsOf(lines, 'suggest', set))]),
      (value) => value > 5,
      times,
    ),
  ];
  return tableOfAims(rows);
}
