// Does the server stay up, and its memory flat: minutes of mixed load with models swapped, a flood of batches, slow senders?
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../harness/places.js';
import { ResultLines, thisMachine } from '../harness/result-lines.js';
import { type LoadRequest, runLoad, suggestForm } from './load.js';
import { catchword, prepare, testTexts, trainFile } from './served-projects.js';
import { ServerProcess } from './server-process.js';

const HELP = `Measures how Catchword's server endures.

npm run bench:endurance -- [options]
  --minutes N        of mixed load over 50 connections with a model swap every 30 seconds (default 10)
  --only PART        soak, flood, slow or explain`;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const PORT = 5872;
const SWAP_SECONDS = 30;
const WATCH_SECONDS = 10;

type Line = Readonly<Record<string, unknown>>;

/** Many clients for a long time, while models are trained and taken over. */
async function soak(texts: readonly string[], results: ResultLines<Line>): Promise<void> {
  const program = catchword();
  const { server } = await ServerProcess.start(PORT, program.serverCommand(PORT));
  const end = performance.now() + Number(options.minutes) * 60_000;
  let nSwaps = 0;
  const swaps = (async () => {
    while (performance.now() < end - SWAP_SECONDS * 1000) {
      const begun = performance.now();
      await program.trainAgain('mllm', trainFile());
      nSwaps++;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, SWAP_SECONDS * 1000 - (performance.now() - begun))),
      );
    }
  })();
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(server.memory()?.rssMiB ?? 0), WATCH_SECONDS * 1000);
  const load = await runLoad(server.url, 50, (i) => (performance.now() < end ? mixed(texts, i) : undefined));
  clearInterval(watch);
  await swaps;
  results.add({ kind: 'soak', minutes: Number(options.minutes), nSwaps, load, rssMiBEvery10Seconds: memory });
  await server.stop();
}

/** Mostly single texts, some batches, some explanations. */
function mixed(texts: readonly string[], i: number): LoadRequest {
  const text = texts[i % texts.length] as string;
  if (i % 20 === 7) return batch(texts, i, 8);
  return suggestForm('mllm', text, i % 10 === 3 ? { explain: 'true' } : {});
}

function batch(texts: readonly string[], i: number, n: number): LoadRequest {
  const documents = Array.from({ length: n }, (_, k) => ({ text: texts[(i + k) % texts.length], document_id: `${k}` }));
  return { path: '/v1/projects/mllm/suggest-batch', body: JSON.stringify({ documents }), type: 'application/json' };
}

/** A thousand batches of 32 documents at the same time. */
async function flood(texts: readonly string[], results: ResultLines<Line>): Promise<void> {
  const { server } = await ServerProcess.start(PORT, catchword().serverCommand(PORT));
  await runLoad(server.url, 4, (i) => (i < 100 ? mixed(texts, i) : undefined));
  const before = server.memory();
  const load = await runLoad(server.url, 1000, (i) => (i < 1000 ? batch(texts, i, 32) : undefined));
  results.add({ kind: 'flood', load, before, after: server.memory() });
  await server.stop();
}

/** Two hundred senders of a byte now and then, and a body that is much too large; others must not notice. */
async function slow(texts: readonly string[], results: ResultLines<Line>): Promise<void> {
  const { server } = await ServerProcess.start(PORT, catchword().serverCommand(PORT));
  const measure = () =>
    runLoad(server.url, 4, (i) => (i < 2000 ? suggestForm('mllm', texts[i % texts.length] as string) : undefined));
  await measure();
  const without = await measure();
  const before = server.memory();
  const head =
    'POST /v1/projects/mllm/suggest HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';
  const sockets = Array.from({ length: 200 }, () => {
    const socket = connect(PORT, '127.0.0.1').on('error', () => undefined);
    socket.write(`${head}Content-Length: 1000\r\n\r\ntext=`);
    return socket;
  });
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, 500);
  const large = connect(PORT, '127.0.0.1').on('error', () => undefined);
  let answer = '';
  large.on('data', (bytes: Buffer) => {
    answer += bytes.toString('latin1');
  });
  large.write(`${head}Content-Length: 1000000000\r\n\r\n${'x'.repeat(1 << 16)}`);
  const beside = await measure();
  clearInterval(drip);
  for (const socket of [...sockets, large]) socket.destroy();
  results.add({ kind: 'slow', without, beside, large: answer.split('\r\n', 1)[0], before, after: server.memory() });
  await server.stop();
}

/** Suggestions with explanations for texts of 10,000 characters, by a fusion of three sources. */
async function explain(texts: readonly string[], results: ResultLines<Line>): Promise<void> {
  const program = catchword();
  await prepare(program, ['mllm', 'bonsai', 'knn', 'fusion']);
  const { server } = await ServerProcess.start(PORT, program.serverCommand(PORT));
  const all = texts.join(' ');
  const text = (i: number) => all.slice((i * 10_000) % (all.length - 10_000)).slice(0, 10_000);
  for (const more of [{ explain: 'true' }, {}]) {
    const measure = (n: number) =>
      runLoad(server.url, 1, (i) => (i < n ? suggestForm('fusion', text(i), more) : undefined));
    await measure(20);
    results.add({ kind: 'long texts', project: 'fusion', ...more, load: await measure(100) });
  }
  await server.stop();
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const results = new ResultLines<Line>(`${cacheFolder('results')}/endurance-${Date.now()}.jsonl`);
  results.add({ kind: 'machine', ...thisMachine() });
  const texts = testTexts();
  if (!texts) return results.add({ kind: 'skipped', why: 'the collection kirjastonhoitaja is not there' });
  await prepare(catchword(), ['mllm']);
  for (const [name, part] of Object.entries({ flood, slow, explain, soak })) {
    if (options.only === undefined || options.only === name) await part(texts, results);
  }
}

await main();
