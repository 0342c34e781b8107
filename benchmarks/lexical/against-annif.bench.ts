// Is Catchword's mllm better, faster and smaller than Annif's, on the same files, through both command lines?
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AnnifInstallation, prepareAnnif } from '../harness/annif.js';
import { chosenSets, type DataSet, SHORT_TEXTS, VOCABULARIES } from '../harness/data-sets.js';
import { documentLines, firstDocuments, repeatedDocuments, unpackedVocabulary } from '../harness/document-files.js';
import { Annif, Catchword, type IndexingProgram } from '../harness/indexing-program.js';
import { cacheFolder, DATA, dataFile, EVALUATE_SCRIPT } from '../harness/places.js';
import { differences, evaluateIndependently, type Quality, qualityOf } from '../harness/quality.js';
import { ResultLines, round, thisMachine } from '../harness/result-lines.js';
import { HAS_GNU_TIME } from '../harness/run-program.js';
import { againstAnnifTables } from './against-annif-tables.js';
import { LEXICAL_CONFIGURATION, projectOf } from './configuration.js';
import type { ResultLine } from './result-line.js';

const HELP = `Measures Catchword's lexical backend against Annif's.

npm run bench:lexical -- [options]
  --sets A,B             only these sets
  --only PROGRAM         only catchword, or only annif
  --repeat N             rounds; the order of the programs changes with each (default 5)
  --annif-trainings N    trainings of Annif, which knows no seed; rounds beyond use the last model (default: --repeat)
  --cold N               cold suggestions in a round (default 1)
  --results FILE         add to these JSON lines; the tables are made from all of them
  --tables               measure nothing, make the tables of --results`;

