import type { ProgramName } from './indexing-program.js';
import { difference, figure, markdownTable } from './markdown-table.js';
import { type Measured, measuredProjects, qualityOf, testOf } from './measured-projects.js';
import type { MeasuredProject, ProjectLine } from './project-line.js';
import type { Quality } from './quality.js';
import { median } from './statistics.js';

const NAMES: Readonly<Record<ProgramName, string>> = { annif: 'Annif', catchword: 'Catchword' };

/**
 * @returns a table of every project's quality, one of what training and suggesting took, and one of Catchword's gains over
 *   the best project of Annif, as Markdown
 */
export function projectTables(lines: readonly ProjectLine[]): string {
  const measured = measuredProjects(lines);
  if (measured.length === 0) return 'Nothing was measured.';
  return [
    '### Quality',
    qualityTable(measured),
    '### Training and suggesting',
    costTable(measured),
    '### Against the best of Annif’s projects',
    gainTable(measured),
    failures(lines),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const rowName = ({ last }: Measured) => `${testOf(last)}: ${NAMES[last.program]} ${last.project}`;

function qualityTable(measured: readonly Measured[]): string {
  const rows = measured.map((each) => {
    const quality = qualityOf(each);
    return [
      rowName(each),
      figure(quality?.nDocs, 0),
      figure(quality?.precisionAt1, 4),
      figure(quality?.precisionAt5, 4),
      figure(quality?.f1At5, 4),
      figure(quality?.ndcgAt10, 4),
      figure(quality?.recallAt10, 4),
      (quality?.bands ?? []).map((band) => figure(band, 3)).join(' / '),
      figure(quality?.recallAt10Masked, 3),
    ];
  });
  const header = ['test file: project', 'documents', 'P@1', 'P@5', 'F1@5', 'nDCG@10', 'R@10'];
  return markdownTable([...header, 'R@10 of 0 / 1–9 / 10–100 / more', 'R@10 of hidden labels'], rows);
}

function costTable(measured: readonly Measured[]): string {
  const rows = measured.map((each) => {
    const middle = (value: (line: MeasuredProject) => number | null) =>
      median(each.all.map((line) => value(line) ?? Number.NaN));
    return [
      rowName(each),
      figure(each.last.training.nDocs, 0),
      `${figure(
        middle((line) => line.training.run.wallSeconds),
        1,
      )} (${figure(
        middle((line) => line.training.run.cpuSeconds),
        1,
      )})`,
      figure(
        middle((line) => line.training.run.peakRssMiB),
        0,
      ),
      figure(each.last.bytesWithSources / 1e6, 1),
      figure(
        middle((line) => line.suggesting.docsPerSecond),
        0,
      ),
      figure(
        middle((line) => line.suggesting.docsPerCpuSecond),
        0,
      ),
      figure(
        middle((line) => line.suggesting.run.peakRssMiB),
        0,
      ),
      String(each.all.length),
    ];
  });
  const header = ['test file: project', 'trained on', 'train s (CPU)', 'train MiB', 'model MB'];
  return markdownTable([...header, 'docs/s', 'docs/CPU s', 'suggest MiB', 'rounds'], rows);
}

/** Each of Catchword's projects beside the greatest figure that any of Annif's has there, each figure for itself. */
function gainTable(measured: readonly Measured[]): string {
  const rows = measured
    .filter(({ last }) => last.program === 'catchword')
    .flatMap((own) => {
      const peers = measured.filter(({ last }) => last.program === 'annif' && testOf(last) === testOf(own.last));
      const quality = qualityOf(own);
      if (peers.length === 0 || !quality) return [];
      const best = (value: (quality: Quality) => number | null | undefined) =>
        Math.max(...peers.map((peer) => value(qualityOf(peer) as Quality) ?? 0));
      const gain = (value: (quality: Quality) => number | null | undefined, decimals: number) =>
        difference((value(quality) ?? Number.NaN) - best(value), decimals);
      return [
        [
          rowName(own),
          gain((q) => q.precisionAt1, 4),
          gain((q) => q.precisionAt5, 4),
          gain((q) => q.f1At5, 4),
          gain((q) => q.ndcgAt10, 4),
          gain((q) => q.bands[0], 3),
        ],
      ];
    });
  if (rows.length === 0) return 'Only one program was measured.';
  return markdownTable(['test file: project', 'P@1', 'P@5', 'F1@5', 'nDCG@10', 'R@10 of band 0'], rows);
}

/** What failed when it was tried last, with the program's own message. */
function failures(lines: readonly ProjectLine[]): string {
  const last = new Map<string, string>();
  for (const line of lines) {
    if (line.kind === 'failed') last.set(line.what, /^Error: .*$/m.exec(line.why)?.[0] ?? line.why.slice(-300));
    if (line.kind === 'project') last.delete(`${line.program}, ${line.id}`);
  }
  const rows = [...last].map(([what, why]) => [what, why.replaceAll(/\s+/g, ' ').replaceAll('|', '/')]);
  return rows.length === 0 ? '' : `### Failed\n\n${markdownTable(['what', 'why'], rows)}`;
}
