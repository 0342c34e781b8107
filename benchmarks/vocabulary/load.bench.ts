// How long does load-vocab take, and how much memory: for a first load and for an update, against Annif?
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareAnnif } from '../harness/annif.js';
import { VOCABULARIES } from '../harness/data-sets.js';
import { unpackedVocabulary } from '../harness/document-files.js';
import { Annif, Catchword, type IndexingProgram, type ProgramName } from '../harness/indexing-program.js';
import { figure, markdownTable } from '../harness/markdown-table.js';
import { cacheFolder, DATA, dataFile } from '../harness/places.js';
import { ResultLines, thisMachine } from '../harness/result-lines.js';
import type { ProgramRun } from '../harness/run-program.js';
import { median, spread } from '../harness/statistics.js';
import { syntheticVocabulary } from './synthetic-vocabulary.js';

const HELP = `Measures load-vocab of Catchword and Annif: first loads and updates.

npm run bench:vocabulary -- [options]
  --vocabularies A,B   of ${Object.keys(VOCABULARIES).join(', ')}, synthetic (default: all)
  --only PROGRAM       only catchword, or only annif
  --repeat N           rounds; the order of the programs changes with each (default 5)
  --concepts N         size of the synthetic vocabulary (default 1300000), which is not given to Annif`;

interface Load {
  readonly vocabulary: string;
  readonly program: ProgramName;
  readonly update: boolean;
  readonly round: number;
  readonly run: ProgramRun;
}

const { values: options } = parseArgs({
  options: {
    vocabularies: { type: 'string' },
    only: { type: 'string' },
    repeat: { type: 'string', default: '5' },
    concepts: { type: 'string', default: '1300000' },
    help: { type: 'boolean', default: false },
  },
});

/** Files of a first load and of an update; the same file again where there is no second release. */
async function releasesOf(vocabulary: string): Promise<readonly [string, string] | undefined> {
  if (vocabulary === 'synthetic') {
    const nConcepts = Number(options.concepts);
    return [await syntheticVocabulary(nConcepts, 1), await syntheticVocabulary(nConcepts, 2)];
  }
  const path = VOCABULARIES[vocabulary];
  if (path === undefined) throw new RangeError(`there is no vocabulary ${vocabulary}`);
  const file = dataFile(path);
  if (file === undefined) {
    console.error(`${vocabulary}: skipped, ${path} is not below ${DATA}`);
    return undefined;
  }
  const unpacked = await unpackedVocabulary(file);
  return [unpacked, unpacked];
}

async function measure(): Promise<Load[]> {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const lines = new ResultLines<Load | object>(join(cacheFolder('results'), `vocabulary-load-${stamp}.jsonl`));
  lines.add({ machine: thisMachine() });
  // A vocabulary can be loaded where a project names it.
  const configuration = [...Object.keys(VOCABULARIES), 'synthetic']
    .map((id) => `[${id}]\nname=${id}\nlanguage=en\nbackend=mllm\nanalyzer=simple\nvocab=${id}\n`)
    .join('\n');
  const programs: IndexingProgram[] = [];
  if (options.only !== 'annif') programs.push(new Catchword('vocabulary-load', configuration));
  if (options.only !== 'catchword') {
    const annif = await prepareAnnif();
    if ('missing' in annif) console.error(`Annif: skipped, ${annif.missing}`);
    else programs.push(new Annif(annif, 'vocabulary-load', configuration));
  }
  const vocabularies = options.vocabularies?.split(',') ?? [...Object.keys(VOCABULARIES), 'synthetic'];
  const loads: Load[] = [];
  for (let nRound = 1; nRound <= Number(options.repeat); nRound++) {
    for (const vocabulary of vocabularies) {
      const files = await releasesOf(vocabulary);
      if (!files) continue;
      for (const program of nRound % 2 === 1 ? programs : [...programs].reverse()) {
        if (vocabulary === 'synthetic' && program.name === 'annif') continue;
        for (const update of [false, true]) {
          const run = await program.loadVocabulary(vocabulary, files[update ? 1 : 0], !update);
          const load = { vocabulary, program: program.name, update, round: nRound, run };
          lines.add(load);
          loads.push(load);
        }
      }
    }
  }
  return loads;
}

function table(loads: readonly Load[]): string {
  const names = [...new Set(loads.map((load) => load.vocabulary))];
  const rows = names.flatMap((vocabulary) =>
    [false, true].map((update) => {
      const [annif, catchword] = (['annif', 'catchword'] as const).map((program) =>
        loads
          .filter((load) => load.vocabulary === vocabulary && load.program === program && load.update === update)
          .map((load) => load.run),
      );
      const middle = (runs: readonly ProgramRun[] | undefined, key: keyof ProgramRun) =>
        runs && runs.length > 0 ? median(runs.map((run) => run[key] ?? Number.NaN)) : Number.NaN;
      const seconds = (runs: readonly ProgramRun[] | undefined) => {
        const text = `${figure(middle(runs, 'wallSeconds'), 2)} (${figure(middle(runs, 'cpuSeconds'), 2)})`;
        if (!runs || runs.length === 0) return '–';
        return runs.length > 1 ? `${text} ±${figure(spread(runs.map((run) => run.wallSeconds)) * 50, 0)} %` : text;
      };
      const share = middle(catchword, 'peakRssMiB') / middle(annif, 'peakRssMiB');
      return [
        `${vocabulary}, ${update ? 'update' : 'first load'}`,
        seconds(annif),
        seconds(catchword),
        figure(middle(annif, 'wallSeconds') / middle(catchword, 'wallSeconds'), 1),
        figure(middle(annif, 'peakRssMiB'), 0),
        figure(middle(catchword, 'peakRssMiB'), 0),
        Number.isNaN(share) ? '–' : `${figure(share * 100, 0)} %`,
      ];
    }),
  );
  const header = ['vocabulary', 'Annif s (CPU)', 'Catchword s (CPU)', 'times faster'];
  header.push('Annif MiB', 'Catchword MiB', 'memory');
  return markdownTable(header, rows);
}

if (options.help) console.log(HELP);
else console.log(`\n${table(await measure())}`);
