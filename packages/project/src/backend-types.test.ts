import { expect, test } from 'vitest';
import { backendNames, backendParamNames, loadBackendType } from './backend-types.js';

test('backendParamNames are those that each backend type helps with', async () => {
  expect(backendNames()).toContain('mllm');
  for (const name of backendNames()) {
    const type = await loadBackendType(name);
    expect(type.name).toBe(name);
    expect(backendParamNames(name)).toEqual(Object.keys(type.paramHelp));
  }
});

test('loadBackendType tells what there is', async () => {
  await expect(loadBackendType('constructor')).rejects.toMatchObject({
    code: 'configuration-invalid',
    hint: expect.stringContaining('mllm'),
  });
});
