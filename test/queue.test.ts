import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../packages/math/src/index.js';
import { whyNoSqlite } from '../packages/testing/src/index.js';
import { ROOT, runCatchword } from './run-catchword.js';

// A job is done by workers of other processes, through a real queue, whatever happens to workers, queue and coordinator.

const PORT = 6379;
const DATABASE = 7;
const PROGRAM = fileURLToPath(new URL('../packages/cli/bin/catchword.js', import.meta.url));
const N = 12_000;

const hasRedis = await new Promise<boolean>((resolve) => {
  const socket = connect(PORT, '127.0.0.1', () => socket.end('PING\r\n'));
  socket.on('data', (bytes) => resolve(bytes.toString().startsWith('+PONG')));
  socket.on('error', () => resolve(false));
});
if (!hasRedis) console.warn(`No Redis answers at 127.0.0.1:${PORT}: the tests of the queue are skipped`);
const noSqlite = await whyNoSqlite();
if (noSqlite !== undefined) console.warn(`${noSqlite}: the tests of the queue are skipped`);
const isPossible = hasRedis && noSqlite === undefined;

let home: string;
let expected: Buffer;
const started = new Set<ChildProcess>();
const urlAt = (port: number) => `redis://127.0.0.1:${port}/${DATABASE}`;

beforeAll(async () => {
  if (!isPossible) return;
  home = mkdtempSync(join(tmpdir(), 'catchword-queue-'));
  writeFileSync(
    join(home, 'projects.yaml'),
    'projects:\n  t: { language: en, vocab: sample, backend: tfidf, analyzer: snowball(english) }\n',
  );
  await run('load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl'));
  await run('train', 't', join(ROOT, 'corpora/sample/train.tsv'));
  const lines = readFileSync(join(ROOT, 'corpora/sample/test.tsv'), 'utf8').trimEnd().split('\n');
  const texts = Array.from({ length: N }, (_, i) => `${i} ${lines[i % lines.length]?.slice(0, 80).split('\t')[0]}`);
  writeFileSync(join(home, 'many.tsv'), `${texts.join('\n')}\n`);
  await run('index', 't', 'many.tsv', '--no-job', '-O', 'expected.jsonl');
  expected = readFileSync(join(home, 'expected.jsonl'));
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});
afterAll(() => {
  if (isPossible) rmSync(home, { recursive: true, force: true });
});

const run = (...words: string[]) => runCatchword(words, { cwd: home });
const isEqual = (name: string) => readFileSync(join(home, name)).equals(expected);

/** Bytes of the file that a job is just writing. */
function written(): number {
  const part = readdirSync(home).find((name) => name.endsWith('.part'));
  return part === undefined ? 0 : (statSync(join(home, part), { throwIfNoEntry: false })?.size ?? 0);
}

/** Names of all that is kept of a job in Redis. */
async function keysOf(jobId: string): Promise<string[]> {
  const redis = new Redis(urlAt(PORT));
  try {
    const announced = (await redis.hexists('catchword:jobs', jobId)) ? ['announcement'] : [];
    return [...announced, ...(await redis.keys(`*${jobId}*`))];
  } finally {
    redis.disconnect();
  }
}

/** Starts a worker; what it says grows in `said`. */
function worker(url: string, folder = home): { readonly child: ChildProcess; said: string } {
  const child = spawn(process.execPath, [PROGRAM, 'worker', '--queue', url, '--jobs', '1'], { cwd: folder });
  const result = { child, said: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      result.said += text;
    });
  }
  started.add(child);
  return result;
}

/** A way to Redis that can be closed for a while. */
async function gate(): Promise<{ readonly port: number; close(): Promise<void>; open(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;
  const open = () =>
    new Promise<void>((resolve) => {
      server = createServer((socket) => {
        const inner = connect(PORT, '127.0.0.1');
        for (const each of [socket, inner]) {
          sockets.add(each);
          each.on('error', () => undefined);
          each.on('close', () => {
            sockets.delete(each);
            socket.destroy();
            inner.destroy();
          });
        }
        socket.pipe(inner).pipe(socket);
      });
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as { port: number }).port;
        resolve();
      });
    });
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open();
  return {
    get port() {
      return port;
    },
    close,
    open,
  };
}

