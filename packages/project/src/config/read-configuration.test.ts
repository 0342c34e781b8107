import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IndexingError } from '@catchword/core';
import { expect, test } from 'vitest';
import { type Configuration, readConfiguration } from './read-configuration.js';

const testdata = fileURLToPath(new URL('../../src/config/testdata', import.meta.url));
const checks = {
  backends: ['mllm'],
  paramNames: () => ['min_samples_leaf', 'max_leaf_nodes', 'max_samples', 'use_hidden_labels'],
};

function folder(files: Record<string, string> = {}): string {
  const cwd = mkdtempSync(join(tmpdir(), 'catchword-config-'));
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
  expect(project(configuration, 'yso-ensemble-fi').sources).toBe(
    'yso-mllm-fi:0.2, yso-bonsai-fi:0.6, yso-fasttext-fi:0.2',
  );
  expect(project(configuration, 'yso-mllm-en').name).toBe('YSO MLLM English, 100% lexical');
  expect(project(configuration, 'yso-fi')).toMatchObject({ access: 'public', allowLearn: true });
  expect(configuration.warnings).toEqual([
    `${projects}:98: project "yso-mllm-en": "lmdb_map_size" has no effect on backend mllm`,
    `${projects}:100: project "incomplete": backend setting is missing`,
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
