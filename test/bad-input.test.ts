import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, type Run, runCatchword } from './run-catchword.js';

// What can go wrong on the command line: a clear error with a hint, the right exit code, and nothing lost.

const VOCABULARY = join(ROOT, 'vocabularies/sample/sample.ttl');
const TRAIN = join(ROOT, 'corpora/sample/train.tsv');
const PROGRAM = join(ROOT, 'packages/cli/bin/catchword.js');

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-bad-input-'));
  writeFileSync(
    join(folder, 'projects.yaml'),
    `projects:
  p-en:
    language: en
    vocab: sample
    backend: mllm
    analyzer: snowball(english)
`,
  );
  await run('load-vocab', 'sample', VOCABULARY);
  await run('train', 'p-en', TRAIN);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCatchword(words, { cwd: folder });

/** Writes a file into the test's folder. @returns its name, as seen from there */
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

/** A copy of the data folder, to be damaged. @returns its name */
function dataCopy(name: string): string {
  cpSync(join(folder, 'data'), join(folder, name), { recursive: true });
  return name;
}

function expectError(result: Run, code: number, message: string | RegExp, hint: string | RegExp): void {
  expect(result.stderr).toMatch(/^Error: /m);
  expect(result.stderr).toMatch(message);
  expect(result.stderr.slice(result.stderr.indexOf('Hint: '))).toMatch(hint);
  expect(result.stderr).not.toMatch(/^ +at .*:\d+:\d+/m);
  expect(result.code).toBe(code);
}

describe('usage', () => {
  test('an unknown command, option, argument', async () => {
    expectError(await run('trian'), 2, "Error: Unknown command 'trian'", 'Did you mean train?');
    expectError(await run('train', 'p-en', '--job', '2'), 2, "Unknown option '--job'", 'Did you mean --jobs?');
    const missing = await run('train');
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toMatch(
      /^Usage: catchword train \[options\] <project-id> \[paths...\]\nTry 'catchword train --help'/,
    );
    expect((await run('suggest', 'p-en', '-l', 'ten')).code).toBe(2);
    expect((await run('suggest', 'p-en', '-b', 'trees')).stderr).toContain('BACKEND.KEY=VALUE');
    const nothing = await run();
    expect(nothing).toMatchObject({ code: 2, stdout: '' });
    expect(nothing.stderr).toContain('Commands:');
  });

  test('--help and --version are results', async () => {
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('load-vocab');
    expect(await run('--version')).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
    expect((await run('help', 'eval')).stdout).toContain('--metrics-file');
  });

  test('an unknown project, vocabulary, backend, language, metric', async () => {
    expectError(await run('suggest', 'p-ne'), 1, "No projects found with id 'p-ne'.", 'Did you mean "p-en"?');
    expectError(
      await run('load-vocab', 'simple', VOCABULARY),
      1,
      "No vocabularies found with the id 'simple'.",
      'sample',
    );
    expectError(
      await run('suggest', 'p-en', '-b', 'tfidf.x=1'),
      1,
      'backend tfidf in CLI option "-b tfidf.x=1"',
      /mllm/,
    );
    expectError(await run('suggest', 'p-en', '-b', 'mllm.tree=1'), 1, 'did you mean trees?', /least_coverage/);
    expectError(await run('suggest', 'p-en', '-L', 'sv'), 2, 'language "sv" not supported by vocabulary', 'de, en, fi');
    expectError(await run('eval', 'p-en', TRAIN, '-m', 'NDGC'), 2, "there is no metric 'NDGC'", 'Did you mean "NDCG"?');
  });

  test('ids that lead out of the data folder', async () => {
    for (const id of ['../x', '..', 'a/b', '__proto__', 'x'.repeat(10_000)]) {
      const loaded = await run('load-vocab', id, VOCABULARY);
      expectError(loaded, 1, 'as the id of a vocabulary', /Choose an id/);
      expect((await run('suggest', id)).code).toBe(1);
    }
    const config = file('evil.yaml', 'projects:\n  "../evil":\n    language: en\n');
    expectError(
      await run('list-projects', '-p', config),
      1,
      /evil\.yaml:2:3: "..\/evil" cannot be the id/,
      /Correct it/,
    );
    expect(readdirSync(folder)).not.toContain('x');
  });
});

