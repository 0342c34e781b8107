import type { ClusterParams } from './k-means.js';

/** A node of a tree over labels. */
export interface HierarchyNode {
  /** Labels of the whole node, child after child. */
  readonly labels: Uint32Array;
  /** Shape (nChildren + 1): labels of each child. */
  readonly childPtr: Uint32Array;
  /** Nodes of the children, by their number in the hierarchy; undefined where the children are labels. */
  readonly children: readonly number[] | undefined;
}

export interface HierarchyParams extends ClusterParams {
  /** Nodes with fewer labels are not split. */
  readonly minBranchSize: number;
  /** Depth at which nodes are not split any more; the root has depth 1. */
  readonly maxDepth: number;
  /** Split so many times more before the parts become children: wide and shallow trees from a small k. */
  readonly collapseEveryNLayers: number;
  /** Nodes with more labels are split beyond the depth as well. */
  readonly maxLeafSize: number;
}

/** Splits labels into parts, or leaves them together. */
export type Split = (labels: Uint32Array, seed: number) => Promise<readonly Uint32Array[] | undefined>;

/**
 * Grows a tree over labels by splitting them again and again.
 *
 * @param labels distinct, ascending, at least one
 * @param weight of each label, by which children are ordered, the heaviest first
 * @param split called with a seed of its own for each set; may run in parallel
 * @returns nodes, the root first, each before its children
 * @see Omikuji 0.5.2, `train.rs`: depth, least size and collapsing as there
 */
export async function growHierarchy(
  labels: Uint32Array,
  weight: (label: number) => number,
  params: HierarchyParams,
  split: Split,
  seed: number,
): Promise<HierarchyNode[]> {
  const nodes: HierarchyNode[] = [];
  let nSplits = 0;
  const splitNext = (part: Uint32Array) => split(part, Math.imul(seed, 0x85ebca6b) + ++nSplits);
  const mayBranch = (part: Uint32Array, depth: number): boolean =>
    part.length >= Math.max(2, params.minBranchSize) && (depth < params.maxDepth || part.length > params.maxLeafSize);
  let level: Uint32Array[] = [labels];
  for (let depth = 1; level.length > 0; depth++) {
    const partings = await Promise.all(
      level.map(async (part) => {
        let parts = mayBranch(part, depth) ? await splitNext(part) : undefined;
        for (let i = 0; parts && i < params.collapseEveryNLayers; i++) {
          const before: number = parts.length;
          const finer: (readonly Uint32Array[])[] = [];
          for (const each of parts) {
            finer.push((each.length >= params.minBranchSize ? await splitNext(each) : undefined) ?? [each]);
          }
          parts = finer.flat();
          if (parts.length === before) break;
        }
        return parts && parts.length > 1 ? parts : undefined;
      }),
    );
    let next = nodes.length + level.length;
    const below: Uint32Array[] = [];
    for (let i = 0; i < level.length; i++) {
      const parts = partings[i];
      if (parts === undefined) {
        nodes.push(leaf(level[i], weight));
        continue;
      }
      const total = (part: Uint32Array) => part.reduce((sum, label) => sum + weight(label), 0);
      const ordered = parts.map((part) => ({ part, total: total(part) }));
      ordered.sort((a, b) => b.total - a.total || a.part[0] - b.part[0]);
      const childPtr = new Uint32Array(parts.length + 1);
      const own = new Uint32Array(level[i].length);
      ordered.forEach(({ part }, c) => {
        own.set(part, childPtr[c]);
        childPtr[c + 1] = childPtr[c] + part.length;
      });
      nodes.push({ labels: own, childPtr, children: ordered.map((_, c) => next + c) });
      next += parts.length;
      below.push(...ordered.map(({ part }) => part));
    }
    level = below;
  }
  return nodes;
}

function leaf(labels: Uint32Array, weight: (label: number) => number): HierarchyNode {
  const ordered = labels.slice().sort((a, b) => weight(b) - weight(a) || a - b);
  return {
    labels: ordered,
    childPtr: Uint32Array.from({ length: labels.length + 1 }, (_, i) => i),
    children: undefined,
  };
}
