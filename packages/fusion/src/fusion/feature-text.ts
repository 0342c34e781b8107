const TEXTS: Readonly<Record<string, string>> = {
  sources: 'how many sources suggest it',
  reciprocalRanks: 'how far up the sources have it',
  bestRank: 'its best rank in any source',
  meanShare: 'its scores, compared with the best of each source',
  frequency: 'how many training records have it',
  labelWords: 'how many words its label has',
  labelLength: 'how long its label is',
  labelQualifier: 'whether its label ends with a qualifier',
  labels: 'how many labels it has',
  broader: 'how many broader concepts it has',
  narrower: 'how many narrower concepts it has',
  related: 'how many related concepts it has',
  broaderSupport: 'its broader concepts are suggested too',
  narrowerSupport: 'its narrower concepts are suggested too',
  relatedSupport: 'its related concepts are suggested too',
  bestNarrower: 'whether a narrower concept is suggested with a higher score',
  siblingSupport: 'its siblings are suggested too',
  bestSibling: 'whether a sibling is suggested with a higher score',
  bestBroader: 'whether a broader concept is suggested with a higher score',
  secondNarrowerSupport: 'concepts two levels below it are suggested too',
  collectionSupport: 'others of its collection are suggested too',
  length: 'how long the text is',
  candidates: 'how many candidates there are',
  givenOthers: 'how often records with the other likely subjects have it',
  bestGivenOther: 'how often records with one of the other likely subjects have it',
  othersGiven: 'how often records with it have the other likely subjects',
  bestOtherGiven: 'how often records with it have one of the other likely subjects',
  lift: 'how much more often than by chance it is given with the other likely subjects',
  bestLift: 'how much more often than by chance it is given with one of the other likely subjects',
  partners: 'how many of the other likely subjects it was ever given with',
};
const SOURCE_TEXTS: Readonly<Record<string, string>> = {
  score: 'score of',
  calibrated: 'how often such a score is right, of',
  rank: 'rank in',
  shareOfBest: 'score, compared with the best, of',
  best: 'best score for the text in',
  sum: 'sum of the scores for the text in',
};

/** @returns the feature in words, for people */
export function featureText(name: string): string {
  const [source = '', column] = name.split(': ');
  if (column === undefined) return TEXTS[name] ?? name;
  const text = SOURCE_TEXTS[column];
  return text === undefined ? `${column}, in ${source}` : `${text} ${source}`;
}