describe('files', () => {
  test('one that is missing, a folder, cut off, damaged, not UTF-8', async () => {
    for (const command of ['train', 'eval', 'index', 'suggest']) {
      expectError(await run(command, 'p-en', 'none.tsv'), 2, "Path 'none.tsv' does not exist.", /Check the path/);
    }
    expectError(await run('list-projects', '-p', 'none.cfg'), 2, "Path 'none.cfg' does not exist.", '');
    expectError(await run('load-vocab', 'sample', 'none.ttl'), 2, "Path 'none.ttl' does not exist.", /Check the path/);
    mkdirSync(join(folder, 'empty'));
    expectError(await run('load-vocab', 'sample', 'empty'), 1, 'Cannot read empty: it is a folder', /Name a file/);
    expectError(await run('train', 'p-en', 'empty'), 1, 'The folder empty holds no document', /./);
    const packed = gzipSync(readFileSync(TRAIN));
    const cut = file('cut.tsv.gz', packed.subarray(0, packed.length / 2));
    expectError(await run('train', 'p-en', cut), 1, 'cut.tsv.gz: the gzip data is cut off', /gzip -t cut.tsv.gz/);
    const damaged = file('damaged.tsv.gz', packed.fill(7, 2000, 2100));
    expectError(await run('eval', 'p-en', damaged), 1, 'damaged.tsv.gz: the gzip data is damaged', /gzip -t/);
    const latin = file('latin.tsv', Buffer.from('caf\xe9\t<http://example.org/x>\n', 'latin1'));
    expectError(await run('train', 'p-en', latin), 1, 'latin.tsv, line 1: the text is not UTF-8', /iconv/);
  });

  test('nothing to learn from, nothing to evaluate', async () => {
    expectError(await run('train', 'p-en'), 1, /warning: Reading empty file\nError: .*no documents/, /indexed/);
    expectError(await run('train', 'p-en', file('empty.tsv', '')), 1, 'with no documents', /indexed/);
    expectError(await run('eval', 'p-en', 'empty.tsv'), 1, 'cannot evaluate empty corpus', /indexed/);
    expectError(await run('train', 'p-en', file('text.tsv', 'no tab\n')), 1, 'missing tab', /a text, a tab/);
    const unknown = await run(
      'train',
      'p-en',
      file('unknown.tsv', 'text\t<http://example.org/no> <http://example.org/no>\n'),
    );
    expectError(unknown, 1, 'Unknown subject URI <http://example.org/no> (unknown.tsv, line 1)', /by URI/);
    expect(unknown.stderr.match(/<http:\/\/example.org\/no>/g)).toHaveLength(1);
    expect((await run('suggest', 'p-en', 'text.tsv')).code).toBe(0);
  });

  test('unknown subjects are told once each and counted', async () => {
    const uri = '<http://example.org/catchword/sample/c0001>';
    const lines = Array.from({ length: 50 }, (_, i) => `text\t${uri} <http://example.org/no${i % 30}>\n`);
    const { stderr, code } = await run('eval', 'p-en', file('some.tsv', lines.join('')));
    expect(code).toBe(0);
    expect(stderr.match(/Unknown subject URI/g)?.length).toBeLessThanOrEqual(30);
    expect(stderr).toContain('30 subjects are not in the vocabulary, stated 50 times: ignored');
  });

  test('a vocabulary with a mistake names the line, and the old one stays', async () => {
    const broken = file('broken.ttl', `${readFileSync(VOCABULARY, 'utf8')}\n<a> <b> oops .\n`);
    const line = readFileSync(VOCABULARY, 'utf8').split('\n').length + 1;
    const before = readdirSync(join(folder, 'data/vocabs/sample')).sort();
    expectError(await run('load-vocab', 'sample', broken), 1, `broken.ttl, line ${line}`, /./);
    expectError(await run('load-vocab', 'sample', file('empty.ttl', '')), 1, 'empty.ttl: the file is empty', /./);
    expect(readdirSync(join(folder, 'data/vocabs/sample')).sort()).toEqual(before);
    expect((await run('list-vocabs')).stdout).toContain('260');
  });

  test('a configuration with mistakes lists all of them', async () => {
    const config = file('wrong.cfg', '[a b]\nlanguage=en\n\n[c]\nlanguge=en\nbackend=mllm\nvocab=v(en,exlude=x)\n');
    const { stderr, code } = await run('list-projects', '-p', config);
    expect(code).toBe(1);
    for (const part of ['wrong.cfg:1: "a b"', 'wrong.cfg:5:', 'did you mean "language"?', 'did you mean "exclude"?']) {
      expect(stderr).toContain(part);
    }
  });
});

