import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ROOT, type Run, runCatchword } from './run-catchword.js';

// The commands as Annif's users know them, on the sample that ships with the project.

const VOCABULARY = join(ROOT, 'vocabularies/sample/sample.ttl');
const CORPORA = join(ROOT, 'corpora/sample');
const TEST = join(CORPORA, 'test.tsv');
const RIVER = join(CORPORA, 'fulltext/river-restoration.txt');

const PROJECTS = `[DEFAULT]
vocab=sample

[s-en]
name=Sample, English
language=en
backend=mllm
analyzer=snowball(english)

[s-de]
name=Beispiel
language=de
backend=mllm
analyzer=snowball(german)
access=hidden

[bare]
language=fi

[later]
name=Not yet
language=en
backend=fasttext
analyzer=simple
`;

let folder: string;
let trained: Run;
let loaded: Run;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-commands-'));
  writeFileSync(join(folder, 'projects.cfg'), PROJECTS);
  loaded = await run('load-vocab', 'sample', VOCABULARY);
  trained = await run('train', 's-en', join(CORPORA, 'train.tsv'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCatchword(words, { cwd: folder });
const suggest = (stdin: string, ...words: string[]) =>
  runCatchword(['suggest', 's-en', ...words], { cwd: folder, stdin });

test('load-vocab prints one line and says on standard error what it loaded', () => {
  expect(loaded.stdout).toBe(`Loading vocabulary from SKOS file ${VOCABULARY} ...\n`);
  expect(loaded.stderr).toMatch(
    /^creating subject index\nLoaded vocabulary sample: 258 subjects, .* \(de, en, fi\) in/,
  );
  expect(loaded.code).toBe(0);
});

test('load-vocab on a loaded vocabulary says what changed', async () => {
  const again = await run('load-vocab', 'sample', VOCABULARY);
  expect(again.stderr).toContain('updating existing subject index\nNo subject was added, removed or relabelled.\n');
  const file = join(folder, 'changed.ttl');
  const other = join(folder, 'other-data');
  cpSync(join(folder, 'data'), other, { recursive: true });
  const uri = 'http://example.org/catchword/sample/new';
  writeFileSync(
    file,
    `${readFileSync(VOCABULARY, 'utf8')}\n<${uri}> a <http://www.w3.org/2004/02/skos/core#Concept> ; ` +
      '<http://www.w3.org/2004/02/skos/core#prefLabel> "quantum knitting"@en .\n',
  );
  const grown = await run('load-vocab', 'sample', file, '--data-dir', other);
  expect(grown.stderr).toContain(`1 subject added:\n  <${uri}>  quantum knitting\n`);
  const update = await run('load-vocab', 'sample', VOCABULARY, '--data-dir', other, '--json');
  expect(JSON.parse(update.stdout)).toMatchObject({ created: false, removed: { n: 1, examples: [{ uri }] } });
});

test('load-vocab warns of a file that removes most subjects, and the old file brings them back', async () => {
  const other = join(folder, 'shrunk-data');
  cpSync(join(folder, 'data'), other, { recursive: true });
  const file = join(folder, 'other.ttl');
  writeFileSync(
    file,
    '@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<http://example.org/x> a skos:Concept ; skos:prefLabel "x"@en .\n',
  );
  const shrunk = await run('load-vocab', 'sample', file, '--data-dir', other);
  expect(shrunk.stderr).toMatch(/^warning: \S*other\.ttl removes 260 of the 260 subjects .*load the old one again/m);
  const restored = await run('load-vocab', 'sample', VOCABULARY, '--data-dir', other);
  expect(restored.stderr).toContain('260 subjects restored:');
  expect(restored.stderr).not.toContain('warning: ');
  expect((await suggest('Rivers.', '--data-dir', other)).stdout).toContain('\trivers\t');
});

test('load-vocab without a configuration says what to write into one', async () => {
  const bare = mkdtempSync(join(tmpdir(), 'catchword-unconfigured-'));
  onTestFinished(() => rmSync(bare, { recursive: true, force: true }));
  const words = ['load-vocab', 'sample', VOCABULARY];
  const refused = await runCatchword(words, { cwd: bare });
  expect(refused.stderr).toMatch(/^Error: No configuration was found\. No vocabularies found with the id 'sample'\.$/m);
  expect(refused.code).toBe(1);
  const [, example] = refused.stderr.split('for example:\n');
  writeFileSync(join(bare, 'projects.yaml'), example as string);
  expect((await runCatchword(words, { cwd: bare })).code).toBe(0);
});

test('a project with a backend of Annif is refused before its vocabulary is looked for', async () => {
  const none = join(folder, 'no-data');
  for (const words of [
    ['suggest', 'later'],
    ['train', 'later', TEST],
    ['eval', 'later', TEST],
    ['index', 'later'],
  ]) {
    const { stderr, code } = await run(...words, '--data-dir', none);
    expect(stderr).toMatch(/^Error: Cannot use project 'later': Catchword has no backend 'fasttext' yet/);
    expect(code).toBe(1);
  }
  const unloaded = await run('train', 's-en', '--data-dir', none);
  expect(unloaded.stderr).toMatch(/^Error: Vocabulary "sample" has not been loaded\n/);
});

test('commands of Annif that are not here yet are named as such', async () => {
  const { stderr, code } = await run('upload', 's-en', TEST);
  expect(stderr).toContain('Error: Annif has "upload"; Catchword does not have it yet.\n');
  expect(code).toBe(2);
});

test('a concept that load-vocab adds is suggested by a model trained before', async () => {
  const other = join(folder, 'grown-data');
  cpSync(join(folder, 'data'), other, { recursive: true });
  await run('load-vocab', 'sample', join(folder, 'changed.ttl'), '--data-dir', other);
  const { stdout, stderr, code } = await suggest('Essays on quantum knitting.', '--data-dir', other);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^<http:\/\/example.org\/catchword\/sample\/new>\tquantum knitting\t0\.\d{4}$/m);
  expect(stderr).toContain('earlier version of vocabulary "sample"');
});

test('train writes nothing to standard output and reports on standard error', () => {
  expect(trained).toMatchObject({ code: 0, stdout: '' });
  expect(trained.stderr).toMatch(
    /^Trained project s-en on 239 documents in .*: 241 subjects seen, 17 unseen; model .* kB/,
  );
});

test('list-projects prints the table of Annif', async () => {
  const { stdout, stderr, code } = await run('list-projects');
  const time = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;
  expect(stdout.replace(time, 'YYYY-MM-DD HH:MM:SS')).toBe(
    [
      'Project ID  Project Name     Vocabulary ID  Language  Trained  Modification time  ',
      '-'.repeat(82),
      's-en        Sample, English  sample         en        True     YYYY-MM-DD HH:MM:SS',
      's-de        Beispiel         sample         de        False    -                  ',
      'bare        bare             sample         fi        None     -                  ',
      'later       Not yet          sample         en        False    -                  ',
      '',
    ].join('\n'),
  );
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "warning: Misconfigured project 'bare': backend setting is missing\n",
  });
});

