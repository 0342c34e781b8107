import type { LabelIndex } from './label-index.js';

/** Of shares, which are added up in another order where keys are chosen. */
const ROUNDING = 1e-4;
/** Stands with a term's number where a label has more than two terms. */
export const SEVERAL = 2 ** 31;
export const TERM = SEVERAL - 1;

/**
 * Variants of several terms, listed under those terms of which a text has to hold one to cover enough of them. The commonest
 * terms, which lead to most variants, are hardly ever among them: the others of the label weigh more.
 */
export interface CoverageKeys {
  /** Shape (nTerms + 1) and its values: variants listed under the terms of which one is needed to cover most of them. */
  readonly mostlyPtr: Uint32Array;
  readonly mostly: Uint32Array;
  /**
   * Parallel to `mostly`: the other one of two terms; where there are more, `SEVERAL` and another term that is needed as well, or
   * the very term where there is none.
   */
  readonly mostlyOthers: Uint32Array;
  /** The same for the least share, without what is listed already. */
  readonly partlyPtr: Uint32Array;
  readonly partly: Uint32Array;
  readonly partlyOthers: Uint32Array;
}

/**
 * @param least the share that a text has to hold
 * @param most that of a label that is mostly covered, not below the least one
 */
export function coverageKeys(index: LabelIndex, least: number, most: number): CoverageKeys {
  const { nTerms, nVariants, variantTerms, variantTermsPtr, variantWeight, rarity } = index;
  const mostlyPtr = new Uint32Array(nTerms + 1);
  const partlyPtr = new Uint32Array(nTerms + 1);
  const eachKey = (tell: (isMostly: boolean, term: number, variant: number, other: number) => void): void => {
    /** Those of a variant, the commonest first. */
    const terms: number[] = [];
    for (let v = 0; v < nVariants; v++) {
      const from = variantTermsPtr[v];
      const n = variantTermsPtr[v + 1] - from;
      if (n < 2) continue;
      for (let i = 0; i < n; i++) {
        const term = variantTerms[from + i];
        let k = i - 1;
        for (; k >= 0 && rarity[terms[k]] > rarity[term]; k--) terms[k + 1] = terms[k];
        terms[k + 1] = term;
      }
      // A text that holds none of the terms from here on has less than this.
      let share = ROUNDING;
      for (let i = 0; i < n; i++) {
        share += rarity[terms[i]] / variantWeight[v];
        if (share < least) continue;
        const rarest = i === n - 1 ? terms[n - 2] : terms[n - 1];
        const isMostly = share >= most;
        const isNeeded = 1 - rarity[rarest] / variantWeight[v] + ROUNDING < (isMostly ? most : least);
        tell(isMostly, terms[i], v, n === 2 ? rarest : SEVERAL + (isNeeded ? rarest : terms[i]));
      }
    }
  };
  eachKey((isMostly, term) => {
    const ptr = isMostly ? mostlyPtr : partlyPtr;
    ptr[term + 1]++;
  });
  for (let t = 0; t < nTerms; t++) {
    mostlyPtr[t + 1] += mostlyPtr[t];
    partlyPtr[t + 1] += partlyPtr[t];
  }
  const mostly = new Uint32Array(mostlyPtr[nTerms]);
  const mostlyOthers = new Uint32Array(mostlyPtr[nTerms]);
  const partly = new Uint32Array(partlyPtr[nTerms]);
  const partlyOthers = new Uint32Array(partlyPtr[nTerms]);
  const nextMostly = mostlyPtr.slice();
  const nextPartly = partlyPtr.slice();
  eachKey((isMostly, term, variant, other) => {
    const k = isMostly ? nextMostly[term]++ : nextPartly[term]++;
    (isMostly ? mostly : partly)[k] = variant;
    (isMostly ? mostlyOthers : partlyOthers)[k] = other;
  });
  return { mostlyPtr, mostly, mostlyOthers, partlyPtr, partly, partlyOthers };
}
