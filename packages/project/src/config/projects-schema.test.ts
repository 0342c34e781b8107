import type { BackendType } from '@catchword/core';
import { expect, test } from 'vitest';
import { projectsSchema } from './projects-schema.js';

test('projects.schema.json is what projectsSchema makes of the parameters of today; vitest -u writes it', async () => {
  const backends = Object.values((await import('@catchword/lexical')) as Record<string, unknown>).filter(isBackendType);
  const paramHelp = Object.fromEntries(backends.map((type) => [type.name, type.paramHelp]));
  const schema = `${JSON.stringify(projectsSchema(paramHelp), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot('../../projects.schema.json');
});

function isBackendType(value: unknown): value is BackendType {
  return typeof value === 'object' && value !== null && 'paramHelp' in value && 'name' in value;
}