test('show-project prints nine lines with values at column 19', async () => {
  const { stdout } = await run('show-project', 's-de');
  expect(stdout).toBe(
    `Project ID:        s-de
Project Name:      Beispiel
Language:          de
Vocabulary:        sample
Vocab language:    de
Access:            hidden
Backend:           mllm
Trained:           False
Modification time: -
`,
  );
  const shown = JSON.parse((await run('show-project', 's-en', '--json')).stdout);
  expect(shown).toMatchObject({ project_id: 's-en', is_trained: true, trained: { report: { nDocuments: 239 } } });
});

test('list-vocabs prints the table of Annif', async () => {
  expect((await run('list-vocabs')).stdout).toBe(
    [
      'Vocabulary ID  Languages  Size  Loaded',
      '--------------------------------------',
      'sample         de,en,fi   260   True  ',
      '',
    ].join('\n'),
  );
  const empty = await run('list-vocabs', '--data-dir', join(folder, 'nothing'));
  expect(empty.stdout.split('\n')[2]).toBe('sample         -          -     False ');
});

describe('suggest', () => {
  test('prints URI, label, notation and score, the best first', async () => {
    const { stdout, stderr, code } = await suggest('The restoration of rivers and their meadows.');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^<http:\/\/[^>]+>\t[^\t]+\t[\d.]+\t[01]\.\d{4}$/);
    const scores = lines.map((line) => Number(line.split('\t')[3]));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test('--limit, then --threshold, and --language', async () => {
    const text = readFileSync(RIVER, 'utf8');
    const all = (await suggest(text)).stdout.trimEnd().split('\n');
    expect(all).toHaveLength(10);
    expect((await suggest(text, '-l', '3')).stdout.trimEnd().split('\n')).toEqual(all.slice(0, 3));
    const score = (all[4] as string).split('\t').at(-1) as string;
    const above = (await suggest(text, '-t', String(Number(score) - 0.00005))).stdout.trimEnd().split('\n');
    expect(above).toEqual(all.slice(0, above.length));
    expect(above.length).toBeGreaterThanOrEqual(5);
    const german = (await suggest(text, '-L', 'de', '-l', '2')).stdout;
    expect(german.split('\t')[0]).toBe((all[0] as string).split('\t')[0]);
    expect(german.split('\t')[1]).not.toBe((all[0] as string).split('\t')[1]);
  });

  test('names the file above its block', async () => {
    const { stdout } = await suggest('', '-l', '1', RIVER, RIVER);
    const blocks = stdout.split(`Suggestions for ${RIVER}\n`);
    expect(blocks).toHaveLength(3);
    expect(blocks[1]).toBe(blocks[2]);
  });

  test('--explain shows the words and what counted', async () => {
    const { stdout } = await suggest(
      'Lighthouses\n\nThe keepers of the lighthouse at Brennick.',
      '--explain',
      '-l',
      '2',
    );
    expect(stdout).toMatch(/^<[^>]+>\tlighthouses\t[\d.]+\t0\.\d{4}$/m);
    expect(stdout).toContain('line 1: [Lighthouses] The keepers');
    expect(stdout).toMatch(/^ {4}counted for \(\+\) and against \(-\), in log odds:\n {6}[+-]\d+\.\d\d {2}\w/m);
    const { stdout: json } = await suggest('The lighthouse.', '--explain', '--json', '-l', '1');
    expect(JSON.parse(json).results[0]).toMatchObject({
      label: 'lighthouses',
      explanation: { evidence: [{ start: 4, end: 14, words: 'lighthouse', line: 1, snippet: 'The lighthouse.' }] },
    });
  });

  test('reads bytes that are not UTF-8, an empty text, and odd characters', async () => {
    const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, ...Buffer.from('rivers \0'), 0xff]);
    const odd = await runCatchword(['suggest', 's-en'], { cwd: folder, stdin: bytes });
    expect(odd).toMatchObject({ code: 0, stderr: 'warning: standard input: bytes that are not UTF-8 were replaced\n' });
    expect(odd.stdout).toContain('\trivers\t');
    expect(await suggest('')).toEqual({ code: 0, stdout: '', stderr: 'warning: standard input: there is no text\n' });
    const stderr = 'warning: standard input: there are no words in the text\n';
    expect(await suggest('... --- !?')).toEqual({ code: 0, stdout: '', stderr });
    expect((await suggest('.,;:!? -- … ()')).code).toBe(0);
  });
});

