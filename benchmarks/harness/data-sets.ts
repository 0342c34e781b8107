/** A test file of a set. */
export interface TestFile {
  readonly name: string;
  readonly file: string;
  /** The first so many documents; 0 is all. */
  readonly nDocs: number;
  /** How often the file stands in the one that speed is measured over, so that the slower program takes a minute or two. */
  readonly copies: number;
}

/** Indexed documents with their vocabulary; paths lie below the data folder. */
export interface DataSet {
  readonly name: string;
  readonly language: string;
  /** The language's name in `snowball(…)`. */
  readonly snowball: string;
  readonly vocabulary: string;
  readonly train: string;
  /** The first so many training documents; 0 is all. */
  readonly nTrain: number;
  readonly tests: readonly TestFile[];
}

/** Vocabulary files by the id that they are loaded under. */
export const VOCABULARIES: Readonly<Record<string, string>> = {
  agrovoc: 'fao780-agrovoc/agrovoc_en.rdf.gz',
  yso: 'yso-finna/yso.ttl.gz',
  gnd: 'tibkat-gnd/gnd.ttl.gz',
  eurovoc: 'eurlex57k/eurovoc-en.ttl.gz',
  stw: 'stw-economics/stw.ttl.gz',
  ykl: 'makupalat-ykl/ykl.ttl.gz',
};

/** The sets that the lexical backend is measured on. */
export const LEXICAL_SETS: readonly DataSet[] = [
  {
    name: 'fao780-agrovoc',
    language: 'en',
    snowball: 'english',
    vocabulary: 'agrovoc',
    train: 'fao780-agrovoc/train.tsv.gz',
    nTrain: 0,
    tests: [
      { name: 'fao780-agrovoc', file: 'fao780-agrovoc/test.tsv.gz', nDocs: 0, copies: 8 },
      { name: 'fao30', file: 'fao780-agrovoc/test.fao30.tsv.gz', nDocs: 0, copies: 16 },
    ],
  },
  {
    name: 'kirjastonhoitaja',
    language: 'fi',
    snowball: 'finnish',
    vocabulary: 'yso',
    train: 'kirjastonhoitaja/train.tsv.gz',
    nTrain: 0,
    tests: [{ name: 'kirjastonhoitaja', file: 'kirjastonhoitaja/test.tsv.gz', nDocs: 0, copies: 50 }],
  },
  {
    name: 'stw-economics',
    language: 'en',
    snowball: 'english',
    vocabulary: 'stw',
    train: 'stw-economics/train.tsv.gz',
    nTrain: 0,
    tests: [{ name: 'stw-economics', file: 'stw-economics/test.tsv.gz', nDocs: 0, copies: 50 }],
  },
  {
    name: 'makupalat-ykl',
    language: 'fi',
    snowball: 'finnish',
    vocabulary: 'ykl',
    train: 'makupalat-ykl/train.tsv.gz',
    nTrain: 0,
    tests: [{ name: 'makupalat-ykl', file: 'makupalat-ykl/test.tsv.gz', nDocs: 0, copies: 132 }],
  },
  {
    name: 'eurlex57k',
    language: 'en',
    snowball: 'english',
    vocabulary: 'eurovoc',
    train: 'eurlex57k/train.tsv.gz',
    nTrain: 2000,
    tests: [{ name: 'eurlex57k', file: 'eurlex57k/test.tsv.gz', nDocs: 2000, copies: 8 }],
  },
  {
    name: 'tibkat-gnd-de',
    language: 'de',
    snowball: 'german',
    vocabulary: 'gnd',
    train: 'tibkat-gnd/train.de.tsv.gz',
    nTrain: 2000,
    tests: [{ name: 'tibkat-gnd-de', file: 'tibkat-gnd/test.de.tsv.gz', nDocs: 2000, copies: 8 }],
  },
  {
    name: 'yso-finna-en',
    language: 'en',
    snowball: 'english',
    vocabulary: 'yso',
    train: 'yso-finna/train.en.tsv.gz',
    nTrain: 2000,
    tests: [{ name: 'yso-finna-en', file: 'yso-finna/test.en.tsv.gz', nDocs: 2000, copies: 12 }],
  },
];

/** A short text in each language, for a first suggestion. */
export const SHORT_TEXTS: Readonly<Record<string, string>> = {
  en: 'Maize and wheat production, soil fertility and economic growth in developing countries. Import tariffs on agricultural products and consumer protection.',
  fi: 'Mistä löytyisi tietoa suomalaisten kirjastojen historiasta, lastenkirjallisuudesta ja kansanrunoudesta?',
  de: 'Einführung in die Wahrscheinlichkeitstheorie und mathematische Statistik für Studierende der Volkswirtschaftslehre.',
};

/**
 * @param names comma-separated; undefined is all
 * @throws {RangeError} for a name that no set has
 */
export function chosenSets(names: string | undefined): readonly DataSet[] {
  if (names === undefined) return LEXICAL_SETS;
  return names.split(',').map((name) => {
    const set = LEXICAL_SETS.find((each) => each.name === name);
    if (!set)
      throw new RangeError(`there is no set ${name}; sets: ${LEXICAL_SETS.map((each) => each.name).join(', ')}`);
    return set;
  });
}
