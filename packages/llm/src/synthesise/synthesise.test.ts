import { LlmServer } from '@catchword/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Budget } from '../client/budget.js';
import { parseServiceParams } from '../reader/params.js';
import { readRecord } from './read-record.js';
import { RecordWriter } from './record-writer.js';

const ABSTRACT = 'How bees find water in dry summers, observed over three years in the gardens of a town.';
const GOOD = JSON.stringify({ title: 'Bees and water', abstract: ABSTRACT });

describe('readRecord', () => {
  test('takes the JSON that was asked for, also among prose', () => {
    const text = `Bees and water\n\n${ABSTRACT}`;
    expect(readRecord(GOOD, undefined)).toEqual({ text });
    expect(readRecord(`Sure:\n\`\`\`json\n${GOOD}\n\`\`\``, 'Another record about roses in the town.')).toEqual({
      text,
    });
  });

  test.each([
    ['no JSON', 'I cannot do that.', 'no JSON'],
    ['JSON that breaks off', GOOD.slice(0, -10), 'no JSON'],
    ['no title', JSON.stringify({ abstract: ABSTRACT }), 'no title'],
    ['a title that is a list', JSON.stringify({ title: ['a'], abstract: ABSTRACT }), 'no title'],
    ['no more than a title', JSON.stringify({ title: 'Bees and water', abstract: 'Bees.' }), 'no abstract'],
    ['a mebibyte', JSON.stringify({ title: 'Bees and water', abstract: 'x'.repeat(1 << 20) }), 'no abstract'],
    ['the question', JSON.stringify({ title: 'Bees and water', abstract: `=== RECORD 1 === ${ABSTRACT}` }), 'question'],
  ])('refuses %s', (_, answer, problem) => {
    expect(readRecord(answer, undefined)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('refuses what repeats the example, whatever its letters and punctuation are', () => {
    const example = `BEES — AND WATER! ${ABSTRACT.toUpperCase()}`;
    expect(readRecord(GOOD, example)).toEqual({ problem: 'it repeats the example' });
  });
});

test('RecordWriter shows subjects and an example, and asks again for another seed only', async () => {
  const server = await LlmServer.start(() => ({ kind: 'text', text: GOOD }));
  onTestFinished(() => server.close());
  const service = parseServiceParams({ endpoint: server.url, model: 'small' }, () => undefined);
  const writer = RecordWriter.open(service, { projectId: 'p' }, { language: 'de', instructions: 'A town library.' });
  const task = { subjects: ['bees (insects > bees)', 'water'], example: 'Roses in the town' };
  const budget = new Budget();
  for (const seed of [1, 1, 2]) expect(await writer.write(task, seed, { budget })).toHaveProperty('text');
  expect(server.requests).toHaveLength(2);
  const [system, user] = server.requests[0]?.body.messages ?? [];
  expect(system?.content).toContain('A town library.');
  expect(system?.content).toContain('in German');
  expect(user?.content).toMatch(/^=== RECORD [0-9a-f]{12} ===\nRoses in the town\n=== RECORD/);
  expect(user?.content).toContain('- bees (insects > bees)\n- water');
});
