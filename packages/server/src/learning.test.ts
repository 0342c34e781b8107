import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { json, openRegistry, type SampleServer, sampleServer } from './sample-server.test.fixture.js';

const C = 'http://example.org/catchword/sample/';
const TAUGHT = `${C}c0005`;
const TEXT = 'Meadow orchard winter cattle: a lecture on nothing of this kind';
const RECORD = { text: TEXT, subjects: [{ uri: TAUGHT }, { uri: `${C}none` }] };

let server: SampleServer;
beforeEach(async () => {
  server = await sampleServer({ threads: 2 });
});
afterEach(() => server.remove());

const post = (url: string, body: unknown) => server.app.inject({ url: `/v1/projects/${url}`, ...json(body) });
const get = (url: string) => server.app.inject({ url, method: 'GET' });

/** The first suggestion for each of many requests, so that both threads answer some. */
async function firsts(id: string): Promise<Set<string>> {
  const documents = Array.from({ length: 32 }, () => ({ text: TEXT }));
  const answer = (await post(`${id}/suggest-batch`, { documents })).json();
  return new Set(answer.map(({ results }: { results: { uri: string }[] }) => results[0]?.uri ?? ''));
}

describe.each(['near-en', 'near-both-en'])('learn of project %s', (id) => {
  test('is known in every thread when it is answered, names another version, and is kept', async () => {
    expect(await firsts(id)).not.toContain(TAUGHT);
    const before = (await post(`${id}/suggest-batch`, { documents: [{ text: TEXT }] })).headers['catchword-model'];
    const answer = await post(`${id}/learn`, [RECORD, { text: '', subjects: [{ uri: TAUGHT }] }]);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(await firsts(id)).toEqual(new Set([TAUGHT]));
    const after = (await post(`${id}/suggest-batch`, { documents: [{ text: TEXT }] })).headers['catchword-model'];
    expect(after).not.toBe(before);
    const figures = (await get('/metrics')).body;
    expect(figures).toContain(`model="${String(after).split('@')[1]}"`);
    expect(figures).not.toContain(`model="${String(before).split('@')[1]}"`);

    const nLoaded = () => server.logged.filter(({ msg }) => msg === 'a model serves').length;
    const loaded = nLoaded();
    await server.refresh();
    expect(nLoaded(), 'models that were loaded for what was learnt here').toBe(loaded);
    const elsewhere = (await openRegistry(server.folder)).project(id);
    expect(await elsewhere.learning.items()).toHaveLength(1);
    expect(`${id}@${(await elsewhere.snapshot()).version}`).toBe(after);

    const [entry] = await elsewhere.learning.items();
    await elsewhere.learning.undo([entry?.entry.id ?? '']);
    await server.refresh();
    expect(await firsts(id)).not.toContain(TAUGHT);
  });

  test('by many at once loses none of them', async () => {
    const records = Array.from({ length: 20 }, (_, i) => ({ text: `${TEXT} ${i}`, subjects: [{ uri: TAUGHT }] }));
    const answers = await Promise.all(records.map((record) => post(`${id}/learn`, [record])));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([204]));
    const elsewhere = (await openRegistry(server.folder)).project(id);
    expect(await elsewhere.learning.items()).toHaveLength(20);
    expect(`${id}@${(await elsewhere.snapshot()).version}`).toBe(
      (await post(`${id}/suggest-batch`, { documents: [{ text: TEXT }] })).headers['catchword-model'],
    );
  });
});

test('what another process teaches is taken over', async () => {
  expect(await firsts('near-en')).not.toContain(TAUGHT);
  const elsewhere = (await openRegistry(server.folder)).project('near-en');
  const { vocabulary } = await elsewhere.vocabulary();
  const taught = { text: TEXT, subjects: [vocabulary.idOfUri(TAUGHT)] };
  await elsewhere.learning.learn({
    name: 'test',
    async *documents() {
      yield taught;
    },
  });
  await post('near-en/learn', [{ text: 'another winter', subjects: [{ uri: `${C}c0002` }] }]);
  await server.refresh();
  expect(await firsts('near-en')).toEqual(new Set([TAUGHT]));
  expect(await firsts('near-both-en')).toEqual(new Set([TAUGHT]));
});

test('what is learnt while a new version is being opened is known when it is answered', async () => {
  const elsewhere = (await openRegistry(server.folder)).project('near-en');
  expect(await firsts('near-en')).not.toContain(TAUGHT);
  for (const [round, pauseMs] of [0, 0, 2, 5, 10, 20].entries()) {
    const text = `Timetables of ferries, volume ${'abcdef'[round]} ${'ferry '.repeat(round + 1)}`;
    await elsewhere.learning.learn({
      name: 'test',
      async *documents() {
        yield { text: `something else ${round}`, subjects: [2] };
      },
    });
    const refreshed = server.refresh();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const subjects = [{ uri: `${C}c00${10 + round}` }];
    expect((await post('near-en/learn', [{ text, subjects }])).statusCode).toBe(204);
    const known = async () =>
      (await post('near-en/suggest', { text })).json().results.map((r: { uri: string }) => r.uri);
    expect(await known()).toContain(subjects[0]?.uri);
    await refreshed;
    expect(await known()).toContain(subjects[0]?.uri);
  }
});

