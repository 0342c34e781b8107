// Which share of the gold subjects is among the lexical backend's candidates? It is the ceiling of all that follows.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCorpus } from '@catchword/corpus';
import { bandOf } from '@catchword/evaluation';
import { buildLabelIndex, Matcher, mllm } from '@catchword/lexical';
import { createAnalyzer } from '@catchword/text';
import { readVocabulary, type SkosVocabulary, updateVocabulary } from '@catchword/vocabulary';
import { chosenSets, type DataSet, VOCABULARIES } from '../harness/data-sets.js';
import { firstDocuments } from '../harness/document-files.js';
import { figure, markdownTable } from '../harness/markdown-table.js';
import { cacheFolder, DATA, dataFile } from '../harness/places.js';
import { ResultLines, round, thisMachine } from '../harness/result-lines.js';
import { median } from '../harness/statistics.js';

interface CandidateRecall {
  readonly test: string;
  readonly nDocs: number;
  /** Share of the gold subjects that are candidates: all of them, and by training-frequency band. */
  readonly recall: number;
  readonly bands: readonly (number | null)[];
  readonly nGold: readonly number[];
  /** Candidates a document. */
  readonly meanCandidates: number;
  readonly medianCandidates: number;
  readonly mostCandidates: number;
  /** Matching alone, one thread. */
  readonly docsPerSecond: number;
}

/** Catchword's defaults, but for the parameters given as `--param key=value`. */
function matchingParams(given: readonly string[]) {
  const raw = Object.fromEntries(given.map((pair) => pair.split('=', 2)));
  return mllm.parseParams(raw, (key, message) => {
    throw new RangeError(`${key}: ${message}`);
  });
}

async function measure(set: DataSet, vocabularyFile: string, params: readonly string[]): Promise<CandidateRecall[]> {
  const { vocabulary } = updateVocabulary(undefined, await readVocabulary(vocabularyFile));
  const { language } = set;
  const analyzer = await createAnalyzer(`snowball(${set.snowball})`, { language });
  const { useHiddenLabels, compounds, leastCoverage } = matchingParams(params);
  const index = buildLabelIndex(vocabulary, analyzer, { language, useHiddenLabels });
  const matcher = new Matcher(index, analyzer, { compounds, leastCoverage });
  const frequency = await trainFrequency(set, vocabulary);
  const results: CandidateRecall[] = [];
  for (const { name, file, nDocs } of set.tests) {
    const path = dataFile(file);
    if (path === undefined) continue;
    const found = [0, 0, 0, 0];
    const nGold = [0, 0, 0, 0];
    const sizes: number[] = [];
    let seconds = 0;
    const corpus = openCorpus([firstDocuments(path, nDocs)], { subjects: vocabulary, language });
    for await (const { text, subjects = [] } of corpus.documents()) {
      const started = performance.now();
      const { n, subjects: candidates } = matcher.match(text);
      seconds += (performance.now() - started) / 1000;
      sizes.push(n);
      const all = new Set(candidates.subarray(0, n));
      for (const subject of new Set(subjects)) {
        const band = bandOf(frequency[subject] ?? 0);
        nGold[band] = (nGold[band] ?? 0) + 1;
        if (all.has(subject)) found[band] = (found[band] ?? 0) + 1;
      }
    }
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    results.push({
      test: name,
      nDocs: sizes.length,
      recall: round(sum(found) / sum(nGold), 4),
      bands: nGold.map((n, band) => (n === 0 ? null : round((found[band] ?? 0) / n, 4))),
      nGold,
      meanCandidates: round(sum(sizes) / sizes.length, 1),
      medianCandidates: median(sizes),
      mostCandidates: Math.max(...sizes),
      docsPerSecond: round(sizes.length / seconds, 1),
    });
  }
  return results;
}

/** Shape (nSubjects): training documents of each subject. */
async function trainFrequency(set: DataSet, vocabulary: SkosVocabulary): Promise<Uint32Array> {
  const frequency = new Uint32Array(vocabulary.nSubjects);
  const path = dataFile(set.train);
  if (path === undefined) return frequency;
  const corpus = openCorpus([firstDocuments(path, set.nTrain)], { subjects: vocabulary, language: set.language });
  for await (const { subjects = [] } of corpus.documents()) {
    for (const subject of new Set(subjects)) frequency[subject] = (frequency[subject] ?? 0) + 1;
  }
  return frequency;
}

const { values } = parseArgs({
  options: { sets: { type: 'string' }, param: { type: 'string', multiple: true, default: [] } },
});
const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
const lines = new ResultLines<object>(join(cacheFolder('results'), `candidate-recall-${stamp}.jsonl`));
lines.add({ machine: thisMachine(), params: values.param });
const all: CandidateRecall[] = [];
for (const set of chosenSets(values.sets)) {
  const vocabulary = dataFile(VOCABULARIES[set.vocabulary] ?? '');
  if (vocabulary === undefined || dataFile(set.train) === undefined) {
    console.error(`${set.name}: skipped, its files are not below ${DATA}`);
    continue;
  }
  for (const result of await measure(set, vocabulary, values.param)) {
    lines.add(result);
    all.push(result);
  }
}
const rows = all.map((each) => [
  each.test,
  String(each.nDocs),
  figure(each.recall, 3),
  ...each.bands.map((band, i) => `${figure(band, 3)} of ${each.nGold[i]}`),
  figure(each.meanCandidates, 0),
  figure(each.medianCandidates, 0),
  String(each.mostCandidates),
  figure(each.docsPerSecond, 0),
]);
const header = ['set', 'documents', 'all', 'never', '1 to 9', '10 to 100', 'more'];
header.push('candidates, mean', 'median', 'most', 'docs/s, one thread');
console.log(`\n${markdownTable(header, rows)}`);
