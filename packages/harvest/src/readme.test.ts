import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finishedHarvest, harvest } from './index.js';
import { marcRecord, oaiRecord, oaiServer } from './oai-server.test.fixture.js';

test('the example of the README', async () => {
  const server = await oaiServer([oaiRecord('oai:1', marcRecord('b1')), oaiRecord('oai:2')]);
  const folder = mkdtempSync(join(tmpdir(), 'catchword-readme-'));
  const output = join(folder, 'changes.xml');
  const warnings: string[] = [];
  const report = await harvest(
    { url: server.url, prefix: 'marcxml', from: '2026-01-01' },
    { output, format: 'marcxml', onWarning: (message) => warnings.push(message) },
  );
  expect([report.nRecords, report.nDeleted, report.responseDate, warnings]).toEqual([1, 1, '2026-11-27T10:00:00Z', []]);
  expect(finishedHarvest(output)?.request.from).toBe('2026-01-01');
  expect(readFileSync(output, 'utf8')).toMatch(/<\/collection>\n$/);
  await server.close();
  rmSync(folder, { recursive: true });
});