describe('index', () => {
  test('writes a JSON line for each document of a file', async () => {
    const file = join(folder, 'documents.tsv');
    cpSync(TEST, file);
    expect(await run('index', 's-en', file, '-l', '2')).toEqual({
      code: 0,
      stdout: '',
      stderr: `Wrote 76 documents to ${join(folder, 'documents.annif.jsonl')}\n`,
    });
    const lines = readFileSync(join(folder, 'documents.annif.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(76);
    expect(Object.keys(JSON.parse(lines[0] as string))).toEqual(['text', 'subjects', 'results']);
    const again = await run('index', 's-en', file);
    expect(again.stdout).toBe(`Not overwriting ${join(folder, 'documents.annif.jsonl')} (use --force to override)\n`);
    await run('index', 's-en', file, '-z', '-I', '-l', '1', '-s', '.x');
    const packed = gunzipSync(readFileSync(join(folder, 'documents.x.jsonl.gz'))).toString();
    expect(packed).toMatch(
      /^\{"results": \[\{"uri": "http:[^"]+", "label": "[^"]+", "notation": "[^"]+", "score": 0\.\d+\}\]\}\n/,
    );
    const streamed = await run('index', 's-en', file, '-O', '-', '-l', '2');
    expect(streamed.stdout.trimEnd().split('\n')).toEqual(lines);
  });

  test('writes a file beside each document of a folder', async () => {
    const documents = join(folder, 'fulltext');
    cpSync(join(CORPORA, 'fulltext'), documents, { recursive: true });
    const first = await run('index', 's-en', documents);
    expect(first).toMatchObject({ code: 0, stdout: '', stderr: `Wrote 6 documents to ${documents}\n` });
    const written = readFileSync(join(documents, 'river-restoration.annif'), 'utf8');
    expect(written).toBe((await suggest(readFileSync(RIVER, 'utf8'))).stdout);
    const second = await run('index', 's-en', documents);
    expect(second.stdout.trimEnd().split('\n')).toHaveLength(6);
    expect(second.stderr).toBe('');
    expect(second.stdout).toContain(`Not overwriting ${join(documents, 'river-restoration.annif')} (use --force`);
  });

  test('several files go to one output', async () => {
    const output = join(folder, 'all.jsonl');
    await run('index', 's-en', TEST, join(CORPORA, 'validate.tsv'), '-O', output);
    expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toHaveLength(76 + 42);
  });
});

test('optimize prints what Annif does: a grid and its best points', async () => {
  const { stdout, stderr, code } = await run('optimize', 's-en', TEST, '-d', '20');
  const lines = stdout.split('\n');
  expect({ stderr, code, n: lines.length }).toEqual({ stderr: '', code: 0, n: 307 });
  expect(lines[0]).toBe('Limit\tThresh.\tPrec.\tRec.\tF1');
  for (const line of lines.slice(1, 301)) expect(line).toMatch(/^\d+\t0\.\d\d(\t[01]\.\d{4}){3}$/);
  expect(lines[302]).toMatch(/^Best Precision \(doc avg\): [01]\.\d{4}\tLimit: \d+\tThreshold: 0\.\d\d$/);
  expect(lines[305]).toBe('Documents evaluated:\t20');
  expect(JSON.parse((await run('optimize', 's-en', TEST, '-d', '20', '--json')).stdout)).toMatchObject({ nDocs: 20 });
});

test('hyperopt prints a line to be pasted, and its trials to a file', async () => {
  const trials = join(folder, 'trials.tsv');
  const projects = join(folder, 'joined.cfg');
  writeFileSync(projects, `${PROJECTS}\n[joined]\nlanguage=en\nbackend=ensemble\nsources=s-en\n`);
  const hyperopt = (...words: string[]) => run('hyperopt', '--projects', projects, ...words);
  const { stdout, code } = await hyperopt('joined', TEST, '-T', '5', '-m', 'F1@5', '-r', trials);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Looking for optimal hyperparameters using 5 trials\nGot best F1@5 score 0\.\d{4} with:\n---\nsources=s-en:1\.0000\S*\n---\n$/,
  );
  expect(readFileSync(trials, 'utf8')).toMatch(/^trial\tvalue\ts-en(\t.*)?\n0\t0\.\d+\t1\.0(\t.*)?\n(.*\n){4}$/);
  const other = await hyperopt('s-en', TEST);
  expect(other.stderr).toContain("Error: Not supported project 's-en': Hyperparameter optimization not supported by");
  expect(other.code).toBe(1);
  const metric = await hyperopt('joined', TEST, '-m', 'True positives');
  expect(metric.stderr).toContain("there is no metric 'True positives'");
  expect(metric.code).toBe(2);
});

describe('eval', () => {
  test('prints the metrics of Annif, then the further figures', async () => {
    const { stdout, code } = await run('eval', 's-en', TEST);
    const [annif, further] = stdout.split('\n\n') as [string, string];
    const lines = annif.split('\n');
    expect(lines).toHaveLength(23);
    for (const line of lines.slice(0, 19)) expect(line).toMatch(/^.{30}\t[01]\.\d{4}$/);
    expect(lines[0]).toMatch(/^Precision \(doc avg\): {10}\t0\./);
    expect(lines[22]).toBe('Documents evaluated:          \t76');
    expect(further).toMatch(/^nDCG@20:\s+\t0\.\d{4}$/m);
    expect(further).toMatch(/ \[0\.\d{4}, 0\.\d{4}\]/);
    expect(further).toMatch(/^Recall@10 \(0 train docs\): .* of 32$/m);
    expect(code).toBe(0);
  });

  test('is the same for one worker and two', async () => {
    const one = await run('eval', 's-en', TEST, '-j', '1');
    expect((await run('eval', 's-en', TEST, '-j', '2')).stdout).toBe(one.stdout);
  });

  test('-m restricts and orders, -M and -r write files, -d limits', async () => {
    const metrics = join(folder, 'metrics.json');
    const results = join(folder, 'results.tsv');
    const { stdout } = await run(
      'eval',
      's-en',
      TEST,
      '-d',
      '5',
      '-m',
      'NDCG',
      '-m',
      'F1@5',
      '-M',
      metrics,
      '-r',
      results,
    );
    expect(stdout.replace(/0\.\d{4}/g, 'N')).toBe(
      `Writing per subject evaluation results to ${results}
NDCG:                         \tN
F1@5:                         \tN
Documents evaluated:          \t5
`,
    );
    expect(Object.keys(JSON.parse(readFileSync(metrics, 'utf8')))).toEqual(['NDCG', 'F1@5', 'Documents_evaluated']);
    const rows = readFileSync(results, 'utf8').trimEnd().split('\n');
    expect(rows[0]).toBe(
      'URI\tLabel\tSupport\tTrue_positives\tFalse_positives\tFalse_negatives\tPrecision\tRecall\tF1_score',
    );
    expect(rows).toHaveLength(1 + 260);
    const json = JSON.parse((await run('eval', 's-en', TEST, '--json')).stdout);
    expect(json).toMatchObject({ Documents_evaluated: 76, further: { bands: [{ band: '0', nGold: 32 }, {}, {}, {}] } });
  });
});

test('-b stands in for a parameter of the configuration', async () => {
  const other = join(folder, 'few-trees');
  cpSync(join(folder, 'data/vocabs'), join(other, 'vocabs'), { recursive: true });
  const words = ['train', 's-en', join(CORPORA, 'train.tsv'), '-b', 'mllm.trees=7', '--data-dir', other, '--json'];
  const report = JSON.parse((await run(...words)).stdout);
  expect(report).toMatchObject({ nDocuments: 239, details: { trees: 7 } });
});

test('clear removes a model, and says so', async () => {
  const other = join(folder, 'to-clear');
  cpSync(join(folder, 'data'), other, { recursive: true });
  const first = await run('clear', 's-en', '--data-dir', other);
  expect(first).toEqual({ code: 0, stdout: '', stderr: 'Removed model data for project s-en.\n' });
  const second = await run('clear', 's-en', '--data-dir', other);
  expect(second).toEqual({ code: 0, stdout: '', stderr: 'warning: No model data to remove for project s-en.\n' });
  const untrained = await runCatchword(['suggest', 's-en', '--data-dir', other], { cwd: folder, stdin: 'x' });
  expect(untrained.stderr).toContain('Project is not trained.\nHint: Run: catchword train s-en CORPUS\n');
});

test('environment variables name configuration and data folder', async () => {
  const env = { ANNIF_PROJECTS: join(folder, 'projects.cfg'), CATCHWORD_DATADIR: join(folder, 'data') };
  const { stdout } = await runCatchword(['list-projects'], { cwd: tmpdir(), env });
  expect(stdout).toContain('s-en        Sample, English  sample         en        True');
});

test('demo shows commands and results, and what to type next', async () => {
  const { stdout, code } = await run('demo', '--folder', join(folder, 'demo'));
  expect(code).toBe(0);
  for (const command of ['load-vocab', 'train', 'eval', 'suggest'])
    expect(stdout).toContain(`\n$ npx catchword ${command} `);
  expect(stdout).toMatch(/F1@5:\s+\t0\.[3-9]/);
  expect(stdout).toContain('With files of your own:');
  expect(stdout).toContain(`as ${join(folder, 'demo', 'projects.yaml')} does`);
  expect(stdout).not.toContain('data/demo');
});

test('index writes the documents of a folder to the one file that --output names', async () => {
  const before = readdirSync(join(CORPORA, 'fulltext'));
  const { code, stdout } = await run('index', 's-en', join(CORPORA, 'fulltext'), '-O', '-', '-I', '-l', '1');
  expect(code).toBe(0);
  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).document_id);
  expect(ids).toEqual(before.filter((name) => name.endsWith('.txt')).map((name) => join(CORPORA, 'fulltext', name)));
  expect(readdirSync(join(CORPORA, 'fulltext'))).toEqual(before);
});

test.skipIf(process.platform === 'win32')(
  'an interrupted index ends with 130, keeps what was whole, and leaves no litter',
  async () => {
    const many = join(folder, 'many.tsv');
    writeFileSync(many, readFileSync(join(CORPORA, 'train.tsv'), 'utf8').repeat(300));
    const { code, stderr } = await runCatchword(['index', 's-en', many, '--no-job'], {
      cwd: folder,
      // As soon as it writes, however fast the machine is.
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!readdirSync(folder).some((name) => name.startsWith('tmp-'))) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 10);
        child.once('exit', () => clearInterval(timer));
      },
    });
    expect([code, stderr]).toEqual([130, expect.stringContaining('Stopped on request; no result file was written.')]);
    expect(readdirSync(folder).filter((name) => name.startsWith('tmp-') || name.startsWith('many.annif'))).toEqual([]);
  },
);
