import type { MeasuredProject, ProjectLine } from './project-line.js';
import type { Quality } from './quality.js';

/** All rounds of a project of one program on a test file. */
export interface Measured {
  readonly last: MeasuredProject;
  readonly all: readonly MeasuredProject[];
}

/** @returns the projects that were measured, in the order of their tests */
export function measuredProjects(all: readonly ProjectLine[]): Measured[] {
  const lines = all.filter((line): line is MeasuredProject => line.kind === 'project');
  const groups = new Map<string, MeasuredProject[]>();
  for (const line of lines) {
    const key = [line.test, line.regime, line.program, line.project].join('\t');
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const tests = [...new Set(lines.map(testOf))];
  return [...groups.values()]
    .map((all) => ({ all, last: all.at(-1) as MeasuredProject }))
    .sort((a, b) => tests.indexOf(testOf(a.last)) - tests.indexOf(testOf(b.last)));
}

/** @returns the test file, and the regime if it is not the natural one */
export const testOf = ({ test, regime }: MeasuredProject) => (regime === 'natural' ? test : `${test}, ${regime}`);

/** @returns the last round's quality by the independent evaluator, or by `catchword eval` where that is not there */
export const qualityOf = ({ last }: Measured): Quality | null => last.quality ?? last.ownQuality ?? null;
