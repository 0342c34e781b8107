import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A package imports only packages with a smaller number. */
const LAYERS: Readonly<Record<string, number>> = {
  math: 0,
  core: 1,
  learners: 1,
  storage: 2,
  sources: 2,
  input: 2,
  vocabulary: 3,
  text: 3,
  marc: 3,
  evaluation: 3,
  corpus: 4,
  harvest: 4,
  lexical: 4,
  associative: 4,
  fusion: 4,
  llm: 4,
  project: 5,
  batch: 6,
  server: 7,
  cli: 8,
};

/** May import any package; tests and benchmarks alone may import it. */
const TESTING = 'testing';

/** Built-in modules that belong to one package. */
const OWNED_BUILTINS: Readonly<Record<string, string>> = { worker_threads: 'math' };

/** Third-party packages that any test may use. */
const TEST_TOOLS = new Set(['vitest', 'fast-check']);

interface Import {
  readonly file: string;
  readonly from: string;
  readonly isTest: boolean;
  readonly target: string;
}

const packageNames = readdirSync(join(ROOT, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, 'packages', entry.name, 'package.json')))
  .map((entry) => entry.name);

const imports = packageNames.flatMap((name) =>
  sourceFiles(join(ROOT, 'packages', name, 'src')).flatMap((path) =>
    importsOf(readFileSync(path, 'utf8')).map((target): Import => {
      return { file: relative(ROOT, path), from: name, isTest: /\.test\.(\w+\.)?[cm]?ts$/.test(path), target };
    }),
  ),
);

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;
  return [...code.matchAll(pattern)].map((match) => match[2] as string);
}

function thirdPartyName(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

const isBuiltin = (target: string) => target.startsWith('node:') || builtinModules.includes(target);

describe('the layering rule', () => {
  test('every package has a layer', () => {
    expect(packageNames.filter((name) => name !== TESTING && !(name in LAYERS))).toEqual([]);
  });

  test('a package imports only packages of a smaller layer', () => {
    const broken = imports.flatMap(({ file, from, isTest, target }) => {
      const to = /^@catchword\/([^/]+)/.exec(target)?.[1];
      if (to === undefined || from === TESTING) return [];
      if (to === TESTING) return isTest ? [] : [`${file}: ${from} imports ${TESTING}, which only tests may import`];
      const layers = `${from} (layer ${LAYERS[from]}) imports ${to} (layer ${LAYERS[to]})`;
      return (LAYERS[to] ?? Number.POSITIVE_INFINITY) < (LAYERS[from] as number) ? [] : [`${file}: ${layers}`];
    });
    expect(broken).toEqual([]);
  });

  test('a package is imported through its index alone', () => {
    const broken = imports.flatMap(({ file, from, target }) => {
      if (/^@catchword\/[^/]+\/./.test(target)) return [`${file}: ${from} imports ${target}`];
      if (!target.startsWith('.')) return [];
      const reached = relative(join(ROOT, 'packages', from, 'src'), join(ROOT, file, '..', target));
      return reached.startsWith('..') && !target.endsWith('.json') ? [`${file}: ${from} imports ${target}`] : [];
    });
    expect(broken).toEqual([]);
  });

  test('each third-party package has one owner, and only the owner imports it', () => {
    const owners = new Map<string, string[]>();
    for (const name of packageNames.filter((name) => name !== TESTING)) {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
      const { dependencies, optionalDependencies, peerDependencies } = manifest;
      const needed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
      for (const dependency of needed.filter((dependency) => !dependency.startsWith('@catchword/')))
        owners.set(dependency, [...(owners.get(dependency) ?? []), name]);
    }
    const shared = [...owners].filter(([, names]) => names.length > 1);
    expect(shared.map(([dependency, names]) => `${dependency} is owned by ${names.join(' and ')}`)).toEqual([]);

    const broken = imports.flatMap(({ file, from, isTest, target }) => {
      if (target.startsWith('.') || target.startsWith('@catchword/') || isBuiltin(target)) return [];
      const name = thirdPartyName(target);
      if (owners.get(name)?.[0] === from || (isTest && TEST_TOOLS.has(name)) || from === TESTING) return [];
      return [`${file}: ${from} imports ${name}, owned by ${owners.get(name)?.[0] ?? 'no package'}`];
    });
    expect(broken).toEqual([]);
  });

  test('worker threads are made in math alone', () => {
    const broken = imports.flatMap(({ file, from, isTest, target }) => {
      const owner = OWNED_BUILTINS[target.replace(/^node:/, '')];
      return owner === undefined || owner === from || isTest
        ? []
        : [`${file}: ${from} imports ${target}, owned by ${owner}`];
    });
    expect(broken).toEqual([]);
  });

  test('what package.json and tsconfig.json name are the packages that are imported', () => {
    const broken = packageNames.flatMap((name) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
      const named = new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
      const missing = imports.filter(
        ({ from, target }) => from === name && target.startsWith('@catchword/') && !named.has(target),
      );
      return missing.map(({ file, target }) => `${file}: ${target} is not among the dependencies of ${name}`);
    });
    expect(broken).toEqual([]);
  });

  test('each package that package.json or tsconfig.json names is imported', () => {
    const unused = packageNames.flatMap((name) => {
      const folder = join(ROOT, 'packages', name);
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const { references } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
      const imported = new Set(imports.filter(({ from }) => from === name).map(({ target }) => target));
      const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
      const referenced = references.map(({ path }: { path: string }) => path.replace(/^\.\.\//, '@catchword/'));
      return [
        ...declared
          .filter((each) => each.startsWith('@catchword/') && !imported.has(each))
          .map((each) => ['package', each]),
        ...referenced.filter((each: string) => !imported.has(each)).map((each: string) => ['tsconfig', each]),
      ].map(([file, each]) => `packages/${name}/${file}.json: ${each} is not imported`);
    });
    expect(unused).toEqual([]);
  });
});
