import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, runCatchword } from './run-catchword.js';

const PROGRAM = fileURLToPath(new URL('../packages/cli/bin/catchword.js', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-run-'));
  for (const name of ['vocabularies', 'corpora']) symlinkSync(join(ROOT, name), join(folder, name));
  writeFileSync(
    join(folder, 'projects.yaml'),
    'projects:\n  sample-en: { language: en, vocab: sample, backend: mllm, analyzer: snowball(english), trees: 5 }\n',
  );
  await runCatchword(['load-vocab', 'sample', 'vocabularies/sample/sample.ttl'], { cwd: folder });
  await train('corpora/sample/validate.tsv');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(corpus: string): Promise<void> {
  expect(await runCatchword(['train', 'sample-en', corpus], { cwd: folder })).toMatchObject({ code: 0 });
}

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly exit: Promise<number | null>;
}

/** Starts `catchword run` at a free port. */
async function serve(...words: string[]): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, 'run', '--port', '0', ...words], { cwd: folder });
  let text = '';
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const found = /listening at (http:\S+?)"/.exec(text)?.[1];
      if (found) resolve(found.replace('0.0.0.0', '127.0.0.1'));
    });
    void exit.then((code) => reject(new Error(`exit ${code}: ${text}`)));
  });
  return { url, child, exit, log: () => text };
}

const suggest = async (url: string, text: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/projects/sample-en/suggest`, { method: 'POST', body: new URLSearchParams({ text }), headers });

test('a server takes over what is trained beside it, on SIGHUP, and ends well with requests under way', async () => {
  const { url, child, exit, log } = await serve('--watch', '0', '--drain', '3');
  const version = async () => ((await (await suggest(url, 'bats')).json()) as { model: string }).model;
  const before = await version();
  await train('corpora/sample/train.tsv');
  expect(await version()).toBe(before);
  child.kill('SIGHUP');
  for (let i = 0; i < 100 && (await version()) === before; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await version()).not.toBe(before);

  // A warning about what is taken over stands among the lines of the log, in their form.
  const vocabulary = readFileSync(join(ROOT, 'vocabularies/sample/sample.ttl'), 'utf8');
  writeFileSync(
    join(folder, 'more.ttl'),
    `${vocabulary}\nsample:quokka a skos:Concept ; skos:prefLabel "quokkas"@en .\n`,
  );
  expect(await runCatchword(['load-vocab', 'sample', 'more.ttl'], { cwd: folder })).toMatchObject({ code: 0 });
  child.kill('SIGHUP');
  const isWarned = () => log().includes('earlier version of vocabulary');
  for (let i = 0; i < 100 && !isWarned(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isWarned()).toBe(true);

  const answers = Promise.all(
    Array.from({ length: 20 }, async () => {
      const answer = await suggest(url, 'bats and lighthouses '.repeat(2000));
      return [answer.status, ((await answer.json()) as { results: object[] }).results.length > 0];
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000)); // all of them have come in, most wait
  child.kill('SIGTERM');
  expect(new Set((await answers).map(String))).toEqual(new Set(['200,true']));
  expect(await exit).toBe(0);
  for (const line of log().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('time');
});

test('settings that could not work are refused with what is allowed', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runCatchword(['run', '--port', '0', ...args], { cwd: folder });
    return [code, /not a whole number from \d+ to \d+|neither a number of proxies nor their addresses/.test(stderr)];
  };
  for (const args of [
    ['--timeout', '0'],
    ['--timeout', '3000000'],
    ['--watch', '3000000'],
    ['--drain', '3000000'],
    ['--body-limit', '0'],
    ['--body-limit', '2048'],
    ['--trust-proxy', '0'],
    ['--trust-proxy', '10.0.0.0/33'],
    ['--trust-proxy', '::1,nonsense'],
  ]) {
    expect(await refused(...args), args.join(' ')).toEqual([2, true]);
  }
}, 60_000);

test('an address that others can reach wants keys, or to be opened', async () => {
  const refused = await runCatchword(['run', '--host', '0.0.0.0', '--port', '0'], { cwd: folder });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('say who may ask') });
  const proxied = await runCatchword(['run', '--trust-proxy', '--port', '0'], { cwd: folder });
  expect(proxied).toMatchObject({ code: 2, stderr: expect.stringContaining('Behind a proxy (--trust-proxy)') });

  const told = await runCatchword(['create-key', 'reader'], { cwd: folder });
  expect(told.stderr).toContain(join(folder, 'data/keys/keys.json'));
  const made = await runCatchword(['create-key', 'cataloguing', '--json'], { cwd: folder });
  const { key, id } = JSON.parse(made.stdout);
  const listed = await runCatchword(['list-keys'], { cwd: folder });
  expect(listed.stdout).toContain(`${id}  cataloguing  suggest`);
  const { url, child, exit } = await serve('--host', '0.0.0.0', '--require-keys');
  expect((await suggest(url, 'bats')).status).toBe(401);
  expect((await suggest(url, 'bats', { authorization: `Bearer ${key}` })).status).toBe(200);
  expect(await runCatchword(['revoke-key', id], { cwd: folder })).toMatchObject({ code: 0 });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect((await suggest(url, 'bats', { authorization: `Bearer ${key}` })).status).toBe(401);
  const { port } = new URL(url);
  const taken = await runCatchword(['run', '--port', port], { cwd: folder });
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('another program listens there') });
  child.kill('SIGINT');
  expect(await exit).toBe(0);
});
