import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { knn, labelTree, svc, tfidf } from '../packages/associative/src/index.js';
import { createProgram } from '../packages/cli/src/program.js';
import { ERROR_CODES } from '../packages/core/src/index.js';
import { nnEnsemble, pav } from '../packages/fusion/src/index.js';
import { mllm } from '../packages/lexical/src/index.js';
import { embedding, llm, llmEnsemble, llmKeywords } from '../packages/llm/src/index.js';
import { ROOT, runCatchword } from './run-catchword.js';

const FOLDERS = ['', 'docs', 'benchmarks', 'corpora', 'vocabularies', 'packages'];
/** Packages whose example is run here; the others have a test of their own for it. */
const PACKAGES_WITH_EXAMPLE = [
  ...['math', 'core', 'learners', 'sources', 'marc', 'lexical'],
  ...['associative', 'project', 'server'],
];

const documents = FOLDERS.flatMap((folder) => markdownFiles(join(ROOT, folder), folder === '' ? 0 : 1)).map((path) => ({
  name: relative(ROOT, path),
  path,
  text: readFileSync(path, 'utf8'),
}));

function markdownFiles(folder: string, depth: number): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const isOurs = depth > 0 && !/^\.|^(node_modules|dist|src|fixtures|testdata)$/.test(entry.name);
      return isOurs ? markdownFiles(path, depth - 1) : [];
    }
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

function documentOf(name: string): string {
  const found = documents.find((document) => document.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found.text;
}

/** The fenced blocks of a document with their language, in order. */
function blocks(text: string): { language: string; content: string }[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', content = '']) => ({
    language,
    content,
  }));
}

function withoutBlocks(text: string): string {
  return text.replace(/^```\w*\n[\s\S]*?^```$/gm, '');
}

function block(name: string, language: string): string {
  const found = blocks(documentOf(name)).find((candidate) => candidate.language === language);
  if (!found) throw new Error(`${name} has no block of ${language || 'output'}`);
  return found.content;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-documents-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['vocabularies', 'corpora']) symlinkSync(join(ROOT, name), join(folder, name));
  return folder;
}

