import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareAnnif } from './annif.js';
import { Annif, Catchword } from './indexing-program.js';
import { cacheFolder, EVALUATE_SCRIPT } from './places.js';
import type { ProjectLine } from './project-line.js';
import type { ProjectPlan } from './project-plan.js';
import { ProjectRuns } from './project-runs.js';
import { REGIMES, type Regime } from './regimes.js';
import { ResultLines, thisMachine } from './result-lines.js';
import { HAS_GNU_TIME } from './run-program.js';
import { SPLIT_SETS, type SplitSet } from './split-sets.js';

/** Models that both benchmarks of projects share: a fusion's sources are the projects of the associative benchmark. */
const WORKSPACE = 'indexers';

/** A benchmark that compares projects of both programs. */
export interface ProjectBenchmark {
  /** Of the result files. */
  readonly name: string;
  /** The first lines of `--help`. */
  readonly about: string;
  readonly sets: readonly string[];
  readonly regimes: readonly Regime[];
  /** Sources stand before what combines them. */
  plans(set: SplitSet, regime: Regime): readonly ProjectPlan[];
  /** @returns the tables as Markdown */
  tables(lines: readonly ProjectLine[]): string;
}

/** Runs the benchmark as the command line says. */
export async function runProjectBenchmark(benchmark: ProjectBenchmark): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      sets: { type: 'string' },
      projects: { type: 'string' },
      regimes: { type: 'string', default: 'natural' },
      only: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      reuse: { type: 'boolean', default: false },
      workspace: { type: 'string', default: WORKSPACE },
      documents: { type: 'string', default: '4000' },
      results: { type: 'string' },
      tables: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(`${benchmark.about}
  --sets A,B        of ${benchmark.sets.join(', ')} (default: all)
  --regimes A,B     of ${benchmark.regimes.join(', ')} (default: natural)
  --projects A,B    only these; their sources are trained where they have not been
  --only PROGRAM    only catchword, or only annif
  --repeat N        rounds; the order of the programs changes with each (default 1)
  --reuse           train and suggest only what has not been done before, as after an interruption
  --workspace NAME  where Catchword's models are kept, so that two of its versions do not share them (default ${WORKSPACE})
  --documents N     speed is that of about so many documents: shorter test files are given several times in a row (default 4000)
  --results FILE    add to these JSON lines; the tables are made from all of them
  --tables          measure nothing, make the tables of --results`);
    return;
  }
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const path = options.results ?? join(cacheFolder('results'), `${benchmark.name}-${stamp}.jsonl`);
  const results = new ResultLines<ProjectLine>(path);
  if (!options.tables) {
    const sets = chosen('set', options.sets, benchmark.sets).map((name) => setOf(name));
    const regimes = chosen('regime', options.regimes, benchmark.regimes) as Regime[];
    if (options.only !== undefined) chosen('program', options.only, ['catchword', 'annif']);
    const all = SPLIT_SETS.flatMap((set) => REGIMES.flatMap((regime) => benchmark.plans(set, regime)));
    const names = new Set(chosen('project', options.projects, [...new Set(all.map(({ name }) => name))]));
    const sides = await prepareSides(results, options);
    for (let nRound = 1; nRound <= Number(options.repeat); nRound++) {
      for (const set of sets) {
        for (const regime of regimes) {
          for (const side of nRound % 2 === 1 ? sides : [...sides].reverse()) {
            const plans = benchmark.plans(set, regime);
            const reuse = options.reuse ? 'all' : 'sources';
            for await (const line of side.measure(set, regime, plans, names, nRound, reuse)) {
              results.add(line);
              if (line.kind === 'failed') process.exitCode = 1;
            }
          }
        }
      }
    }
  }
  const tables = benchmark.tables(results.all());
  writeFileSync(path.replace(/(\.jsonl)?$/, '.md'), `${tables}\n`);
  console.log(`\n${tables}`);
}

async function prepareSides(
  results: ResultLines<ProjectLine>,
  options: { readonly only?: string; readonly workspace: string; readonly documents: string },
): Promise<ProjectRuns[]> {
  const { only, workspace } = options;
  const nDocuments = Number(options.documents);
  const annif = await prepareAnnif();
  const there = 'missing' in annif ? undefined : annif;
  results.add({
    kind: 'start',
    machine: thisMachine(),
    annif: there ? `Annif ${there.version}` : 'no Annif',
    options: { ...options },
  });
  if ('missing' in annif) results.add({ kind: 'skipped', what: 'Annif and evaluate.py', why: annif.missing });
  if (!HAS_GNU_TIME) results.add({ kind: 'skipped', what: 'memory and processor time', why: 'there is no GNU time' });
  const judges = existsSync(EVALUATE_SCRIPT);
  if (!judges) results.add({ kind: 'skipped', what: 'evaluate.py', why: `there is no ${EVALUATE_SCRIPT}` });
  const python = judges ? there?.python : undefined;
  const sides: ProjectRuns[] = [];
  if (only !== 'annif') sides.push(new ProjectRuns(new Catchword(workspace, ''), workspace, python, nDocuments));
  if (only !== 'catchword' && there) {
    sides.push(new ProjectRuns(new Annif(there, WORKSPACE, ''), WORKSPACE, python, nDocuments));
  }
  return sides;
}

function chosen(what: string, names: string | undefined, all: readonly string[]): readonly string[] {
  const wanted = names?.split(',') ?? all;
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no ${what} ${unknown}; there are ${all.join(', ')}`);
  return wanted;
}

function setOf(name: string): SplitSet {
  const set = SPLIT_SETS.find((each) => each.name === name);
  if (!set) throw new RangeError(`there is no set ${name}`);
  return set;
}
