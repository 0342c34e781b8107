import { figure, markdownTable } from '../harness/markdown-table.js';
import { type Measured, measuredProjects, qualityOf, testOf } from '../harness/measured-projects.js';
import type { ProjectLine } from '../harness/project-line.js';
import type { Quality } from '../harness/quality.js';

/** What the combining projects combine; other single projects in the results do not count. */
const SOURCES = ['mllm', 'bonsai', 'knn'];

/** One column each. */
const COLUMNS: readonly (readonly [header: string, of: (row: TestRow) => Measured | undefined])[] = [
  ['Annif ensemble', (row) => row.annif('ensemble')],
  ['Annif pav', (row) => row.annif('pav')],
  ['Annif nn_ensemble', (row) => row.annif('nn')],
  ['Catchword ensemble', (row) => row.catchword('ensemble-3')],
  ['Catchword nn_ensemble', (row) => row.catchword('nn')],
  ['fusion', (row) => row.catchword('fusion')],
  ['fusion, characters', (row) => row.catchword('fusion-char')],
  ['fusion, folds', (row) => row.catchword('fusion-folds')],
  ['fusion, both', (row) => row.catchword('fusion-both')],
];

interface TestRow {
  readonly test: string;
  annif(project: string): Measured | undefined;
  catchword(project: string): Measured | undefined;
  /** The greatest recall of never-trained subjects that a source has alone; null where not all were measured. */
  bestSource(program: 'annif' | 'catchword'): number | null;
}

/**
 * What each way of combining sources keeps: recall@10 of subjects that no training document has, beside that of the best
 * single source, and nDCG@10 of all.
 */
export function neverTrainedTable(lines: readonly ProjectLine[]): string {
  const rows = testRows(lines);
  const table = (value: (quality: Quality) => number | null | undefined, decimals: number, withSources: boolean) =>
    markdownTable(
      [
        'test file',
        ...(withSources ? ['Annif’s best source', 'Catchword’s best source'] : []),
        ...COLUMNS.map(([h]) => h),
      ],
      rows.map((row) => [
        row.test,
        ...(withSources ? [figure(row.bestSource('annif'), 3), figure(row.bestSource('catchword'), 3)] : []),
        ...COLUMNS.map(([, of]) => {
          const measured = of(row);
          const quality = measured ? qualityOf(measured) : null;
          return figure(quality ? value(quality) : null, decimals);
        }),
      ]),
    );
  return [
    'Recall@10 of subjects that were never trained:',
    table(neverTrained, 3, true),
    'nDCG@10 of all subjects:',
    table((quality) => quality.ndcgAt10, 4, false),
  ].join('\n\n');
}

/** @returns recall@10 of subjects without training documents, those included that a regime hides */
export const neverTrained = (quality: Quality): number | null | undefined => quality.bands[0];

/** @returns the projects of each test file, by program and name */
export function testRows(lines: readonly ProjectLine[]): TestRow[] {
  const measured = measuredProjects(lines);
  return [...new Set(measured.map(({ last }) => testOf(last)))].map((test) => {
    const here = measured.filter(({ last }) => testOf(last) === test);
    const find = (program: string, project: string) =>
      here.find(({ last }) => last.program === program && last.project === project);
    return {
      test,
      annif: (project) => find('annif', project),
      catchword: (project) => find('catchword', project),
      bestSource: (program) => {
        const recalls = here
          .filter(({ last }) => last.program === program && SOURCES.includes(last.project))
          .map((each) => neverTrained(qualityOf(each) as Quality))
          .filter((recall) => typeof recall === 'number');
        // Without the lexical source it would be no measure: it is the one that reaches such subjects.
        return find(program, 'mllm') ? Math.max(...recalls) : null;
      },
    };
  });
}