describe('links', () => {
  const headings = (text: string) =>
    [...withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    );

  test.each(documents)('of $name lead to files and headings that are there', ({ path, text }) => {
    const prose = withoutBlocks(text).replace(/`[^`\n]*`/g, '');
    const broken = [...prose.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^(https?|mailto):/.test(target)) return [];
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : resolve(dirname(path), file);
      if (!existsSync(linked)) return [`${target}: no such file`];
      if (anchor === undefined) return [];
      return headings(readFileSync(linked, 'utf8')).includes(anchor) ? [] : [`${target}: no such heading`];
    });
    expect(broken).toEqual([]);
  });

  test('every package has a README', () => {
    const names = readdirSync(join(ROOT, 'packages')).filter((name) =>
      existsSync(join(ROOT, 'packages', name, 'package.json')),
    );
    expect(names.filter((name) => !existsSync(join(ROOT, 'packages', name, 'README.md')))).toEqual([]);
  });
});

describe('tables', () => {
  /** Cells of the rows whose first cell is code, below a heading or in the whole document. */
  const rows = (text: string) =>
    [...text.matchAll(/^\| `([^`]+)` *\|(.*)\|$/gm)].map(([, first = '', rest = '']) => [
      first,
      ...rest.split('|').map((cell) => cell.trim()),
    ]);

  test('docs/errors.md has the error codes of core', () => {
    expect(Object.fromEntries(rows(documentOf('docs/errors.md')))).toEqual(ERROR_CODES);
  });

  test.each([mllm, knn, labelTree, tfidf, svc, pav, nnEnsemble, llm, llmEnsemble, llmKeywords, embedding])(
    'docs/configuration.md has the parameters of $name with their defaults',
    (type) => {
      const section = documentOf('docs/configuration.md').split(`## Parameters of ${type.name}\n`)[1] ?? '';
      const documented = rows(section.split('\n## ')[0] ?? '').map((cells) => [cells[0], cells.at(-1)]);
      const actual = Object.entries(type.paramHelp).map(([name, help]) => {
        return [name, /\(default ([^;)]*)/.exec(help)?.[1]];
      });
      expect(documented).toEqual(actual);
    },
  );
});

describe('command lines', () => {
  const never = new Proxy({}, { get: () => undefined });
  const program = createProgram(never as Parameters<typeof createProgram>[0]);

  test.each(documents)('of $name are ones that catchword takes', ({ text }) => {
    const typed = blocks(text)
      .filter(({ language }) => language === 'console')
      .flatMap(({ content }) => content.split('\n').filter((line) => line.startsWith('$ ')))
      .flatMap((line) => programCalls(line.slice(2)));
    const mentioned = [...withoutBlocks(text).matchAll(/`((?:npx )?catchword [^`\n]+)`/g)].flatMap(([, code = '']) =>
      programCalls(code),
    );
    const problems = [
      ...typed.flatMap((words) => callProblems(program, words, true)),
      ...mentioned.flatMap((words) => callProblems(program, words, false)),
    ];
    expect(problems).toEqual([]);
  });

  /** The words after `catchword`, for each call in a line of a shell. */
  function programCalls(line: string): string[][] {
    const words = [...line.matchAll(/'([^']*)'|"((?:\\.|[^"])*)"|([^\s'"]+)/g)].map(
      ([, single, double, bare]) => single ?? double ?? bare ?? '',
    );
    const calls: string[][] = [];
    let current: string[] | undefined;
    let isStart = true;
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as string;
      if (['|', '&&', ';', '||'].includes(word)) {
        current = undefined;
        isStart = true;
      } else if (['<', '>', '2>'].includes(word)) i++;
      else if (isStart && (word === 'npx' || /^\w+=/.test(word))) continue;
      else if (isStart && word === 'catchword') {
        current = [];
        calls.push(current);
        isStart = false;
      } else {
        isStart = false;
        current?.push(word);
      }
    }
    return calls;
  }

  function callProblems(program: Command, words: readonly string[], isComplete: boolean): string[] {
    const line = `catchword ${words.join(' ')}`;
    let [name = '', ...rest] = words;
    if (['--help', '--version', '…'].includes(name)) return [];
    let command = program.commands.find((candidate) => candidate.name() === name);
    while (command && command.commands.length > 0 && rest[0] !== '--help') {
      [name = '', ...rest] = rest;
      command = command.commands.find((candidate) => candidate.name() === name);
    }
    if (!command) return [`${line}: there is no command ${name}`];
    for (const option of command.options) if (option.long === '--projects') option.parseArg = undefined; // a path
    try {
      const given = rest.filter((word) => word !== '…' && word !== '--help');
      const { operands, unknown } = command.parseOptions(given);
      const wanted = command.registeredArguments;
      if (unknown.length > 0) return [`${line}: there is no option ${unknown[0]}`];
      if (!isComplete) return [];
      if (operands.length < wanted.filter(({ required }) => required).length)
        return [`${line}: an argument is missing`];
      const isOpen = wanted.some(({ variadic }) => variadic);
      return isOpen || operands.length <= wanted.length ? [] : [`${line}: there are too many arguments`];
    } catch (error) {
      return [`${line}: ${(error as Error).message}`];
    }
  }
});

describe('examples', () => {
  test.concurrent.each(PACKAGES_WITH_EXAMPLE)('of the README of %s print what it says', async (name) => {
    const readme = `packages/${name}/README.md`;
    const folder = temporaryFolder();
    const code = block(readme, 'js').replace(
      /'@catchword\/(\w+)'/g,
      (_, used) => `'${new URL(`../packages/${used}/dist/index.js`, import.meta.url)}'`,
    );
    writeFileSync(join(folder, 'example.mjs'), code);
    const yaml = blocks(documentOf(readme)).find(({ language }) => language === 'yaml');
    if (yaml) writeFileSync(join(folder, 'projects.yaml'), yaml.content);
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder });
    expect(stdout).toBe(block(readme, ''));
  });

  test('of docs/configuration.md are read without a warning', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'projects.yaml'), block('docs/configuration.md', 'yaml'));
    const { code, stdout, stderr } = await runCatchword(['list-projects'], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, ...shown] = block('docs/configuration.md', 'console').split('\n');
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual(shown);

    writeFileSync(join(folder, 'projects.cfg'), block('docs/configuration.md', 'ini'));
    const ini = await runCatchword(['list-projects', '--projects', 'projects.cfg'], { cwd: folder });
    expect(ini).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('yso-mllm-fi') });
  });

  test('of the first README train and suggest', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'projects.yaml'), block('README.md', 'yaml'));
    const run = (...words: string[]) => runCatchword(words, { cwd: folder, stdin: 'Wärmepumpen im Mietshaus' });
    expect(await run('load-vocab', 'sample', 'vocabularies/sample/sample.ttl')).toMatchObject({ code: 0 });
    expect(await run('train', 'sample-de', 'corpora/sample/de.tsv')).toMatchObject({ code: 0 });
    expect((await run('suggest', 'sample-de', '--limit', '3')).stdout).toContain('\tWärmepumpen\t');
  });
});
