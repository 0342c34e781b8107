import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import * as vocabularyPackage from './index.js';

test('the example of the README runs', async () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'catchword-readme-'));
  const labels = (label: string) =>
    `@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<http://e/1> a skos:Concept ; skos:prefLabel "${label}"@en .`;
  try {
    writeFileSync(join(folder, 'thesaurus.ttl.gz'), gzipSync(labels('rivers')));
    writeFileSync(join(folder, 'thesaurus-2.ttl.gz'), gzipSync(labels('streams')));
    const printed: unknown[][] = [];
    const console = { log: (...all: unknown[]) => printed.push(all), warn: (...all: unknown[]) => printed.push(all) };
    const body = example
      .replace(/^import \{(.*)\} from .*$/m, 'const {$1} = vocabularyPackage;')
      .replaceAll(/'(thesaurus[^']*)'/g, (_, name) => JSON.stringify(join(folder, name)));
    const AsyncFunction = (async () => undefined).constructor as new (
      ...all: string[]
    ) => (...all: unknown[]) => Promise<void>;
    await new AsyncFunction('vocabularyPackage', 'console', body)(vocabularyPackage, console);
    expect(printed).toEqual([[1, 'subjects in', 'en'], ['http://e/1', undefined], [['streams']]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
