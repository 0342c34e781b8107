// How many requests does Catchword's server answer, how fast and in how much memory, beside Annif's on the same projects?
import { parseArgs } from 'node:util';
import { prepareAnnif } from '../harness/annif.js';
import { Annif, type IndexingProgram } from '../harness/indexing-program.js';
import { markdownTable } from '../harness/markdown-table.js';
import { cacheFolder } from '../harness/places.js';
import { ResultLines, thisMachine } from '../harness/result-lines.js';
import { type LoadResult, runLoad, suggestForm } from './load.js';
import { BENCHMARK, CONFIGURATION, catchword, PROJECTS, prepare, testTexts } from './served-projects.js';
import { ServerProcess } from './server-process.js';

const HELP = `Measures Catchword's server against Annif's.

npm run bench:serving -- [options]
  --only PROGRAM   only catchword, or only annif
  --repeat N       rounds; the order of the programs changes with each (default 3)
  --seconds N      of load for each figure (default 10)
  --warm-up N      seconds of load over four connections before the first figure (default 10)`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    'warm-up': { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});

interface Line {
  readonly kind: 'machine' | 'skipped' | 'serving';
  readonly program?: string;
  readonly project?: string;
  readonly connections?: number;
  readonly round?: number;
  readonly load?: LoadResult;
  /** Of the processor, for a request. */
  readonly cpuMsPerRequest?: number;
  readonly startSeconds?: number;
  readonly memory?: { readonly rssMiB: number; readonly peakRssMiB: number } | null;
  readonly [more: string]: unknown;
}

const CONNECTIONS = [1, 4, 16];
const PORT = 5871;

async function measure(program: IndexingProgram, texts: readonly string[], round: number, results: ResultLines<Line>) {
  for (const project of PROJECTS) {
    // A process for each project: memory is that of a server with one project in use.
    const { server, startSeconds } = await ServerProcess.start(PORT, program.serverCommand(PORT));
    try {
      const loadFor = (seconds: number, connections: number) => {
        const end = performance.now() + seconds * 1000;
        const forms = texts.map((text) => suggestForm(project, text));
        return runLoad(server.url, connections, (i) => (performance.now() < end ? forms[i % forms.length] : undefined));
      };
      // A server runs for weeks: what it compiles and loads in its first seconds is not what its users wait for.
      await loadFor(Number(options['warm-up']), 4);
      for (const connections of CONNECTIONS) {
        const cpuBefore = server.cpuSeconds() ?? Number.NaN;
        const load = await loadFor(Number(options.seconds), connections);
        const memory = server.memory();
        const cpuMsPerRequest = (1000 * ((server.cpuSeconds() ?? Number.NaN) - cpuBefore)) / load.nRequests;
        const about = { program: program.name, project, connections, round };
        results.add({ kind: 'serving', ...about, load, cpuMsPerRequest, startSeconds, memory });
      }
    } finally {
      await server.stop();
    }
  }
}

function table(lines: readonly Line[]): string {
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
  const rows = PROJECTS.flatMap((project) =>
    CONNECTIONS.map((connections) => {
      const of = (program: string, value: (line: Line) => number | undefined) => {
        const values = lines
          .filter((line) => line.program === program && line.project === project && line.connections === connections)
          .flatMap((line) => value(line) ?? []);
        return values.length > 0 ? median(values) : Number.NaN;
      };
      const cells = (value: (line: Line) => number | undefined) =>
        [of('annif', value), of('catchword', value)] as const;
      const [annifRate, ownRate] = cells(({ load }) => load?.requestsPerSecond);
      const [annifP95, ownP95] = cells(({ load }) => load?.p95Ms);
      const [annifCpu, ownCpu] = cells(({ cpuMsPerRequest }) => cpuMsPerRequest);
      const [annifMemory, ownMemory] = cells(({ memory }) => memory?.peakRssMiB);
      const show = (value: number, decimals = 0) => (Number.isNaN(value) ? '–' : value.toFixed(decimals));
      return [
        `${project}, ${connections}`,
        show(annifRate),
        show(ownRate),
        show(ownRate / annifRate, 1),
        show(annifP95, 1),
        show(ownP95, 1),
        show(annifP95 / ownP95, 1),
        show(annifCpu, 1),
        show(ownCpu, 1),
        show(annifCpu / ownCpu, 1),
        show(annifMemory),
        show(ownMemory),
        `${show((100 * ownMemory) / annifMemory)} %`,
      ];
    }),
  );
  const header = ['project, connections', 'Annif req/s', 'Catchword', 'times', 'Annif p95 ms', 'Catchword', 'times'];
  return markdownTable([...header, 'Annif CPU ms', 'Catchword', 'times', 'Annif MiB', 'Catchword', 'memory'], rows);
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const results = new ResultLines<Line>(`${cacheFolder('results')}/serving-${Date.now()}.jsonl`);
  results.add({ kind: 'machine', ...thisMachine() });
  const texts = testTexts();
  if (!texts) return results.add({ kind: 'skipped', why: 'the collection kirjastonhoitaja is not there' });
  const programs: IndexingProgram[] = [];
  if (options.only !== 'annif') {
    const own = catchword();
    await prepare(own, PROJECTS.slice(0, 2));
    programs.push(own);
  }
  if (options.only !== 'catchword') {
    const installation = await prepareAnnif();
    if ('missing' in installation) results.add({ kind: 'skipped', what: 'annif', why: installation.missing });
    else {
      const annif = new Annif(installation, BENCHMARK, CONFIGURATION);
      await prepare(annif, PROJECTS.slice(0, 2));
      programs.push(annif);
    }
  }
  for (let round = 1; round <= Number(options.repeat); round++) {
    for (const program of round % 2 === 1 ? programs : [...programs].reverse())
      await measure(program, texts, round, results);
  }
  console.log(table(results.all()));
}

await main();
