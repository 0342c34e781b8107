import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Random } from '../packages/math/src/index.js';
import { whyNoSqlite } from '../packages/testing/src/index.js';
import { ROOT, runCatchword } from './run-catchword.js';

// The records of a catalogue go in, and come out with headings and nothing else changed.

/** Each test starts several processes, on a machine that may have other work. */
vi.setConfig({ testTimeout: 120_000 });

const SAMPLE = join(ROOT, 'corpora/sample/catalogue.xml');
const MAPPING = `subjects: { sources: [sample] }
headings: { source: sample, agency: XX-1 }
`;

const noSqlite = await whyNoSqlite();
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-marc-'));
  writeFileSync(
    join(folder, 'projects.yaml'),
    'projects:\n  labels: { language: en, vocab: sample, backend: mllm, analyzer: snowball(english) }\n',
  );
  writeFileSync(join(folder, 'mapping.yaml'), MAPPING);
  copyFileSync(SAMPLE, join(folder, 'catalogue.xml'));
  await run('load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl'));
  await run('train', 'labels', join(ROOT, 'corpora/sample/train.tsv'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCatchword(words, { cwd: folder });
const index = (path: string, ...words: string[]) =>
  run('index', 'labels', path, '--limit', '3', '--marc-mapping', 'mapping.yaml', ...words);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
/** A file of MARCXML without what a machine put in. */
const byPeople = (xml: string) =>
  xml.replace(/\s*<datafield [^>]*>(?:(?!<\/datafield>)[\s\S])*<subfield code="8">\d+\\p<[\s\S]*?<\/datafield>/g, '');

test('a file of records is a corpus to train on and to evaluate with', async () => {
  const trained = await run('train', 'labels', 'catalogue.xml', '--data-dir', 'other');
  expect(trained.stderr).toContain('Vocabulary "sample" has not been loaded');
  const evaluated = await run('eval', 'labels', 'catalogue.xml', '--metric', 'F1@5');
  expect(evaluated).toMatchObject({ code: 0, stdout: expect.stringMatching(/Documents evaluated: +\t12\n/) });
});

test('headings go in; a dry run says which and writes nothing; people keep every byte', async () => {
  const dry = await index('catalogue.xml', '--format', 'marcxml', '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(
    /^catalogue\.xml, record 1 \(sample001\)\n\+ 650 _7 \$8 1\\p \$a .+ \$2 sample \$0 http:\S+\n(\+ .*\n)*\+ 883 0_ \$8 1\\p \$a catchword labels@[0-9a-f]{16} \$c 0\.\d{4} \$d \d{8} \$q XX-1\n/,
  );
  expect(existsSync(join(folder, 'catalogue.annif.xml'))).toBe(false);

  const written = await index('catalogue.xml', '--format', 'marcxml');
  expect(written.stderr).toMatch(
    /Wrote 12 records to catalogue\.annif\.xml\nChanged \d+ of 12 records: \d+ headings added, 0 of an earlier run removed; \d+ suggestions were there already/,
  );
  const headed = read('catalogue.annif.xml');
  expect(headed.length).toBeGreaterThan(read('catalogue.xml').length);
  expect(byPeople(headed)).toBe(read('catalogue.xml'));
  expect(dry.stdout.match(/^\+ /gm)?.length).toBe(headed.match(/<subfield code="8">/g)?.length);
});

test('a second run changes nothing; one with another limit replaces its own headings alone', async () => {
  await index('catalogue.xml', '--format', 'marcxml', '--output', 'first.xml');
  const again = await index('first.xml', '--format', 'marcxml', '--output', 'second.xml');
  expect(again.stderr).toContain('Changed 0 of 12 records: 0 headings added, 0 of an earlier run removed');
  expect(read('second.xml')).toBe(read('first.xml'));
  const none = await index('first.xml', '--format', 'marcxml', '--output', 'none.xml', '--threshold', '1.01');
  expect(none.code).toBe(0);
  expect(read('none.xml')).toBe(read('catalogue.xml'));
  // its own headings are no subjects to measure with
  expect((await run('eval', 'labels', 'first.xml')).stdout).toBe((await run('eval', 'labels', 'catalogue.xml')).stdout);
});

test.each([
  ['type', 'http://example.org/catchword/terms/Place', '651'],
  ['collection', 'http://example.org/catchword/sample/col-places', '651'],
  ['scheme', 'http://example.org/catchword/sample/scheme', '655'],
])('the tag of a heading is that of its concept: by %s', async (kind, uri, tag) => {
  writeFileSync(join(folder, `${kind}.yaml`), `headings: { source: sample, tags: { '${uri}': ${tag} } }\n`);
  const dry = await run(
    ...['index', 'labels', 'catalogue.xml', '--limit', '5', '--format', 'marcxml', '--dry-run'],
    ...['--marc-mapping', `${kind}.yaml`],
  );
  const places = /^\+ (\d+) .*\$0 http:\S+\/c025[0-8]$/gm;
  const tags = (pattern: RegExp) => new Set([...dry.stdout.matchAll(pattern)].map(([, found]) => found));
  expect(tags(places)).toEqual(new Set([tag]));
  expect(tags(/^\+ (\d+) .*\$0 http:\S+\/c00\d\d$/gm)).toEqual(new Set([kind === 'scheme' ? '655' : '650']));
});

test('records go from one format to the other, packed if wanted, and several files into one', async () => {
  const marc = await index('catalogue.xml', '--format', 'marc', '--output', 'all.mrc.gz', '--gzip', '--json');
  expect(JSON.parse(marc.stdout)).toMatchObject({
    written: [{ path: 'all.mrc.gz', documents: 12 }],
    records: { nRecords: 12, nBroken: 0, nNotConverted: 0 },
  });
  const packed = gunzipSync(readFileSync(join(folder, 'all.mrc.gz')));
  expect(packed.filter((byte) => byte === 0x1d).length).toBe(12);
  const both = await run(
    ...['index', 'labels', 'all.mrc.gz', 'catalogue.xml', '--limit', '3', '--marc-mapping', 'mapping.yaml'],
    ...['--format', 'marcxml', '--output', 'both.xml'],
  );
  expect(both.code).toBe(0);
  expect(read('both.xml').match(/<record[ >]/g)?.length).toBe(24);
  expect((await run('eval', 'labels', 'both.xml')).stdout).toMatch(/Documents evaluated: +\t24\n/);
});

test('headings can be those of results that are there, all or some', async () => {
  const all = await index('catalogue.xml', '--format', 'jsonl', '--output', 'results.jsonl');
  expect(all.code).toBe(0);
  await index('catalogue.xml', '--format', 'marcxml', '--output', 'direct.xml');
  await index('catalogue.xml', '--format', 'marcxml', '--output', 'merged.xml', '--results', 'results.jsonl');
  expect(read('merged.xml')).toBe(read('direct.xml'));

  const lines = read('results.jsonl').split('\n');
  writeFileSync(join(folder, 'some.jsonl'), [lines[1], lines[4], ''].join('\n'));
  const some = await index('catalogue.xml', '--format', 'marcxml', '--dry-run', '--results', 'some.jsonl');
  const changed = [...some.stdout.matchAll(/^catalogue\.xml, record (\d+)/gm)].map(([, number]) => number);
  expect(changed.every((number) => number === '2' || number === '5')).toBe(true);
  expect(changed.length).toBeGreaterThan(0);

  writeFileSync(join(folder, 'disorder.jsonl'), [lines[4], lines[1], ''].join('\n'));
  const disorder = await index('catalogue.xml', '--format', 'marcxml', '--dry-run', '--results', 'disorder.jsonl');
  expect(disorder.stderr).toContain('From document sample002 on the results of disorder.jsonl belong to no record');
  // what a person has decided stands, whatever the machine says later
  const reviewed = JSON.parse(lines[0] ?? '{}');
  const [first, second] = reviewed.results;
  reviewed.decisions = [
    { uri: 'http://example.org/catchword/sample/c0209', action: 'added' },
    { uri: second.uri, action: 'rejected' },
    { uri: first.uri, action: 'accepted' },
  ];
  writeFileSync(join(folder, 'review.jsonl'), `${JSON.stringify(reviewed)}\n`);
  const review = await index('catalogue.xml', '--format', 'marcxml', '--dry-run', '--results', 'review.jsonl');
  expect(review.stdout).toMatch(/\+ 650 _7 \$a history \$2 sample \$0 \S+c0209\n/);
  expect(review.stdout).not.toContain(second.uri);

  writeFileSync(join(folder, 'wrong.jsonl'), '{"results": [{"uri": 1}]}\n');
  const wrong = await index('catalogue.xml', '--format', 'marcxml', '--dry-run', '--results', 'wrong.jsonl');
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringContaining('wrong.jsonl, line 1: this is no line of results'),
  ]);
});