const { values: options } = parseArgs({
  options: {
    sets: { type: 'string' },
    only: { type: 'string' },
    repeat: { type: 'string', default: '5' },
    'annif-trainings': { type: 'string' },
    cold: { type: 'string', default: '1' },
    results: { type: 'string' },
    tables: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

class Comparison {
  private readonly programs: readonly IndexingProgram[];
  private readonly results: ResultLines<ResultLine>;
  private readonly python: string | undefined;
  private readonly annifTrainings: number;
  private readonly nCold: number;
  private readonly firstPredictions = new Map<string, string>();

  constructor(
    programs: readonly IndexingProgram[],
    results: ResultLines<ResultLine>,
    settings: { readonly python: string | undefined; readonly annifTrainings: number; readonly nCold: number },
  ) {
    this.programs = programs;
    this.results = results;
    this.python = settings.python;
    this.annifTrainings = settings.annifTrainings;
    this.nCold = settings.nCold;
  }

  /** One round over a set; odd rounds begin with the first program, even ones with the last. */
  async measure(set: DataSet, nRound: number): Promise<void> {
    const vocabulary = dataFile(VOCABULARIES[set.vocabulary] ?? '');
    const train = dataFile(set.train);
    if (vocabulary === undefined || train === undefined) {
      this.results.add({ kind: 'skipped', what: set.name, why: `its files are not below ${DATA}` });
      return;
    }
    const vocabularyFile = await unpackedVocabulary(vocabulary);
    const trainFile = firstDocuments(train, set.nTrain);
    const order = nRound % 2 === 1 ? this.programs : [...this.programs].reverse();
    for (const program of order) {
      const about = { program: program.name, set: set.name, round: nRound };
      const loaded = await program.loadVocabulary(set.vocabulary, vocabularyFile, true);
      this.results.add({ kind: 'load-vocab', ...about, vocabulary: set.vocabulary, run: loaded });
    }
    for (const program of order) {
      const about = { program: program.name, set: set.name, round: nRound };
      const trains = program.name === 'catchword' || nRound <= this.annifTrainings;
      if (trains) {
        const run = await program.train(projectOf(set.name), trainFile);
        const nDocs = documentLines(trainFile).length;
        this.results.add({ kind: 'train', ...about, nDocs, run, modelBytes: program.modelBytes(projectOf(set.name)) });
      }
    }
    for (const test of set.tests) {
      for (const program of order) await this.measureTest(set, test, program, nRound, trainFile);
    }
    for (let i = 0; i < this.nCold; i++) {
      for (const program of order) {
        const run = await program.suggest(projectOf(set.name), SHORT_TEXTS[set.language] ?? '');
        this.results.add({ kind: 'suggest', program: program.name, set: set.name, round: nRound, run });
      }
    }
  }

  private async measureTest(
    set: DataSet,
    test: DataSet['tests'][number],
    program: IndexingProgram,
    nRound: number,
    trainFile: string,
  ): Promise<void> {
    const file = dataFile(test.file);
    if (file === undefined) {
      this.results.add({ kind: 'skipped', what: test.name, why: `${test.file} is not below ${DATA}` });
      return;
    }
    const gold = firstDocuments(file, test.nDocs);
    const one = firstDocuments(file, 1);
    const about = { program: program.name, set: set.name, round: nRound, test: test.name };
    const nDocs = documentLines(gold).length;
    const output = join(cacheFolder('predictions'), `${test.name}.${program.name}.jsonl`);
    const oneDocument = await program.index(projectOf(set.name), [one], output);
    const run = await program.index(projectOf(set.name), [repeatedDocuments(gold, test.copies)], output);
    const rate = (seconds: number) => round((nDocs * test.copies - 1) / seconds, 2);
    this.results.add({
      kind: 'index',
      ...about,
      nDocs,
      copies: test.copies,
      run,
      oneDocument,
      docsPerSecond: rate(run.wallSeconds - oneDocument.wallSeconds),
      docsPerCpuSecond:
        run.cpuSeconds === null || oneDocument.cpuSeconds === null
          ? null
          : rate(run.cpuSeconds - oneDocument.cpuSeconds),
    });
    const trained = program.name === 'catchword' ? nRound === 1 : nRound <= this.annifTrainings;
    const predictions = this.firstCopy(output, nDocs, program.name === 'catchword' ? test.name : undefined);
    if (!trained) return;
    const judged: Quality[] = [];
    if (this.python !== undefined) {
      const quality = await evaluateIndependently(this.python, gold, predictions, trainFile);
      this.results.add({ kind: 'quality', ...about, evaluator: 'evaluate.py', quality });
      judged.push(quality);
    }
    if (program instanceof Catchword) {
      const quality = qualityOf(await program.evaluate(projectOf(set.name), gold));
      this.results.add({ kind: 'quality', ...about, evaluator: 'catchword eval', quality });
      const found = judged[0] ? differences(judged[0], quality) : [];
      if (found.length > 0) {
        throw new Error(
          `The evaluators do not agree on ${test.name} (evaluate.py and catchword eval): ${found.join('; ')}`,
        );
      }
    }
  }

  /**
   * Keeps the predictions for the first copy of the test file, and makes sure that the other copies have the same.
   *
   * @param seeded the name of a test whose predictions have to be the same in every round, too
   */
  private firstCopy(output: string, nDocs: number, seeded: string | undefined): string {
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
    const first = lines.slice(0, nDocs);
    // Lines may name the document by file and position; what counts is the suggestions.
    const suggestions = (line: string | undefined) =>
      JSON.stringify((JSON.parse(line ?? '{}') as { results?: unknown }).results);
    lines.forEach((line, i) => {
      if (i >= nDocs && suggestions(line) !== suggestions(first[i % nDocs])) {
        throw new Error(`${output}: lines ${(i % nDocs) + 1} and ${i + 1} suggest differently for one document`);
      }
    });
    const text = `${first.join('\n')}\n`;
    if (seeded !== undefined) {
      const before = this.firstPredictions.get(seeded);
      if (before !== undefined && before !== text) throw new Error(`${output}: another training, other suggestions`);
      this.firstPredictions.set(seeded, text);
    }
    const path = output.replace(/\.jsonl$/, '.first.jsonl');
    writeFileSync(path, text);
    return path;
  }
}

async function main(): Promise<void> {
  if (options.help) {
    console.log(HELP);
    return;
  }
  if (options.only !== undefined && options.only !== 'catchword' && options.only !== 'annif') {
    throw new RangeError(`--only has to be catchword or annif, not ${options.only}`);
  }
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const path = options.results ?? join(cacheFolder('results'), `against-annif-${stamp}.jsonl`);
  const results = new ResultLines<ResultLine>(path);
  if (!options.tables) await measure(results);
  const tables = againstAnnifTables(results.all());
  writeFileSync(path.replace(/(\.jsonl)?$/, '.md'), `${tables}\n`);
  console.log(`\n${tables}`);
}

async function measure(results: ResultLines<ResultLine>): Promise<void> {
  const installation = await prepareAnnif();
  const annif: AnnifInstallation | undefined = 'missing' in installation ? undefined : installation;
  const nRounds = Number(options.repeat);
  results.add({
    kind: 'start',
    machine: thisMachine(),
    annif: annif ? `Annif ${annif.version}` : 'no Annif',
    options: { sets: options.sets, only: options.only, repeat: nRounds, annifTrainings: options['annif-trainings'] },
  });
  if ('missing' in installation) {
    results.add({ kind: 'skipped', what: 'Annif and evaluate.py', why: installation.missing });
  }
  if (!HAS_GNU_TIME) results.add({ kind: 'skipped', what: 'memory and processor time', why: 'there is no GNU time' });
  const judges = existsSync(EVALUATE_SCRIPT);
  if (!judges) results.add({ kind: 'skipped', what: 'evaluate.py', why: `there is no ${EVALUATE_SCRIPT}` });
  const programs: IndexingProgram[] = [];
  if (options.only !== 'annif') programs.push(new Catchword('against-annif', LEXICAL_CONFIGURATION));
  if (options.only !== 'catchword' && annif) programs.push(new Annif(annif, 'against-annif', LEXICAL_CONFIGURATION));
  const comparison = new Comparison(programs, results, {
    python: judges ? annif?.python : undefined,
    annifTrainings: Number(options['annif-trainings'] ?? options.repeat),
    nCold: Number(options.cold),
  });
  const sets = chosenSets(options.sets);
  for (let nRound = 1; nRound <= nRounds; nRound++) {
    for (const set of sets) await comparison.measure(set, nRound);
  }
}

await main();
