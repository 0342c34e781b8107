import { difference, figure, markdownTable } from '../harness/markdown-table.js';
import { mean, median, spread } from '../harness/statistics.js';
import { aimsTable } from './aims-table.js';
import type { ResultLine } from './result-line.js';
import {
  linesOf,
  meanQuality,
  minus,
  namesOf,
  PROGRAMS,
  type ProgramSummary,
  ratio,
  runsOf,
  suggestRates,
} from './summaries.js';

/**
 * Makes the tables of `benchmarks/README.md`: medians of all rounds, for quality the mean of all trainings.
 *
 * @param lines of one run or several; where a side was not measured, its cells hold a dash
 */
export function againstAnnifTables(lines: readonly ResultLine[]): string {
  return [
    '### Quality',
    qualityTable(lines),
    '### Recall@10 by how often a subject was trained',
    bandTable(lines),
    '### Suggesting',
    suggestTable(lines),
    '### Training',
    trainTable(lines),
    '### A cold `suggest` of one short text',
    coldTable(lines),
    '### `load-vocab`',
    vocabularyTable(lines),
    '### Aims',
    aimsTable(lines),
    ...notes(lines),
  ].join('\n\n');
}

function qualityTable(lines: readonly ResultLine[]): string {
  const tests = namesOf(linesOf(lines, 'quality'), (line) => line.test);
  const both = tests.map((test) => PROGRAMS.map((program) => meanQuality(lines, test, program)));
  const gains = both.map(([annif, catchword]) => [
    minus(catchword?.f1At5, annif?.f1At5),
    minus(catchword?.ndcgAt10, annif?.ndcgAt10),
    minus(catchword?.bands[0], annif?.bands[0]),
  ]);
  const rows = tests.map((test, i) => {
    const [annif, catchword] = both[i] ?? [];
    const gain = gains[i] ?? [];
    return [
      test,
      String((annif ?? catchword)?.nDocs ?? '–'),
      figure(annif?.f1At5, 4),
      figure(catchword?.f1At5, 4),
      difference(gain[0], 3),
      figure(annif?.ndcgAt10, 4),
      figure(catchword?.ndcgAt10, 4),
      difference(gain[1], 3),
      figure(annif?.bands[0], 3),
      figure(catchword?.bands[0], 3),
      difference(gain[2], 3),
    ];
  });
  const average = [0, 1, 2].map((i) => {
    const known = gains.map((gain) => gain[i] ?? null).filter((gain) => gain !== null);
    return known.length === 0 ? '–' : difference(mean(known), 3);
  });
  rows.push(['mean', '', '', '', average[0] ?? '', '', '', average[1] ?? '', '', '', average[2] ?? '']);
  const header = ['set', 'documents'];
  for (const name of ['F1@5', 'nDCG@10', 'R@10 band 0']) header.push(`${name} Annif`, 'Catchword', 'gain');
  return markdownTable(header, rows);
}

function bandTable(lines: readonly ResultLine[]): string {
  const tests = namesOf(linesOf(lines, 'quality'), (line) => line.test);
  const rows = tests.flatMap((test) =>
    PROGRAMS.flatMap((program) => {
      const quality = meanQuality(lines, test, program);
      if (!quality) return [];
      const cells = quality.bands.map((band, i) => `${figure(band, 3)} of ${quality.nGold[i]}`);
      return [[`${test}, ${program === 'annif' ? 'Annif' : 'Catchword'}`, ...cells, String(quality.n)]];
    }),
  );
  return markdownTable(['set', 'never', '1 to 9', '10 to 100', 'more', 'trainings'], rows);
}

const percent = (value: number | null): string => (value === null ? '–' : `${figure(value * 100, 0)} %`);

/** Cells that every table of times has: both sides' wall (processor) seconds and MiB, and how they relate. */
function timeCells(annif: ProgramSummary | undefined, catchword: ProgramSummary | undefined): string[] {
  const seconds = (side: ProgramSummary | undefined) =>
    side ? `${figure(side.wallSeconds, 2)} (${figure(side.cpuSeconds, 2)})` : '–';
  return [
    seconds(annif),
    seconds(catchword),
    figure(ratio(annif?.wallSeconds, catchword?.wallSeconds), 1),
    figure(annif?.peakRssMiB, 0),
    figure(catchword?.peakRssMiB, 0),
    percent(ratio(catchword?.peakRssMiB, annif?.peakRssMiB)),
  ];
}