describe('models', () => {
  test('one changed byte is found, and the hint helps', async () => {
    const data = dataCopy('flipped');
    const model = join(folder, data, 'projects/p-en');
    const arrays = readdirSync(model).find((name) => name.endsWith('.bin')) as string;
    const bytes = readFileSync(join(model, arrays));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    writeFileSync(join(model, arrays), bytes);
    expectError(
      await run('suggest', 'p-en', '--data-dir', data),
      1,
      `${arrays}: its checksum does not match`,
      /catchword train/,
    );
    expect((await run('train', 'p-en', TRAIN, '--data-dir', data)).code).toBe(0);
    expect((await run('suggest', 'p-en', TRAIN, '--data-dir', data)).code).toBe(0);
  });

  test('a model of a newer format version is refused', async () => {
    const data = dataCopy('newer');
    const path = join(folder, data, 'projects/p-en/manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"formatVersion": 1', '"formatVersion": 2'));
    expectError(await run('suggest', 'p-en', '--data-dir', data), 1, 'it has format version 2', /Update Catchword/);
  });

  test('a model is refused after load-vocab --force changed the numbers of subjects', async () => {
    const data = dataCopy('forced');
    const [head, ...blocks] = readFileSync(VOCABULARY, 'utf8').split(/\n\n(?=[^\n]*\n? *a skos:Concept)/);
    const turned = file('turned.ttl', [head, ...blocks.reverse()].join('\n\n'));
    const loaded = await run('load-vocab', '--force', 'sample', turned, '--data-dir', data);
    expect(loaded.code).toBe(0);
    const result = await run('suggest', 'p-en', '--data-dir', data);
    expectError(result, 1, 'vocabulary "sample" was built anew since', /Train it again: catchword train p-en/);
  });

  test('a data folder that cannot be written', async () => {
    const data = file('no-folder', 'a file');
    expectError(await run('load-vocab', 'sample', VOCABULARY, '--data-dir', data), 1, /Cannot write .*no-folder/, /./);
    expect(readFileSync(join(folder, data), 'utf8')).toBe('a file');
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'a data folder without permission (not as root, who has all)',
    async () => {
      const data = dataCopy('read-only');
      chmodSync(join(folder, data, 'projects/p-en'), 0o555);
      const result = await run('train', 'p-en', TRAIN, '--data-dir', data);
      expectError(result, 1, /Cannot write .*: no permission/, /Give yourself permission/);
      expect((await run('suggest', 'p-en', TRAIN, '--data-dir', data)).code).toBe(0);
      chmodSync(join(folder, data, 'projects/p-en'), 0o755);
    },
  );

  test('a result file that cannot be written', async () => {
    const result = await run('eval', 'p-en', TRAIN, '-d', '5', '-M', 'no/such/folder.json');
    expectError(result, 1, /Cannot write no\/such/, /./);
    expectError(await run('index', 'p-en', TRAIN, '-d', '5', '-O', 'no/such.jsonl'), 1, /Cannot write no\/such/, /./);
  });
});

describe('interruptions', () => {
  const LOCK = 'data/projects/p-en/.lock';
  let long: string;

  beforeAll(() => {
    long = file('long.tsv', readFileSync(TRAIN, 'utf8').repeat(60));
  });

  async function appeared(path: string): Promise<void> {
    for (let i = 0; i < 400 && !existsSync(path); i++) await wait(25);
    expect(existsSync(path)).toBe(true);
  }

  test('a second trainer is told who is training; Ctrl-C leaves the old model', async () => {
    const model = join(folder, 'data/projects/p-en');
    const before = readdirSync(model).sort();
    let child: ChildProcess | undefined;
    const first = runCatchword(['train', 'p-en', long], { cwd: folder, onStart: (started) => (child = started) });
    await appeared(join(folder, LOCK));
    const second = await run('train', 'p-en', TRAIN);
    expectError(second, 75, `process ${child?.pid} has it locked since`, /Wait until it has finished/);
    expect((await run('suggest', 'p-en', TRAIN)).code).toBe(0);
    child?.kill('SIGINT');
    const stopped = await first;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(
      'Stopped on request; nothing was changed. The old model of project "p-en" stays in use.',
    );
    expect(readdirSync(model).sort()).toEqual(before);
  });

  test('a training that was killed leaves the old model, and nothing after the next one', async () => {
    const model = join(folder, 'data/projects/p-en');
    let child: ChildProcess | undefined;
    const killed = runCatchword(['train', 'p-en', long], { cwd: folder, onStart: (started) => (child = started) });
    await appeared(join(folder, LOCK));
    child?.kill('SIGKILL');
    expect((await killed).code).toBe(null);
    expect((await run('suggest', 'p-en', TRAIN)).code).toBe(0);
    expect((await run('train', 'p-en', TRAIN)).code).toBe(0);
    expect(
      readdirSync(model)
        .map((name) => name.replace(/-\w+\./, '.'))
        .sort(),
    ).toEqual(['arrays.bin', 'manifest.json']);
  });

  test('SIGTERM ends with 143', async () => {
    let child: ChildProcess | undefined;
    const first = runCatchword(['train', 'p-en', long], { cwd: folder, onStart: (started) => (child = started) });
    await appeared(join(folder, LOCK));
    child?.kill('SIGTERM');
    expect((await first).code).toBe(143);
  });

  test('a reader that stops reading is no error', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'index', 'p-en', long, '-O', '-'], { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