test('broken records are told of and stay where they are', async () => {
  const broken = read('catalogue.xml').replace('</subfield></datafield>', '</datafield>');
  writeFileSync(join(folder, 'broken.xml'), broken);
  const { code, stderr } = await index('broken.xml', '--format', 'marcxml');
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/Skipping broken record 1 at byte \d+: it is not well-formed XML/),
  ]);
  expect(stderr).toContain('1 record cannot be read: written as it was');
  expect(byPeople(read('broken.annif.xml'))).toBe(broken);
});

test.skipIf(noSqlite !== undefined)(
  'a job writes the records that a run without one writes, however often it is killed',
  async () => {
    const sample = read('catalogue.xml');
    const [first, last] = [sample.indexOf('<record'), sample.lastIndexOf('</record>') + '</record>'.length];
    const records = Array.from({ length: 150 }, () => sample.slice(first, last)).join('\n');
    writeFileSync(join(folder, 'many.xml'), sample.slice(0, first) + records + sample.slice(last));
    const command = (output: string, ...words: string[]) =>
      ['index', 'labels', 'many.xml', '--format', 'marcxml', '--limit', '3', '--output', output, ...words] as const;
    await run(...command('expected.xml', '--no-job'));
    const random = new Random(7);
    let nKilled = 0;
    for (;;) {
      const { code, stderr } = await runCatchword(command('job.xml', '--job'), {
        cwd: folder,
        onStart: (child) => {
          if (nKilled < 8) setTimeout(() => child.kill('SIGKILL'), 300 + random.below(1500));
        },
      });
      if (code === null) {
        nKilled++;
        if (existsSync(join(folder, 'job.xml'))) expect(read('job.xml')).toBe(read('expected.xml'));
        continue;
      }
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/Wrote 1,800 records to job\.xml\n.*\nChanged 1,800 of 1,800 records/),
      ]);
      break;
    }
    expect(nKilled).toBeGreaterThan(0);
    expect(read('job.xml')).toBe(read('expected.xml'));
    const { jobs } = JSON.parse((await run('jobs', 'list', '--json')).stdout);
    expect(jobs).toMatchObject([{ state: 'done', documents: 1800 }]);
    expect(readdirSync(join(folder, 'data/jobs'))).toEqual(['jobs.sqlite']);
  },
  120_000,
);

