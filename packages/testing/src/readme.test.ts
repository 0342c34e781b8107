import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import * as testing from './index.js';

test('the example of the README prints what the README says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, example = '', output = ''] = /```ts\n([\s\S]*?)```\n\n```\n([\s\S]*?)```/.exec(readme) ?? [];
  const printed: string[] = [];
  const show = (value: unknown): string => (typeof value === 'string' ? value : inspect(value));
  const console = { log: (...values: unknown[]) => printed.push(`${values.map(show).join(' ')}\n`) };
  const body = example.replace(/^import \{(.*)\} from .*$/m, 'const {$1} = testing;');
  const AsyncFunction = (async () => undefined).constructor as new (
    ...all: string[]
  ) => (...all: unknown[]) => Promise<void>;
  await new AsyncFunction('testing', 'console', body)(testing, console);
  expect(printed.join('')).toBe(output);
});
