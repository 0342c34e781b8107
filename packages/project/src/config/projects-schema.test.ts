import { expect, test } from 'vitest';
import { backendNames, loadBackendType } from '../backend-types.js';
import { projectsSchema } from './projects-schema.js';

test('projects.schema.json is what projectsSchema makes of the parameters of today; vitest -u writes it', async () => {
  const types = await Promise.all(backendNames().map((name) => loadBackendType(name)));
  const paramHelp = Object.fromEntries(types.map((type) => [type.name, type.paramHelp]));
  const schema = `${JSON.stringify(projectsSchema(paramHelp), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot('../../projects.schema.json');
});