test.skipIf(noSqlite !== undefined)(
  'what is sure goes into the records, what people decided afterwards',
  async () => {
    const sorted = await index(
      'catalogue.xml',
      '--format',
      'marcxml',
      '--output',
      'sure.xml',
      '--accept-above',
      '0.5',
      '--review-above',
      '0.1',
      '--json',
    );
    const { written, report } = JSON.parse(sorted.stdout);
    const { accept, review, leave } = report.triage;
    expect([accept > 0, review > 0, accept + review + leave]).toEqual([true, true, 12]);
    expect(written).toEqual([
      { path: 'sure.xml', documents: 12 },
      { path: 'sure.review.jsonl', documents: review },
      { path: 'sure.leave.jsonl', documents: leave },
    ]);
    expect(report.records).toMatchObject({ nRecords: 12, nChanged: accept });
    const machines = (name: string) => read(name).match(/<datafield tag="883" ind1="0"/g)?.length ?? 0;
    const lines = read('sure.review.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    lines[0].decisions = [{ uri: 'http://example.org/catchword/sample/c0005', action: 'added' }];
    writeFileSync(
      join(folder, 'decided.jsonl'),
      `${lines
        .slice(0, 1)
        .map((line) => JSON.stringify(line))
        .join('\n')}\n`,
    );
    await index('sure.xml', '--format', 'marcxml', '--output', 'decided.xml', '--results', 'decided.jsonl');
    expect(machines('decided.xml')).toBe(machines('sure.xml'));
    expect(read('decided.xml')).toContain('http://example.org/catchword/sample/c0005');
  },
  60_000,
);

test.skipIf(noSqlite !== undefined)(
  'headings go to their records, whatever ids these have and whichever are left',
  async () => {
    // Two files of records without 001; of each the first is about nothing.
    const iso = (title: string) => {
      const data = `10\x1fa${title}\x1e`;
      const directory = `245${String(data.length).padStart(4, '0')}00000`;
      const base = 24 + directory.length + 1;
      return `${String(base + data.length + 1).padStart(5, '0')}nam a22${String(base).padStart(5, '0')}   4500${directory}\x1e${data}\x1d`;
    };
    writeFileSync(join(folder, 'a.mrc'), iso('Zzz qqq') + iso('Yyy www'));
    writeFileSync(join(folder, 'b.mrc'), iso('Mammals and bats of the woods') + iso('Children in schools'));
    const words = [
      'index',
      'labels',
      'a.mrc',
      'b.mrc',
      '--format',
      'marcxml',
      '--limit',
      '3',
      '--output',
      'joined.xml',
    ];
    expect((await run(...words, '--accept-above', '0.1')).code).toBe(0);
    const records = read('joined.xml').split('</record>').slice(0, 4);
    expect(records.map((record) => /<datafield tag="650"/.test(record))).toEqual([false, false, true, true]);
    expect(records[2]).toContain('mammals');
    const twice = await run('index', 'labels', 'a.mrc', 'a.mrc', '--format', 'marc');
    expect(twice).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Results of two inputs would go to the same file'),
    });
    writeFileSync(join(folder, 'bad.yaml'), 'text: [999x]\n');
    const bad = await run('index', 'labels', 'a.mrc', '--format', 'marc', '--job', '--marc-mapping', 'bad.yaml');
    expect(bad).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: The MARC mapping bad\.yaml cannot be used/),
    });
    const itself = await run('index', 'labels', 'a.mrc', '--format', 'marc', '--output', 'a.mrc', '--force');
    expect(itself).toMatchObject({ code: 2, stderr: expect.stringContaining('which is an input') });
  },
);

