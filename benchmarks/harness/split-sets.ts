import type { TestFile } from './data-sets.js';

/** Indexed documents split into training, validation and test; paths lie below the data folder. */
export interface SplitSet {
  readonly name: string;
  readonly language: string;
  /** The language's name in `snowball(…)`. */
  readonly snowball: string;
  readonly vocabulary: string;
  readonly train: string;
  readonly validate: string;
  /** A thousand documents of `train`. */
  readonly train1k?: string;
  /** A fifth of the labels, to be hidden from training. */
  readonly zeroshotLabels?: string;
  readonly tests: readonly Pick<TestFile, 'name' | 'file'>[];
  /** Annif's `min_df` for so many and so long documents. */
  readonly minDf: number;
  /** So many training documents, at equal steps, for a lexical project; 0 is all. */
  readonly nLexical: number;
}

const tibkat = (language: 'de' | 'en', snowball: string): SplitSet => ({
  name: `tibkat-gnd-${language}`,
  language,
  snowball,
  vocabulary: 'gnd',
  train: `tibkat-gnd/train.${language}.tsv.gz`,
  validate: `tibkat-gnd/validate.${language}.tsv.gz`,
  train1k: `tibkat-gnd/train-1k.${language}.tsv.gz`,
  zeroshotLabels: 'tibkat-gnd/zeroshot-labels.txt',
  tests: [{ name: `tibkat-gnd-${language}`, file: `tibkat-gnd/test.${language}.tsv.gz` }],
  minDf: 2,
  nLexical: 2000,
});

const finna = (language: 'en' | 'fi' | 'sv', snowball: string): SplitSet => ({
  name: `yso-finna-${language}`,
  language,
  snowball,
  vocabulary: 'yso',
  train: `yso-finna/train.${language}.tsv.gz`,
  validate: `yso-finna/validate.${language}.tsv.gz`,
  train1k: `yso-finna/train-1k.${language}.tsv.gz`,
  tests: [{ name: `yso-finna-${language}`, file: `yso-finna/test.${language}.tsv.gz` }],
  minDf: 2,
  nLexical: 2000,
});

const small = (name: string, language: string, snowball: string, vocabulary: string) => ({
  name,
  language,
  snowball,
  vocabulary,
  train: `${name}/train.tsv.gz`,
  validate: `${name}/validate.tsv.gz`,
  tests: [{ name, file: `${name}/test.tsv.gz` }],
});

/** The sets that learning from records, and fusion, are measured on. */
export const SPLIT_SETS: readonly SplitSet[] = [
  { ...small('kirjastonhoitaja', 'fi', 'finnish', 'yso'), minDf: 2, nLexical: 0 },
  { ...small('makupalat-ykl', 'fi', 'finnish', 'ykl'), minDf: 2, nLexical: 5000 },
  { ...small('stw-economics', 'en', 'english', 'stw'), minDf: 1, nLexical: 0 },
  {
    ...small('fao780-agrovoc', 'en', 'english', 'agrovoc'),
    tests: [
      { name: 'fao780-agrovoc', file: 'fao780-agrovoc/test.tsv.gz' },
      { name: 'fao30', file: 'fao780-agrovoc/test.fao30.tsv.gz' },
    ],
    minDf: 1,
    nLexical: 0,
  },
  tibkat('de', 'german'),
  tibkat('en', 'english'),
  {
    ...small('eurlex57k', 'en', 'english', 'eurovoc'),
    train1k: 'eurlex57k/train-1k.tsv.gz',
    zeroshotLabels: 'eurlex57k/zeroshot-labels.txt',
    minDf: 5,
    nLexical: 2000,
  },
  finna('en', 'english'),
  finna('fi', 'finnish'),
  finna('sv', 'swedish'),
];
