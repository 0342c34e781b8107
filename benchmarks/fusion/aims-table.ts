import { everywhere, onAverage, type Relations, tableOfAims } from '../harness/aims.js';
import { difference, figure } from '../harness/markdown-table.js';
import { type Measured, qualityOf } from '../harness/measured-projects.js';
import type { ProjectLine } from '../harness/project-line.js';
import type { Quality } from '../harness/quality.js';
import { median } from '../harness/statistics.js';
import { neverTrained, testRows } from './never-trained-table.js';

const ENSEMBLES = ['ensemble', 'pav', 'nn'];
/** Here lexical suggestions add almost nothing to so much training, so that the mean is over the other sets. */
const APART = 'eurlex57k';

/** Tells of each aim of the fusion, trained on validation documents, whether it is reached, and where it is not. */
export function fusionAims(lines: readonly ProjectLine[]): string {
  const rows = testRows(lines);
  const best = (measured: readonly (Measured | undefined)[], of: (quality: Quality) => number) => {
    const values = measured.map((each) => (each ? qualityOf(each) : null)).filter((quality) => quality !== null);
    return values.length === 0 ? null : Math.max(...values.map(of));
  };
  const gains = (of: (quality: Quality) => number, own = 'fusion', peers = 'annif' as 'annif' | 'catchword') =>
    rows.map((row): readonly [string, number | null] => {
      const fusion = best([row.catchword(own)], of);
      const peer = best(peers === 'annif' ? ENSEMBLES.map(row.annif) : [row.catchword('ensemble-3')], of);
      return [row.test, fusion === null || peer === null ? null : fusion - peer];
    });
  const ndcgAt10 = gains((quality) => quality.ndcgAt10);
  const kept = rows.map((row): readonly [string, number | null] => {
    const fusion = row.catchword('fusion');
    const recall = fusion ? neverTrained(qualityOf(fusion) as Quality) : null;
    const source = row.bestSource('catchword');
    return [row.test, typeof recall === 'number' && source !== null && source > 0 ? recall / source : null];
  });
  const faster = rows.map((row): readonly [string, number | null] => {
    const rate = (each: Measured | undefined) =>
      each && median(each.all.map((line) => line.suggesting.docsPerSecond ?? Number.NaN));
    const [own, peer] = [rate(row.catchword('fusion')), rate(row.annif('ensemble'))];
    return [row.test, own === undefined || peer === undefined ? null : own / peer];
  });
  const atLeast = (what: string, relations: Relations) => everywhere(what, relations, (value) => value >= 0, gain);
  return tableOfAims([
    atLeast('nDCG@10 at least that of Annif’s best ensemble on every set', ndcgAt10),
    atLeast(
      'F1@5 at least that of Annif’s best ensemble on every set',
      gains((quality) => quality.f1At5),
    ),
    onAverage(
      `nDCG@10 on average 0.07 better, without ${APART}`,
      ndcgAt10.filter(([test]) => test !== APART),
      0.07,
    ),
    everywhere(
      `nDCG@10 on ${APART} 0.01 better`,
      ndcgAt10.filter(([test]) => test === APART),
      (value) => value >= 0.01,
      gain,
    ),
    atLeast(
      'nDCG@10 at least that of the tuned mean of the same sources',
      gains((quality) => quality.ndcgAt10, 'fusion', 'catchword'),
    ),
    everywhere(
      'recall@10 of never-trained subjects at least 95 % of the best single source’s',
      kept,
      (value) => value >= 0.95,
      (value) => `${figure(value * 100, 0)} %`,
    ),
    everywhere(
      'suggesting at least 10 times as fast as Annif’s ensemble',
      faster,
      (value) => value >= 10,
      (value) => `${figure(value, 1)} ×`,
    ),
  ]);
}

const gain = (value: number) => difference(value, 4);