test('a project names its mapping itself', async () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  writeFileSync(join(own, 'mapping.yaml'), MAPPING);
  writeFileSync(
    join(own, 'projects.yaml'),
    read('projects.yaml').replace('backend:', 'marc_mapping: mapping.yaml, backend:'),
  );
  const words = [
    'index',
    'labels',
    'catalogue.xml',
    '--format',
    'marcxml',
    '--limit',
    '3',
    '--dry-run',
    '--projects',
    'own/projects.yaml',
  ];
  expect((await run(...words)).stdout).toBe((await index('catalogue.xml', '--format', 'marcxml', '--dry-run')).stdout);
});

test('results go into tables', async () => {
  const csv = await index('catalogue.xml', '--format', 'csv', '--output', '-', '--docs-limit', '1');
  expect(csv.stdout).toMatch(
    /^document_id,title,rank,uri,label,notation,score\nsample001,Grazing the wet meadows\.,1,http:/,
  );
  const tsv = await index('catalogue.xml', '--format', 'tsv');
  expect(tsv.stderr).toContain('Wrote 12 documents to catalogue.annif.tsv');
});

test('what cannot be is refused before anything is done', async () => {
  const refusals = [
    await index('projects.yaml', '--format', 'marc'),
    await index('-', '--format', 'marc'),
    await index('.', '--format', 'marcxml'),
    await index('.', '--format', 'csv'),
    await index('catalogue.xml', '--dry-run'),
    await index('catalogue.xml', '--format', 'rdf'),
    await run('index', 'labels', 'catalogue.xml', '--marc-mapping', 'projects.yaml'),
  ];
  expect(
    refusals.map(({ code, stderr }) => [code, stderr.split('\n').find((line) => line.startsWith('Error'))]),
  ).toEqual([
    [1, 'Error: projects.yaml is not MARC: it begins neither with a leader nor with MARCXML'],
    [2, 'Error: --format marc needs files: records are read twice'],
    [2, 'Error: --format marcxml writes records, and . is a folder'],
    [2, 'Error: Documents of folder . go to one file, which needs a name'],
    [2, 'Error: --dry-run goes with --format marc or marcxml, not with jsonl'],
    [2, expect.stringContaining("argument 'rdf' is invalid")],
    [1, 'Error: The MARC mapping projects.yaml cannot be used:'],
  ]);
});