const TIME_HEADER = ['Annif s (CPU)', 'Catchword s (CPU)', 'times faster', 'Annif MiB', 'Catchword MiB', 'memory'];

function suggestTable(lines: readonly ResultLine[]): string {
  const all = linesOf(lines, 'index');
  const rows = namesOf(all, (line) => line.test).map((test) => {
    const [annif, catchword] = PROGRAMS.map((program) => suggestRates(lines, test, program));
    const rate = (rates: readonly number[] | undefined) => {
      if (!rates) return '–';
      return figure(median(rates), 0) + (rates.length > 1 ? ` ±${figure(spread(rates) * 50, 0)} %` : '');
    };
    const faster = (key: 'wall' | 'cpu') =>
      figure(ratio(catchword && median(catchword[key]), annif && median(annif[key])), 1);
    const line = all.find((each) => each.test === test);
    return [
      test,
      line ? `${line.nDocs}${line.copies > 1 ? ` × ${line.copies}` : ''}` : '–',
      rate(annif?.wall),
      rate(catchword?.wall),
      faster('wall'),
      rate(annif?.cpu),
      rate(catchword?.cpu),
      faster('cpu'),
      figure(annif?.peakRssMiB, 0),
      figure(catchword?.peakRssMiB, 0),
      percent(ratio(catchword?.peakRssMiB, annif?.peakRssMiB)),
    ];
  });
  const header = ['set', 'documents', 'Annif docs/s', 'Catchword docs/s', 'times faster', 'Annif docs/CPU s'];
  header.push('Catchword docs/CPU s', 'times faster', 'Annif MiB', 'Catchword MiB', 'memory');
  return markdownTable(header, rows);
}

function trainTable(lines: readonly ResultLine[]): string {
  const all = linesOf(lines, 'train');
  const rows = namesOf(all, (line) => line.set).map((set) => {
    const { annif, catchword } = runsOf(lines, 'train', set);
    const sizes = PROGRAMS.map((program) => {
      const line = all.find((each) => each.set === set && each.program === program);
      return figure(line ? line.modelBytes / 1e6 : null, 1);
    });
    const nDocs = all.find((line) => line.set === set)?.nDocs;
    return [set, String(nDocs ?? '–'), ...timeCells(annif, catchword), ...sizes];
  });
  return markdownTable(['set', 'documents', ...TIME_HEADER, 'Annif model MB', 'Catchword model MB'], rows);
}

function coldTable(lines: readonly ResultLine[]): string {
  const rows = namesOf(linesOf(lines, 'suggest'), (line) => line.set).map((set) => {
    const { annif, catchword } = runsOf(lines, 'suggest', set);
    return [set, ...timeCells(annif, catchword)];
  });
  return markdownTable(['set', ...TIME_HEADER], rows);
}

function vocabularyTable(lines: readonly ResultLine[]): string {
  const rows = namesOf(linesOf(lines, 'load-vocab'), (line) => line.vocabulary).map((vocabulary) => {
    const { annif, catchword } = runsOf(lines, 'load-vocab', vocabulary);
    return [vocabulary, ...timeCells(annif, catchword)];
  });
  return markdownTable(['vocabulary', ...TIME_HEADER], rows);
}

function notes(lines: readonly ResultLine[]): string[] {
  const starts = linesOf(lines, 'start').map(({ machine, annif, options }) =>
    [
      `Measured with commit ${machine.commit} on ${machine.cpu}, ${machine.nCores} cores, ${machine.memoryGiB} GiB`,
      `${machine.platform}, Node.js ${machine.node}, ${annif}, options ${JSON.stringify(options)}.`,
    ].join(', '),
  );
  const skipped = linesOf(lines, 'skipped').map(({ what, why }) => `Skipped: ${what}: ${why}.`);
  return [...new Set([...starts, ...skipped])];
}
