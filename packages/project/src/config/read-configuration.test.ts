import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IndexingError } from '@catchword/core';
import { expect, onTestFinished, test } from 'vitest';
import { type Configuration, readConfiguration } from './read-configuration.js';

const testdata = fileURLToPath(new URL('../../src/config/testdata', import.meta.url));
const checks = {
  backends: ['mllm'],
  paramNames: () => ['min_samples_leaf', 'max_leaf_nodes', 'max_samples', 'use_hidden_labels'],
};

function folder(files: Record<string, string> = {}): string {
  const cwd = mkdtempSync(join(tmpdir(), 'catchword-config-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

async function problemsOf(cwd: string, projects?: string): Promise<string[]> {
  const named = projects === undefined ? {} : { projects: join(cwd, projects) };
  const error = await readConfiguration({ ...checks, cwd, ...named }).then(
    () => undefined,
    (error: IndexingError) => error,
  );
  expect(error?.code).toBe('configuration-invalid');
  return (error as IndexingError).message.replaceAll(`${cwd}/`, '').split('\n');
}

function project(configuration: Configuration, id: string) {
  const found = configuration.projects.find((config) => config.id === id);
  if (!found) throw new Error(`no project ${id}`);
  return found;
}

test('readConfiguration loads the projects of a national library, those of other backends as unsupported', async () => {
  const projects = join(testdata, 'finnish-national-library.cfg');
  const configuration = await readConfiguration({ ...checks, projects });
  expect(configuration.projects.map(({ id, unsupported }) => [id, unsupported === undefined])).toEqual([
    ['yso-tfidf-fi', false],
    ['yso-mllm-fi', true],
    ['yso-bonsai-fi', false],
    ['yso-fasttext-fi', false],
    ['yso-ensemble-fi', false],
    ['yso-pav-fi', false],
    ['yso-fi', false],
    ['yso-mllm-en', true],
    ['incomplete', false],
  ]);
  const mllm = project(configuration, 'yso-mllm-fi');
  expect({ ...mllm, origin: undefined }).toEqual({
    sources: [],
    id: 'yso-mllm-fi',
    name: 'YSO MLLM Finnish',
    language: 'fi',
    backend: 'mllm',
    vocab: {
      id: 'yso',
      language: 'fi',
      rules: [{ key: 'exclude_type', values: ['http://www.yso.fi/onto/yso-meta/Individual'] }],
    },
    analyzer: 'voikko(fi)',
    transform: 'limit(15000),filter_lang,limit(5000)',
    access: 'hidden',
    allowLearn: false,
    params: {
      min_samples_leaf: '18',
      max_leaf_nodes: '1955',
      max_samples: '0.9062',
      use_hidden_labels: 'True',
    },
    origin: undefined,
  });
  expect(mllm.origin.access).toEqual({ file: projects, line: 3 });
  expect(mllm.origin.vocab).toEqual({ file: projects, line: 21 });
  const bonsai = project(configuration, 'yso-bonsai-fi');
  expect(bonsai.transform).toBe('limit(15000),filter_lang,limit(5000)');
  expect(bonsai.vocab?.rules[0]?.values).toHaveLength(2);
  expect(bonsai.unsupported).toContain("Catchword has no backend 'omikuji' yet");
  expect(project(configuration, 'yso-mllm-en').name).toBe('YSO MLLM English, 100% lexical');
  expect(project(configuration, 'yso-fi')).toMatchObject({ access: 'public', allowLearn: true });
  expect(configuration.warnings).toEqual([
    `${projects}:98: project "yso-mllm-en": "lmdb_map_size" has no effect on backend mllm`,
  ]);
  expect(structuredClone(configuration.projects)).toEqual(configuration.projects);
});

test('readConfiguration tells all mistakes of a file at once, with lines and what was meant', async () => {
  const cwd = folder();
  copyFileSync(join(testdata, 'ten-mistakes.cfg'), join(cwd, 'projects.cfg'));
  expect(await problemsOf(cwd)).toEqual([
    'Cannot use the configuration, it has 15 problems:',
    '  projects.cfg:2: unknown key "langauge"; did you mean "language"?',
    '  projects.cfg:4: "yso mllm" cannot be the id of a project: only letters A to Z, digits, "_", "." and "-" are allowed',
    '  projects.cfg:12: project "mllm-1": unknown key "anlyzer"; did you mean "analyzer"?',
    '  projects.cfg:13: project "mllm-1": unknown rule "exclude_tpye" of the vocabulary; did you mean "exclude_type"?',
    '  projects.cfg:14: project "mllm-1": "many" is not a limit: a whole number above 0 is wanted',
    '  projects.cfg:15: project "mllm-1": unknown key "acess"; did you mean "access"?',
    '  projects.cfg:18: project "mllm-2": "English language" is not a language tag such as en or sv',
    '  projects.cfg:19: project "mllm-2": there is no backend "mllmm"; did you mean "mllm"?',
    '  projects.cfg:21: [mllm-2] sets "vocab" twice, first in line 20',
    '  projects.cfg:22: "this line says nothing" is neither a [project] heading nor "key=value"',
    '  projects.cfg:27: project "mllm-3": "../../etc" cannot be the id of a vocabulary: only letters A to Z, digits, "_", "." and "-" are allowed',
    '  projects.cfg:29: the value of "name" holds a lone "%": write "%%" for the character itself',
    '  projects.cfg:30: project "mllm-3": "pubic" is no level of access: public, hidden or private is wanted; did you mean "public"?',
    '  projects.cfg:31: project "mllm-3": "perhaps" is neither true nor false',
    '  projects.cfg:33: project "mllm-1" is there already, in line 8',
  ]);
});

const YAML = `# yaml-language-server: $schema=./projects.schema.json
defaults:
  language: en
  analyzer: snowball(english)
projects:
  report-mllm:
    name: Reports
    backend: mllm
    vocab: {id: agrovoc, exclude_type: [ex:Person, ex:Place], include: ex:keep}
    transform: [limit(15000), "filter_lang"]
    limit: 20
    min_samples_leaf: 5
    use_hidden_labels: true
  norwegian:
    language: no
    backend: mllm
    vocab: agrovoc(nb)
    allow_learn: yes
`;

test('readConfiguration reads projects.yaml, with lists and maps where Annif has commas', async () => {
  const cwd = folder({ 'projects.yaml': YAML, 'projects.cfg': '[not-read]' });
  const { source, projects, warnings } = await readConfiguration({ ...checks, cwd });
  expect(source).toBe(join(cwd, 'projects.yaml'));
  expect(warnings).toEqual([]);
  expect(projects[0]).toMatchObject({
    id: 'report-mllm',
    name: 'Reports',
    language: 'en',
    vocab: {
      id: 'agrovoc',
      rules: [
        { key: 'exclude_type', values: ['ex:Person', 'ex:Place'] },
        { key: 'include', values: ['ex:keep'] },
      ],
    },
    analyzer: 'snowball(english)',
    transform: 'limit(15000),filter_lang',
    limit: 20,
    access: 'public',
    params: { min_samples_leaf: 5, use_hidden_labels: true },
  });
  expect(projects[0]?.origin.limit).toEqual({ file: source, line: 11, column: 5 });
  expect(projects[1]).toMatchObject({ id: 'norwegian', name: 'norwegian', language: 'no', allowLearn: true });
});

test('readConfiguration tells mistakes in YAML with line and column', async () => {
  const cwd = folder({
    'projects.yaml': `projets: {}
projects:
  a:
    backend: mllm
    language:
    vocab: [x, {y: 1}]
    min_samples_laef: 3
    backend: mllm
  b: text
  a: {}
`,
    'broken.yaml': 'projects:\n  a: {language: en\n',
  });
  expect(await problemsOf(cwd)).toEqual([
    'Cannot use the configuration, it has 8 problems:',
    '  projects.yaml:1:1: "projets" is not known here: the file holds "projects:" and, if wanted, "defaults:"',
    '  projects.yaml:3:3: project "a" has no "analyzer" (for example: analyzer=snowball(english))',
    '  projects.yaml:5:5: "language" has no value: give text, a number, true or false',
    '  projects.yaml:6:5: project "a": "vocab" has to be a text',
    '  projects.yaml:7:5: project "a": unknown key "min_samples_laef"; did you mean "min_samples_leaf"?',
    '  projects.yaml:8:5: "backend" is there already, in line 4',
    '  projects.yaml:9:3: project "b" has to be a map of "key: value"',
    '  projects.yaml:10:3: "a" is there already, in line 3',
  ]);
  expect((await problemsOf(cwd, 'broken.yaml'))[0]).toMatch(/broken\.yaml:3:1: not valid YAML: /);
});

test.each([
  ['nested too deeply in brackets', `projects: ${'['.repeat(20_000)}`, '1: not valid YAML: nested too deeply'],
  ['nested too deeply in dashes', `projects:\n  ${'- '.repeat(20_000)}`, '2: not valid YAML: nested too deeply'],
  ['a map that holds itself', 'projects: &p\n  a: *p\n', 'has a value of no use'],
  ['two documents', 'projects: {}\n---\nprojects: {}\n', '2:1: not valid YAML: a second document begins here'],
  ['a list', '- a\n', '1:1: the file has to begin with "projects:"'],
  ['a merge', 'defaults: &x {language: en}\nprojects: {b: {<<: *x}}\n', '"<<" is not known here'],
  ['an id of the prototype', 'projects: {__proto__: {}}', 'the name is reserved'],
])('readConfiguration refuses YAML that is %s', async (_, text, message) => {
  const cwd = folder({ 'projects.yaml': text });
  expect((await problemsOf(cwd)).join('\n')).toContain(message);
});

test('readConfiguration reads projects.toml', async () => {
  const cwd = folder({
    'projects.toml': `# a table for each project
[toml-mllm]
name = "TOML"
language = "en"
backend = "mllm"
vocab = "yso(en)"
analyzer = "snowball(english)"
max_samples = 0.5
["toml-two"]
language = 'fi'
backend = "mllm"
vocab = "yso"
analyzer = """
simple"""
`,
  });
  const { projects, source } = await readConfiguration({ ...checks, cwd });
  expect(projects.map(({ id }) => id)).toEqual(['toml-mllm', 'toml-two']);
  expect(projects[0]?.params).toEqual({ max_samples: 0.5 });
  expect(projects[0]?.origin.max_samples).toEqual({ file: source, line: 8 });
  expect(projects[1]?.origin['']).toEqual({ file: source, line: 9 });
});

test('readConfiguration tells mistakes in TOML with their lines', async () => {
  const cwd = folder({
    'projects.toml':
      'stray = 1\n[a]\nlanguage = "en"\nbackend = "mllm"\nvocab = "v"\nanalyzer = "simple"\nlimit = "x"\nborn = 2001-01-01\nmax_sample = 1\n',
    'broken.toml': '[a]\nlanguage = en\n',
  });
  expect(await problemsOf(cwd)).toEqual([
    'Cannot use the configuration, it has 4 problems:',
    '  projects.toml:1: "stray" stands outside of a [project] table',
    '  projects.toml:7: project "a": "x" is not a limit: a whole number above 0 is wanted',
    '  projects.toml:8: the value of "born" is neither text, a number, true nor false',
    '  projects.toml:9: project "a": unknown key "max_sample"; did you mean "max_samples"?',
  ]);
  expect((await problemsOf(cwd, 'broken.toml'))[0]).toMatch(/broken\.toml:2:\d+: not valid TOML: /);
});

test('readConfiguration reads a folder by name and refuses an id that is there twice', async () => {
  const ini = (id: string) => `[${id}]\nlanguage=en\nbackend=mllm\nvocab=v\nanalyzer=simple\n`;
  const cwd = folder({
    'projects.d/20.toml': '[toml]\nlanguage="en"\nbackend="mllm"\nvocab="v"\nanalyzer="simple"\n',
    'projects.d/10.cfg': ini('cfg'),
    'projects.d/30.yaml': 'projects:\n  yaml: {language: en, backend: mllm, vocab: v, analyzer: simple}\n',
    'projects.d/README.txt': 'not a configuration',
    'twice/a.cfg': ini('same'),
    'twice/b.cfg': `# comment\n${ini('same')}`,
    'empty.d/README.txt': '',
  });
  const { projects, files } = await readConfiguration({ ...checks, cwd });
  expect(projects.map(({ id }) => id)).toEqual(['cfg', 'toml', 'yaml']);
  expect(files).toHaveLength(3);
  expect(await problemsOf(cwd, 'twice')).toEqual([
    'Cannot use the configuration: twice/b.cfg:2: project "same" is there already, in twice/a.cfg:1',
  ]);
  const empty = await readConfiguration({ ...checks, projects: join(cwd, 'empty.d') });
  expect(empty.warnings).toEqual([`the configuration ${join(cwd, 'empty.d')} holds no project`]);
});

test('readConfiguration finds nothing with a warning, and a named file that is not there is an error', async () => {
  const cwd = folder({ 'latin1.cfg': '' });
  const { projects, warnings } = await readConfiguration({ ...checks, cwd });
  expect(projects).toEqual([]);
  expect(warnings).toHaveLength(1);
  await expect(readConfiguration({ ...checks, projects: join(cwd, 'no.cfg') })).rejects.toMatchObject({
    code: 'file-not-found',
  });
  writeFileSync(join(cwd, 'latin1.cfg'), Buffer.from('[a]\nname=p\xe4\n', 'latin1'));
  await expect(readConfiguration({ ...checks, projects: join(cwd, 'latin1.cfg') })).rejects.toMatchObject({
    code: 'encoding-invalid',
  });
});

test('readConfiguration lists 50 problems at most', async () => {
  const cwd = folder({
    'projects.cfg': `[a]\nlanguage=en\n${Array.from({ length: 80 }, (_, i) => `line ${i}\n`).join('')}`,
  });
  const lines = await problemsOf(cwd);
  expect(lines).toHaveLength(52);
  expect(lines.at(-1)).toBe('  … and 30 more');
});

test('readConfiguration lets the owners of analyzers and transforms check theirs', async () => {
  const cwd = folder({
    'projects.cfg': '[a]\nlanguage=en\nbackend=mllm\nvocab=v\nanalyzer=snowbal(x)\ntransform=limt(1)\n',
  });
  const bad = (what: string) => (spec: string) => ({ problems: [`${what} ${spec} is unknown`] });
  const options = { ...checks, cwd, checkAnalyzer: bad('analyzer'), checkTransform: bad('transform') };
  await expect(readConfiguration(options)).rejects.toThrow(
    /projects\.cfg:5: project "a": analyzer snowbal\(x\) is unknown\n.*:6: project "a": transform limt\(1\) is unknown/,
  );
});
