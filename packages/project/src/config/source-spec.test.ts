import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration } from './read-configuration.js';
import { formatSources, parseSources } from './source-spec.js';

const CHECKS = {
  backends: ['mllm', 'ensemble'],
  paramNames: () => [],
  isEnsemble: (name: string) => name === 'ensemble',
};

function parse(text: string) {
  const problems: string[] = [];
  return { sources: parseSources(text, (message) => problems.push(message)), problems };
}

test('parseSources reads weights and exponents as Annif writes them', () => {
  expect(parse('a:2, b:0.5:1.25,c')).toEqual({
    sources: [
      { projectId: 'a', weight: 2, exponent: 1 },
      { projectId: 'b', weight: 0.5, exponent: 1.25 },
      { projectId: 'c', weight: 1, exponent: 1 },
    ],
    problems: [],
  });
  expect(formatSources(parse('a:2, b:0.123456:1.25,c').sources)).toBe('a:2,b:0.1235:1.25,c:1');
});

test('parseSources tells what it cannot use', () => {
  expect(parse('a:x').problems).toEqual([expect.stringContaining('"x" is not a number from 0 up')]);
  expect(parse('a:1:0').problems).toEqual([expect.stringContaining('"0" is not a number above 0')]);
  expect(parse('a:1:2:3').problems).toEqual([expect.stringContaining('more parts')]);
  expect(parse('a,a').problems).toEqual([expect.stringContaining('listed twice')]);
  expect(parse('a:0,b:0').problems).toEqual(['all sources have weight 0']);
});

test('readConfiguration finds sources that are no projects, cycles of sources, and ensembles without any', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-sources-'));
  const projects = join(folder, 'projects.cfg');
  const section = (id: string, backend: string, sources = '') =>
    `[${id}]\nlanguage=en\nbackend=${backend}\nvocab=v\n${backend === 'mllm' ? 'analyzer=simple\n' : ''}${sources}\n`;
  const read = async (...sections: string[]) => {
    writeFileSync(projects, sections.join(''));
    return readConfiguration({ ...CHECKS, projects });
  };
  const problemsOf = (...sections: string[]) =>
    read(...sections).then(
      () => '',
      (error: Error) => error.message,
    );
  try {
    const good = await read(section('lex-all', 'mllm'), section('e', 'ensemble', 'sources=lex-all:2'));
    expect(good.projects[1]?.sources).toEqual([{ projectId: 'lex-all', weight: 2, exponent: 1 }]);
    expect(await problemsOf(section('lex-all', 'mllm'), section('e', 'ensemble', 'sources=lex-al'))).toContain(
      'its source "lex-al" is no project; did you mean "lex-all"?',
    );
    expect(await problemsOf(section('e', 'ensemble'))).toContain('no "sources"');
    expect(
      await problemsOf(
        section('a', 'ensemble', 'sources=b'),
        section('b', 'ensemble', 'sources=c'),
        section('c', 'ensemble', 'sources=b'),
      ),
    ).toContain('is a source of itself: "b" → "c" → "b"');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
