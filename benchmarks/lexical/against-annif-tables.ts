import type { ProgramName } from '../harness/indexing-program.js';
import { difference, figure, markdownTable } from '../harness/markdown-table.js';
import type { ProgramRun } from '../harness/run-program.js';
import { mean, median, spread } from '../harness/statistics.js';
import type { Quality, ResultLine } from './result-line.js';

type LineOf<Kind extends ResultLine['kind']> = Extract<ResultLine, { readonly kind: Kind }>;

const PROGRAMS: readonly ProgramName[] = ['annif', 'catchword'];

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
    ...notes(lines),
  ].join('\n\n');
}

function linesOf<Kind extends ResultLine['kind']>(lines: readonly ResultLine[], kind: Kind): LineOf<Kind>[] {
  return lines.filter((line): line is LineOf<Kind> => line.kind === kind);
}

/** Names in the order of their first line. */
function namesOf<Line>(lines: readonly Line[], name: (line: Line) => string): string[] {
  return [...new Set(lines.map(name))];
}

interface MeanQuality {
  readonly n: number;
  readonly f1At5: number;
  readonly ndcgAt10: number;
  readonly bands: readonly (number | null)[];
  readonly nGold: readonly number[];
  readonly nDocs: number;
}

function meanQuality(lines: readonly ResultLine[], test: string, program: ProgramName): MeanQuality | undefined {
  const all = linesOf(lines, 'quality').filter((line) => line.test === test && line.program === program);
  // The independent evaluator judges both sides; the other speaks only where that was not there.
  const independent = all.filter((line) => line.evaluator === 'evaluate.py');
  const found: Quality[] = (independent.length > 0 ? independent : all).map((line) => line.quality);
  const first = found[0];
  if (!first) return undefined;
  return {
    n: found.length,
    f1At5: mean(found.map((each) => each.f1At5)),
    ndcgAt10: mean(found.map((each) => each.ndcgAt10)),
    bands: first.bands.map((band, i) => (band === null ? null : mean(found.map((each) => each.bands[i] ?? 0)))),
    nGold: first.nGold,
    nDocs: first.nDocs,
  };
}

const minus = (a: number | null | undefined, b: number | null | undefined): number | null =>
  typeof a === 'number' && typeof b === 'number' ? a - b : null;

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

/** Medians of runs that belong together. */
function summary(runs: readonly ProgramRun[]) {
  if (runs.length === 0) return undefined;
  return {
    n: runs.length,
    wallSeconds: median(runs.map((run) => run.wallSeconds)),
    wallSpread: spread(runs.map((run) => run.wallSeconds)),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds ?? Number.NaN)),
    peakRssMiB: median(runs.map((run) => run.peakRssMiB ?? Number.NaN)),
  };
}

const ratio = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a / b;

const percent = (value: number | null): string => (value === null ? '–' : `${figure(value * 100, 0)} %`);

/** Cells that every table of times has: both sides' wall (processor) seconds and MiB, and how they relate. */
function timeCells(annif: ReturnType<typeof summary>, catchword: ReturnType<typeof summary>): string[] {
  const seconds = (side: ReturnType<typeof summary>) =>
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
    const sides = PROGRAMS.map((program) => {
      const own = all.filter((line) => line.test === test && line.program === program);
      if (own.length === 0) return undefined;
      return {
        wall: own.map((line) => line.docsPerSecond),
        cpu: own.map((line) => line.docsPerCpuSecond ?? Number.NaN),
        peakRssMiB: median(own.map((line) => line.run.peakRssMiB ?? Number.NaN)),
      };
    });
    const [annif, catchword] = sides;
    const rate = (rates: readonly number[] | undefined) => {
      if (!rates) return '–';
      return figure(median(rates), 0) + (rates.length > 1 ? ` ±${figure(spread(rates) * 50, 0)} %` : '');
    };
    const faster = (key: 'wall' | 'cpu') => figure(ratio(medianOf(catchword?.[key]), medianOf(annif?.[key])), 1);
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

const medianOf = (values: readonly number[] | undefined): number | undefined => values && median(values);

function trainTable(lines: readonly ResultLine[]): string {
  const all = linesOf(lines, 'train');
  const rows = namesOf(all, (line) => line.set).map((set) => {
    const own = PROGRAMS.map((program) => all.filter((line) => line.set === set && line.program === program));
    const [annif = [], catchword = []] = own;
    const sizes = own.map((side) => figure(side[0] ? side[0].modelBytes / 1e6 : null, 1));
    const nDocs = all.find((line) => line.set === set)?.nDocs;
    return [
      set,
      String(nDocs ?? '–'),
      ...timeCells(summary(annif.map((line) => line.run)), summary(catchword.map((line) => line.run))),
      ...sizes,
    ];
  });
  return markdownTable(['set', 'documents', ...TIME_HEADER, 'Annif model MB', 'Catchword model MB'], rows);
}

function coldTable(lines: readonly ResultLine[]): string {
  const all = linesOf(lines, 'suggest');
  const rows = namesOf(all, (line) => line.set).map((set) => {
    const [annif, catchword] = PROGRAMS.map((program) =>
      summary(all.filter((line) => line.set === set && line.program === program).map((line) => line.run)),
    );
    return [set, ...timeCells(annif, catchword)];
  });
  return markdownTable(['set', ...TIME_HEADER], rows);
}

function vocabularyTable(lines: readonly ResultLine[]): string {
  const all = linesOf(lines, 'load-vocab');
  const rows = namesOf(all, (line) => line.vocabulary).map((vocabulary) => {
    const [annif, catchword] = PROGRAMS.map((program) =>
      summary(all.filter((line) => line.vocabulary === vocabulary && line.program === program).map((line) => line.run)),
    );
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
