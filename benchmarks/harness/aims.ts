import { difference, markdownTable } from './markdown-table.js';
import { mean } from './statistics.js';

/** A figure that relates both sides, by set; null where a side was not measured. */
export type Relations = readonly (readonly [set: string, value: number | null])[];

/** @returns a table of aims, those without a measure left out */
export function tableOfAims(rows: readonly (readonly string[] | undefined)[]): string {
  return markdownTable(
    ['aim', 'reached', 'not reached'],
    rows.filter((row) => row !== undefined),
  );
}

function known(relations: Relations): [set: string, value: number][] {
  return relations.filter((each): each is [string, number] => each[1] !== null && !Number.isNaN(each[1]));
}

/** @returns the row of an aim that every set has to reach; undefined where nothing was measured */
export function everywhere(
  aim: string,
  relations: Relations,
  isReached: (value: number) => boolean,
  text: (value: number) => string,
): string[] | undefined {
  const all = known(relations);
  if (all.length === 0) return undefined;
  const missed = all.filter(([, value]) => !isReached(value));
  const where = missed.map(([set, value]) => `${set} ${text(value)}`).join(', ');
  return [aim, `${all.length - missed.length} of ${all.length}`, where];
}

/** @returns the row of an aim for the mean over all sets */
export function onAverage(aim: string, relations: Relations, least: number): string[] | undefined {
  const all = known(relations);
  if (all.length === 0) return undefined;
  const average = mean(all.map(([, value]) => value));
  const text = `${difference(average, 3)} over ${all.length}`;
  return average >= least ? [aim, text, ''] : [aim, '', text];
}
