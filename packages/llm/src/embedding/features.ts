/** One column of what the trees, and a fusion, are told of a candidate. */
export interface EmbeddingFeature {
  readonly name: string;
  /** In words, for people. */
  readonly text: string;
}

/** All are the same for all subjects: none names one, so what is learnt holds for those that no record has. */
export const FEATURES = [
  { name: 'similarity', text: 'how near in meaning its nearest label and the nearest piece of the text are' },
  { name: 'whole', text: 'how near its nearest label is to the text as a whole' },
  { name: 'mean', text: 'how near its nearest label is to the pieces of the text on average' },
  { name: 'background', text: 'how near its label is to all texts' },
  { name: 'specific', text: 'how much nearer its label is to this text than to all texts' },
  { name: 'rank', text: 'how many concepts are nearer' },
  { name: 'margin', text: 'how far it is behind the nearest concept' },
  { name: 'lead', text: 'how far it is ahead of the next concept' },
  { name: 'hits', text: 'the share of pieces that it is among the nearest concepts of' },
  { name: 'firstHit', text: 'where the first such piece stands' },
  { name: 'place', text: 'where the nearest piece stands' },
  { name: 'isPref', text: 'whether the nearest label is a preferred one' },
  { name: 'isFirstLanguage', text: "whether the nearest label is in the project's language" },
  { name: 'labelWords', text: 'how many words the nearest label has' },
  { name: 'best', text: 'how near the nearest concept is' },
  { name: 'pieces', text: 'how many pieces the text has' },
] as const satisfies readonly EmbeddingFeature[];

export const N_FEATURES = FEATURES.length;

export type FeatureName = (typeof FEATURES)[number]['name'];

/** The column of each feature. */
export const COLUMN = Object.fromEntries(FEATURES.map(({ name }, i) => [name, i])) as Readonly<
  Record<FeatureName, number>
>;
