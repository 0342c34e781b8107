import type { Budget } from '../client/budget.js';
import { type MappedKeywords, mapKeywords } from './keyword-candidates.js';
import type { LabelLookup } from './label-lookup.js';
import type { NearestLabels } from './nearest-labels.js';

/** The keywords of a text, and the text. */
export interface KeywordsOfText {
  readonly keywords: readonly string[];
  readonly text: string;
}

/** Maps keywords of several texts to subjects: by label, and those that no label matches by meaning, where that is configured. */
export class KeywordMapper {
  private readonly lookup: LabelLookup;
  private readonly nearest: NearestLabels | undefined;

  constructor(lookup: LabelLookup, nearest: NearestLabels | undefined) {
    this.lookup = lookup;
    this.nearest = nearest;
  }

  /** @param budget pays for the comparison by meaning @throws the signal's reason after an abort */
  async map(
    all: readonly KeywordsOfText[],
    budget: Budget,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly mapped: readonly MappedKeywords[]; readonly warnings: readonly string[] }> {
    const { lookup, nearest } = this;
    const byLabel = all.map(({ keywords, text }) => mapKeywords((each) => lookup.find(each), keywords, text));
    const unknown = byLabel.flatMap((each) => each.unknown);
    if (!nearest || unknown.length === 0) return { mapped: byLabel, warnings: [] };
    const { matches, warnings } = await nearest.find(unknown, budget, signal);
    if (matches.size === 0) return { mapped: byLabel, warnings };
    const find = (keyword: string) => {
      const found = lookup.find(keyword);
      return found.length > 0 ? found : (matches.get(keyword) ?? []);
    };
    return { mapped: all.map(({ keywords, text }) => mapKeywords(find, keywords, text)), warnings };
  }

  async close(): Promise<void> {
    await this.nearest?.close();
  }
}
