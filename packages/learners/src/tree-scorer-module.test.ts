import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import wabt from 'wabt';

/** After a change of tree-scorer.wat: npx vitest run packages/learners/src/tree-scorer-module.test.ts -u */
test('TREE_SCORER_MODULE is tree-scorer.wat, assembled', async () => {
  const name = 'tree-scorer.wat';
  const text = readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8');
  const module = (await wabt()).parseWat(name, text, { simd: true, bulk_memory: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const source = `/** ${name}, assembled: a WebAssembly module in base64. */
export const TREE_SCORER_MODULE =
  '${Buffer.from(buffer).toString('base64')}';
`;
  await expect(source).toMatchFileSnapshot('tree-scorer-module.ts');
});