describe.skipIf(!isPossible)('index --queue', () => {
  test('writes what a run without a queue writes, while workers are killed one after the other', async () => {
    const url = urlAt(PORT);
    const workers = [worker(url), worker(url), worker(url)];
    const random = new Random(5);
    let isDone = false;
    let nKilled = 0;
    const killing = (async () => {
      while (!isDone) {
        await sleep(300 + random.below(700));
        if (written() === 0 || nKilled === 6) continue;
        const i = random.below(workers.length);
        workers[i]?.child.kill('SIGKILL');
        workers[i] = worker(url);
        nKilled++;
      }
    })();
    const { code, stderr } = await run('index', 't', 'many.tsv', '-O', 'killed.jsonl', '--queue', url);
    isDone = true;
    await killing;
    expect([code, stderr]).toEqual([0, expect.stringContaining(`Wrote ${N.toLocaleString('en')} documents`)]);
    expect(isEqual('killed.jsonl')).toBe(true);
    expect(nKilled).toBeGreaterThan(0);
  }, 180_000);

  test('goes on after its own end, and Ctrl-C leaves nothing in the queue', async () => {
    const url = urlAt(PORT);
    worker(url);
    const command = ['index', 't', 'many.tsv', '-O', 'resumed.jsonl', '--queue', url];
    const ended = async (signal: NodeJS.Signals) => {
      const before = written();
      return runCatchword(command, {
        cwd: home,
        onStart: (child) => {
          const timer = setInterval(() => {
            if (written() <= before) return;
            clearInterval(timer);
            child.kill(signal);
          }, 5);
        },
      });
    };
    expect((await ended('SIGKILL')).code).toBe(null);
    expect(await ended('SIGINT')).toMatchObject({ code: 130, stderr: expect.stringContaining('Going on with job') });
    // Without the queue it goes on as well.
    const last = await run('index', 't', 'many.tsv', '-O', 'resumed.jsonl', '--job');
    expect(last).toMatchObject({ code: 0, stderr: expect.stringContaining('Going on with job') });
    expect(isEqual('resumed.jsonl')).toBe(true);
  }, 120_000);

  test('a job that was cancelled leaves nothing in the queue', async () => {
    const url = urlAt(PORT);
    worker(url);
    await runCatchword(['index', 't', 'many.tsv', '-O', 'cancelled.jsonl', '--queue', url], {
      cwd: home,
      onStart: (child) => {
        const timer = setInterval(() => {
          if (written() === 0) return;
          clearInterval(timer);
          child.kill('SIGKILL');
        }, 5);
      },
    });
    const { jobs } = JSON.parse((await run('jobs', 'list', '--json')).stdout);
    const { id } = jobs.at(-1);
    expect((await keysOf(id)).length).toBeGreaterThan(0);
    expect(await run('jobs', 'cancel', id, '--queue', url)).toMatchObject({ code: 0 });
    expect(await keysOf(id)).toEqual([]);
  }, 60_000);

  test('a worker lets go of a job that nobody waits for any more', async () => {
    const url = urlAt(PORT);
    const redis = new Redis(url);
    try {
      const left = { jobId: 'left', projectId: 't', backendParams: [], modelVersion: 'm', settings: 's' };
      await redis.hset('catchword:jobs', 'left', JSON.stringify(left));
      await redis.rpush('catchword:answers:job-left-m-s', 'an answer');
      worker(url);
      await expect.poll(() => keysOf('left'), { timeout: 20_000 }).toEqual([]);
      expect(await redis.hexists('catchword:jobs', 'left')).toBe(0);
    } finally {
      redis.disconnect();
    }
  }, 30_000);

  test('a worker with another model refuses', async () => {
    const url = urlAt(PORT);
    const other = join(home, 'other');
    for (const name of ['projects.yaml', 'data']) cpSync(join(home, name), join(other, name), { recursive: true });
    await runCatchword(['train', 't', join(ROOT, 'corpora/sample/validate.tsv')], { cwd: other });
    const stranger = worker(url, other);
    const running = run('index', 't', 'many.tsv', '-O', 'refused.jsonl', '--docs-limit', '500', '--queue', url);
    await expect
      .poll(() => stranger.said, { timeout: 20_000 })
      .toMatch(/Job \w{8} needs model \w{16} of project "t", and this worker has model \w{16}: refused/);
    expect(written()).toBe(0);
    worker(url);
    expect(await running).toMatchObject({ code: 0 });
    expect(expected.subarray(0, 100_000).includes(readFileSync(join(home, 'refused.jsonl')).subarray(0, 10_000))).toBe(
      true,
    );
    expect(readFileSync(join(home, 'refused.jsonl'), 'utf8').split('\n')).toHaveLength(501);
  }, 120_000);

  test('a job that goes on with a new model gets workers that have it', async () => {
    const url = urlAt(PORT);
    const own = join(home, 'renewed');
    for (const name of ['projects.yaml', 'data', 'many.tsv'])
      cpSync(join(home, name), join(own, name), { recursive: true });
    rmSync(join(own, 'data/jobs'), { recursive: true, force: true });
    const begun = worker(url, own);
    await runCatchword(['index', 't', 'many.tsv', '--queue', url], {
      cwd: own,
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!readdirSync(own).some((name) => name.endsWith('.part'))) return;
          clearInterval(timer);
          child.kill('SIGKILL');
        }, 5);
      },
    });
    begun.child.kill('SIGKILL');
    await runCatchword(['train', 't', join(ROOT, 'corpora/sample/validate.tsv')], { cwd: own });
    const refused = await runCatchword(['index', 't', 'many.tsv', '--queue', url], { cwd: own });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was trained or has learnt') });
    worker(url, own);
    const last = await runCatchword(['index', 't', 'many.tsv', '--queue', url, '--with-new-model'], { cwd: own });
    expect(last).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`Wrote ${N.toLocaleString('en')} documents`),
    });
  }, 120_000);

  test('a queue that is gone for a while is waited for, by workers and by the job', async () => {
    const way = await gate();
    const url = urlAt(way.port);
    const first = worker(url);
    const running = run('index', 't', 'many.tsv', '-O', 'waited.jsonl', '--queue', url);
    await expect.poll(() => written(), { timeout: 30_000 }).toBeGreaterThan(0);
    for (let n = 0; n < 2; n++) {
      await way.close();
      await sleep(3_000);
      await way.open();
      await sleep(500);
    }
    const { code, stderr } = await running;
    await way.close();
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/The queue at redis:\S+ does not answer since [\d:]+; waiting/),
    ]);
    expect(first.said).toContain('does not answer');
    expect(isEqual('waited.jsonl')).toBe(true);
  }, 120_000);

  test('an address where nobody answers, and one that is none, are told', async () => {
    const nobody = await run('worker', '--queue', 'redis://:secret@127.0.0.1:1');
    expect(nobody).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Cannot reach the queue at redis://127.0.0.1:1'),
    });
    expect(nobody.stderr).not.toContain('secret');
    expect(await run('worker', '--queue', 'http://127.0.0.1')).toMatchObject({ code: 2 });
  });
});
