import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

test('the example of the README prints what it says', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const index = new URL('../dist/index.js', import.meta.url).href;
  const dir = mkdtempSync(join(tmpdir(), 'catchword-readme-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'example.mjs'), example.replace("'@catchword/storage'", `'${index}'`));
  const output = execFileSync(process.execPath, ['example.mjs'], { cwd: dir, encoding: 'utf8' });
  expect(output.trim()).toBe(/console\.log\(.*\/\/ (.*)/.exec(example)?.[1]);
});
