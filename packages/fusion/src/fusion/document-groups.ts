import type { RankingGroups } from '@catchword/learners';
import { Uint32List } from '@catchword/math';
import type { FusionRows } from './fusion-table.js';

/** Ranks that count in learning to rank. */
const TRUNCATION = 20;

/** @returns each document's rows as a group to be ranked; gold subjects that no source suggests count in the ideal */
export function documentGroups({ doc, nGold }: Pick<FusionRows, 'doc' | 'nGold'>): RankingGroups {
  const groupPtr = new Uint32List();
  const nRight = new Uint32List();
  for (let i = 0; i < doc.length; i++) {
    if (i > 0 && doc[i] === doc[i - 1]) continue;
    groupPtr.push(i);
    nRight.push(nGold[doc[i]]);
  }
  groupPtr.push(doc.length);
  return { groupPtr: groupPtr.toArray(), nRight: nRight.toArray(), truncation: TRUNCATION };
}

/**
 * What rows count in learning to rank: a row that stands for others far down counts once, since what is far down moves no rank.
 *
 * @returns shape (nRows)
 */
export function rankingWeights({ weights, hidden }: Pick<FusionRows, 'weights' | 'hidden'>, hiddenWeight: number) {
  return weights.map((weight, i) => Math.min(weight, hidden[i] ? hiddenWeight : 1));
}