test('header and body of an answer name the same version while the project learns', async () => {
  const text = `${TEXT} `.repeat(300);
  let isOver = false;
  const names = (async () => {
    const pairs: string[][] = [];
    while (!isOver) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => post('near-en/suggest', { text })));
      for (const answer of answers)
        pairs.push([String(answer.headers['catchword-model']), `near-en@${answer.json().model}`]);
    }
    return pairs;
  })();
  for (let i = 0; i < 30; i++) await post('near-en/learn', [{ text: `${TEXT} ${i}`, subjects: [{ uri: TAUGHT }] }]);
  isOver = true;
  const pairs = await names;
  expect(new Set(pairs.map(([, body]) => body)).size).toBeGreaterThan(1);
  expect(pairs.filter(([header, body]) => header !== body)).toEqual([]);
});

test('learn of more records than may wait has nobody refused', async () => {
  await server.remove();
  server = await sampleServer({ threads: 2, maxWaiting: 16 });
  await firsts('near-en');
  let isOver = false;
  const others = (async () => {
    const statuses: number[] = [];
    while (!isOver) statuses.push((await post('near-en/suggest', { text: TEXT })).statusCode);
    return statuses;
  })();
  const records = Array.from({ length: 500 }, (_, i) => ({ text: `${TEXT} ${i}`, subjects: [{ uri: TAUGHT }] }));
  expect((await post('near-en/learn', records)).statusCode).toBe(204);
  isOver = true;
  const statuses = await others;
  expect(statuses.length).toBeGreaterThan(2);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await (await openRegistry(server.folder)).project('near-en').learning.items()).toHaveLength(500);
});

test('learn answers 204 as Annif does, and tells in headers what it passed over', async () => {
  const answerTo = async (body: unknown) => {
    const { statusCode, headers } = await post('near-en/learn', body);
    expect(statusCode).toBe(204);
    return [headers['catchword-learnt'], headers['catchword-warning']];
  };
  expect(await answerTo([])).toEqual(['0', undefined]);
  expect(await answerTo([{ text: 'x', subjects: [{ uri: 'http://example.org/künstlich\ud800\n' }] }])).toEqual([
    '0',
    '1 of 1 documents have no subject that the project may suggest; 1 URIs mean no such subject, the first is http://example.org/k%C3%BCnstlich%EF%BF%BD%0A',
  ]);
  expect(
    await answerTo([
      { text: 'x', subjects: [] },
      { text: ' ', subjects: [{ uri: TAUGHT }] },
    ]),
  ).toEqual(['0', '1 of 2 documents have no text; 1 of 2 documents have no subject that the project may suggest']);
  expect(readdirSync(join(server.folder, 'data/projects/near-en'))).not.toContain('journal');
  expect(await answerTo([{ ...RECORD, subjects: RECORD.subjects.slice(0, 1) }])).toEqual(['1', undefined]);
  expect(await answerTo([RECORD])).toEqual(['1', `1 URIs mean no such subject, the first is ${C}none`]);
});

test('learn says where it cannot', async () => {
  const refused = await post('hidden-en/learn', [RECORD]);
  expect([refused.statusCode, refused.json().code]).toEqual([503, 'not-supported']);
});

describe('feedback', () => {
  const decisions = [
    { uri: TAUGHT, action: 'added' },
    { uri: `${C}c0002`, action: 'rejected' },
  ];

  test('with a text is learnt from where the project may', async () => {
    const answer = await post('near-en/feedback', { document_id: 'f', text: TEXT, decisions });
    expect(answer.json()).toMatchObject({ learnt: true });
    expect(await firsts('near-en')).toEqual(new Set([TAUGHT]));
    const [item] = await (await openRegistry(server.folder)).project('near-en').learning.items();
    expect(item?.entry).toMatchObject({ document_id: 'f', text: TEXT, subjects: [{ uri: TAUGHT }] });
  });

  test('without a text or subjects, or where the backend cannot learn, is kept only', async () => {
    const rejected = [{ uri: TAUGHT, action: 'rejected' }];
    for (const [id, body] of [
      ['near-en', { decisions }],
      ['near-en', { text: TEXT, decisions: rejected }],
      ['hidden-en', { text: TEXT, decisions }],
      ['sample-en', { text: TEXT, decisions }],
    ] as const) {
      const answer = await post(`${id}/feedback`, body);
      expect([answer.statusCode, answer.json().learnt]).toEqual([201, false]);
    }
    expect(await firsts('near-en')).not.toContain(TAUGHT);
    expect(server.logged.filter(({ msg }) => String(msg).includes('hidden-en has not learnt'))).toHaveLength(1);
  });
});
