import { everywhere, onAverage, type Relations, tableOfAims } from '../harness/aims.js';
import { difference, figure } from '../harness/markdown-table.js';
import { type Measured, measuredProjects, qualityOf, testOf } from '../harness/measured-projects.js';
import type { MeasuredProject, ProjectLine } from '../harness/project-line.js';
import type { Quality } from '../harness/quality.js';
import { median } from '../harness/statistics.js';

/** Tells of each aim of the label tree against Annif's Bonsai whether it is reached, and where it is not. */
export function associativeAims(lines: readonly ProjectLine[]): string {
  const bonsai = measuredProjects(lines).filter(({ last }) => last.project === 'bonsai');
  const tests = [...new Set(bonsai.map(({ last }) => testOf(last)))];
  const relate = (relation: (annif: Measured, catchword: Measured) => number | null): Relations =>
    tests.map((test) => {
      const [annif, catchword] = (['annif', 'catchword'] as const).map((program) =>
        bonsai.find(({ last }) => testOf(last) === test && last.program === program),
      );
      return [test, annif && catchword ? relation(annif, catchword) : null];
    });
  const gains = (of: (quality: Quality) => number) =>
    relate((annif, catchword) => {
      const [peer, own] = [qualityOf(annif), qualityOf(catchword)];
      return peer && own ? of(own) - of(peer) : null;
    });
  const ratios = (of: (line: MeasuredProject) => number | null) =>
    relate((annif, catchword) => middle(catchword, of) / middle(annif, of));
  const ndcgAt10 = gains((quality) => quality.ndcgAt10);
  const atLeast = (what: string, relations: Relations) =>
    everywhere(`${what} at least Annif’s Bonsai’s on every set`, relations, (value) => value >= 0, gain);
  return tableOfAims([
    atLeast(
      'P@1',
      gains((quality) => quality.precisionAt1),
    ),
    atLeast(
      'P@5',
      gains((quality) => quality.precisionAt5),
    ),
    atLeast('nDCG@10', ndcgAt10),
    onAverage('nDCG@10 on average 0.01 better', ndcgAt10, 0.01),
    everywhere(
      'training in at most a third of the time',
      ratios((line) => line.training.run.wallSeconds),
      (value) => value <= 1 / 3,
      share,
    ),
    everywhere(
      'training in at most as much memory',
      ratios((line) => line.training.run.peakRssMiB),
      (value) => value <= 1,
      share,
    ),
    everywhere(
      'a model of at most a third of the bytes',
      ratios((line) => line.training.modelBytes),
      (value) => value <= 1 / 3,
      share,
    ),
    everywhere(
      'suggesting at least 10 times as fast',
      ratios((line) => line.suggesting.docsPerSecond),
      (value) => value >= 10,
      (value) => `${figure(value, 1)} ×`,
    ),
  ]);
}

const gain = (value: number) => difference(value, 4);
const share = (value: number) => `${figure(value * 100, 0)} %`;
const middle = ({ all }: Measured, of: (line: MeasuredProject) => number | null) =>
  median(all.map((line) => of(line) ?? Number.NaN));
