import type { Budget } from '../client/budget.js';
import { type CodeRows, emptyRows, joinRows } from './code-rows.js';
import type { GroupEmbedder } from './group-embedder.js';
import { textGroups } from './label-texts.js';

/** @returns rows in the order of the texts */
export async function embedLabels(
  embedder: GroupEmbedder,
  texts: readonly string[],
  prefix: string,
  options: {
    readonly budget: Budget;
    readonly signal?: AbortSignal | undefined;
    readonly onLabels?: (done: number) => void;
  },
): Promise<CodeRows> {
  const { budget, signal, onLabels } = options;
  const groups = textGroups(texts);
  const parts = await embedder.embed(
    groups.map((group) => group.map((i) => prefix + (texts[i] as string))),
    {
      ...{ budget, signal },
      // Of a number of groups, how many texts these have is told well enough by their mean.
      onDone: (nGroups) => onLabels?.(Math.round((nGroups * texts.length) / groups.length)),
    },
  );
  const dimensions = parts[0]?.dimensions ?? 0;
  const joined = joinRows(dimensions, parts);
  const ordered = emptyRows(texts.length, dimensions);
  for (const [from, to] of groups.flat().entries()) {
    const { width } = joined;
    ordered.codes.set(joined.codes.subarray(from * width, (from + 1) * width), to * width);
    ordered.scales[to] = joined.scales[from] as number;
  }
  return ordered;
}
