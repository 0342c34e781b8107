import type { Backend, Document, SuggestionBatch } from '@catchword/core';
import {
  corpusOf,
  gradeOf,
  type LlmScript,
  LlmServer,
  learningSource,
  simulatedGrader,
  worldContext,
  worldDocuments,
  worldSource,
} from '@catchword/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { llm } from './backend.js';
import { FixedWeight } from './fuse.js';
import {
  answering,
  backendOver,
  bytesOf,
  gradingScript,
  isGold,
  LEXICAL,
  meanGoldRank,
  paramsOf,
  RIGHT,
  shown,
} from './reader.test.fixture.js';

let server: LlmServer;
let at: Record<string, string | number | boolean>;

beforeAll(async () => {
  server = await LlmServer.start(RIGHT);
});
afterAll(() => server.close());
beforeEach(() => {
  server.script = RIGHT;
  server.requests.length = 0;
  at = { endpoint: server.url, model: 'small', retries: 0, timeout: 2 };
});

const docs = worldDocuments(12, 5);
const baseOf = async (limit: number): Promise<SuggestionBatch> => LEXICAL.suggest(docs, { limit });

describe('llm reads the candidates', () => {
  test('and a good reader moves the right ones up, in few enough steps to be small', async () => {
    const backend = await backendOver(llm, at);
    const batch = await backend.suggest(docs, { limit: 8 });
    const base = await baseOf(8);
    expect(batch.warnings).toEqual([]);
    expect(meanGoldRank(batch, docs)).toBeLessThan(meanGoldRank(base, docs) - 0.5);
    expect(batch.usage).toMatchObject({ calls: 12, cached: 0 });
    for (let i = 0; i < docs.length; i++) {
      for (const { subjectId, score } of batch.row(i)) {
        const before = base.row(i).find((each) => each.subjectId === subjectId)?.score ?? Number.NaN;
        expect(Math.abs(score - before)).toBeLessThanOrEqual(
          0.12 * Math.max(before, base.scores[base.indptr[i] as number] as number) + 1e-6,
        );
      }
    }
  });

  test('in an order of their own, which is the same again', async () => {
    const backend = await backendOver(llm, at);
    await backend.suggest(docs, { limit: 8 });
    const orders = server.requests.map((request) => shown(request).candidates.map(({ id }) => id));
    const base = await baseOf(8);
    const inOrder = orders.filter(
      (ids, i) =>
        ids.join() ===
        base
          .row(i)
          .map(({ subjectId }) => subjectId)
          .join(),
    );
    expect(inOrder.length).toBeLessThan(4);
    const first = server.requests.map(({ body }) => JSON.stringify(body.messages)).sort();
    server.requests.length = 0;
    await (await backendOver(llm, at)).suggest(docs, { limit: 8 });
    expect(server.requests.map(({ body }) => JSON.stringify(body.messages)).sort()).toEqual(first);
  });

  test('the first so many of them', async () => {
    await (await backendOver(llm, { ...at, candidates: 3 })).suggest(docs, { limit: 2 });
    for (const request of server.requests) expect(shown(request).candidates).toHaveLength(3);
  });

  test('in a form that lets each number be graded once', async () => {
    await (await backendOver(llm, { ...at, candidates: 3 })).suggest(docs.slice(0, 1), { limit: 5 });
    expect(server.requests[0]?.body).toMatchObject({
      temperature: 0,
      response_format: {
        json_schema: { strict: true, schema: { required: ['1', '2', '3'], additionalProperties: false } },
      },
    });
  });

  test('with what they mean, as far as it is wanted', async () => {
    const definitions = { languages: ['en'], definition: (id: number) => `What subject ${id} means.` };
    const lineOf = async (raw: object) => {
      await (await backendOver(llm, { ...at, ...raw }, [LEXICAL], { definitions })).suggest(docs.slice(0, 1), {
        limit: 5,
      });
      return server.requests.at(-1)?.body.messages?.at(-1)?.content.split('\n').at(-1);
    };
    expect(await lineOf({ cache: false })).toMatch(/^\d+\. subject (\d+).* \[What subject \1 means\.\]$/);
    expect(await lineOf({ cache: false, definition_characters: 15 })).toMatch(/ \[What subject…\]$/);
    expect(await lineOf({ cache: false, definition_characters: 0 })).not.toContain('[');
  });

  test('and has room to think first, where that is wanted', async () => {
    const thoughts = `<think>{"1":3} ${'hm '.repeat(300)}</think>`;
    server.script = async (request) => {
      const answer = await RIGHT(request);
      if (answer.kind !== 'text') return answer;
      const hasRoom = Number(request.body.max_tokens) >= 500;
      return hasRoom
        ? { ...answer, text: thoughts + answer.text }
        : { ...answer, text: thoughts.slice(0, 600), finish: 'length' };
    };
    const small = await (await backendOver(llm, { ...at, candidates: 4 })).suggest(docs, { limit: 8 });
    expect(small.warnings.join()).toContain('did not read some texts');
    const backend = await backendOver(llm, { ...at, thinking_tokens: 500 });
    const batch = await backend.suggest(docs, { limit: 8 });
    expect(batch.warnings).toEqual([]);
    expect(meanGoldRank(batch, docs)).toBeLessThan(meanGoldRank(await baseOf(8), docs) - 0.5);
  });

  test('of several sources, joined as an ensemble joins them', async () => {
    const sources = [LEXICAL, worldSource('associative', 'associative')];
    const batch = await (await backendOver(llm, at, sources)).suggest(docs, { limit: 50 });
    const joined = await (await backendOver(llm, { ...at, weight: 0 }, sources)).suggest(docs, { limit: 50 });
    expect(meanGoldRank(batch, docs)).toBeLessThan(meanGoldRank(joined, docs) - 0.2);
  });

  test('nothing twice: not where it is asked again, with other limits too', async () => {
    const backend = await backendOver(llm, at);
    const first = await backend.suggest(docs, { limit: 5 });
    const again = await backend.suggest(docs, { limit: 5 });
    await backend.suggest(docs, { limit: 50 });
    expect(bytesOf(again)).toBe(bytesOf(first));
    expect(server.requests).toHaveLength(12);
    expect(again.usage).toMatchObject({ calls: 0, cached: 12 });
  });
});

describe('the other ways of reading', () => {
  test('listwise', async () => {
    server.script = (request) => {
      const { text, candidates } = shown(request);
      const right = candidates.filter(({ id }) => isGold(text, id));
      const order = [...right, ...candidates.filter((each) => !right.includes(each))].map(({ n }) => n);
      return answering(JSON.stringify({ order }));
    };
    const batch = await (await backendOver(llm, { ...at, mode: 'listwise' })).suggest(docs, { limit: 8 });
    expect(batch.warnings).toEqual([]);
    expect(meanGoldRank(batch, docs)).toBeLessThan(meanGoldRank(await baseOf(8), docs) - 0.5);
  });

  const yesNo: LlmScript = ({ body }) => {
    const prompt = body.messages?.at(-1)?.content ?? '';
    const id = Number(/Heading: subject (\d+)/.exec(prompt)?.[1]);
    const yes = isGold(prompt.replace(/\n/g, ' '), id) ? 0.9 : 0.1;
    return { kind: 'text', text: yes > 0.5 ? 'Yes' : 'No', firstToken: { ' Yes': yes, No: 1 - yes } };
  };

  test.each([
    ['with chances of tokens', []],
    ['by the word, where a service tells no chances', ['logprobs']],
  ])('yes-no %s', async (_, refuses) => {
    const other = await LlmServer.start(yesNo, { refuses });
    const backend = await backendOver(llm, { ...at, endpoint: other.url, mode: 'yes-no' });
    const batch = await backend.suggest(docs.slice(0, 4), { limit: 8 });
    const nCandidates = (await LEXICAL.suggest(docs.slice(0, 4), { limit: 20 })).subjectIds.length;
    expect(other.requests.length).toBeGreaterThanOrEqual(nCandidates);
    expect(meanGoldRank(batch, docs.slice(0, 4))).toBeLessThan(meanGoldRank(await baseOf(8), docs.slice(0, 4)));
    await other.close();
  });

  test('cross-encoder', async () => {
    server.script = ({ body: { query = '', documents = [] } }) => ({
      kind: 'json',
      json: {
        results: documents.map((line, index) => ({
          index,
          relevance_score: isGold(query, Number(/^subject (\d+)/.exec(line)?.[1])) ? 4 : -4,
        })),
      },
    });
    const batch = await (await backendOver(llm, { ...at, mode: 'cross-encoder' })).suggest(docs, { limit: 8 });
    expect(server.requests.map(({ path }) => path)).toEqual(docs.map(() => 'rerank'));
    expect(meanGoldRank(batch, docs)).toBeLessThan(meanGoldRank(await baseOf(8), docs) - 0.5);
  });

  test('several orders, averaged', async () => {
    server.script = ({ n }) => answering(n % 2 === 0 ? '{"1":3}' : '{"1":0,"2":3}');
    const consultation = await (await backendOver(llm, { ...at, orders: 2 })).consult?.(docs[0] as Document, {
      limit: 5,
    });
    expect(consultation?.questions).toHaveLength(2);
    const values = [...(consultation?.grades.values() ?? [])].sort();
    expect([
      [0, 1],
      [0, 1, 1],
      [0.5, 1],
    ]).toContainEqual(values);
  });
});

describe('which texts are read', () => {
  test('those whose suggestions are not sure', async () => {
    const base = await baseOf(8);
    const best = docs.map((_, i) => base.scores[base.indptr[i] as number] as number);
    const askBelow = [...best].sort((a, b) => a - b)[4] as number;
    await (await backendOver(llm, { ...at, ask_below: askBelow })).suggest(docs, { limit: 8 });
    const read = server.requests.map((request) => shown(request).text).sort();
    expect(read).toEqual(
      docs
        .filter((_, i) => (best[i] as number) < askBelow)
        .map(({ text }) => text)
        .sort(),
    );
  });

  test('a share of a batch, the least sure first', async () => {
    await (await backendOver(llm, { ...at, ask_share: 0.25 })).suggest(docs, { limit: 8 });
    expect(server.requests).toHaveLength(3);
    const base = await baseOf(8);
    const bestOf = (text: string) =>
      base.scores[base.indptr[docs.findIndex((doc) => doc.text === text)] as number] as number;
    const read = server.requests.map((request) => bestOf(shown(request).text));
    const all = docs.map(({ text }) => bestOf(text)).sort((a, b) => a - b);
    expect(read.sort((a, b) => a - b)).toEqual(all.slice(0, 3));
  });

  test('none that is empty', async () => {
    const batch = await (await backendOver(llm, at)).suggest([{ text: ' ' }, { text: 'zzz' }], { limit: 8 });
    expect(batch.nDocs).toBe(2);
    expect(server.requests).toHaveLength(0);
  });
});

describe('examples', () => {
  const knn = {
    ...worldSource('knn', 'associative'),
    similar: (_doc: Document, n: number) =>
      [
        { title: 'Of lakes\nand 1. rivers', similarity: 0.9, subjects: [3, 7] },
        { title: 'Of nothing', similarity: 0.5, subjects: [] },
      ].slice(0, n),
  };

  test('are shown with their subjects', async () => {
    await (await backendOver(llm, at, [knn])).suggest(docs.slice(0, 1), { limit: 5 });
    expect(server.requests[0]?.body.messages?.[1]?.content).toContain(
      '- Of lakes and 1. rivers: subject 3; subject 7\n\n===',
    );
  });

  test('stay at home where they are switched off', async () => {
    await (await backendOver(llm, { ...at, examples: 0 }, [knn])).suggest(docs.slice(0, 1), { limit: 5 });
    expect(JSON.stringify(server.requests[0]?.body)).not.toContain('Of lakes');
  });

  test('keep back what no record is to have', async () => {
    const hidden = new Uint8Array(60);
    hidden[3] = 1;
    await (await backendOver(llm, at, [knn])).suggest(docs.slice(0, 1), { limit: 5, hidden });
    expect(server.requests[0]?.body.messages?.[1]?.content).toContain('rivers: subject 7\n');
  });
});

describe('as a source of fusion', () => {
  test('llm tells grade, rank and presence; what is not known is missing', async () => {
    server.script = (request) => {
      const [first, second] = shown(request).candidates;
      return request.n === 0 ? answering(`{"${first?.n}":3,"${second?.n}":1}`) : { kind: 'status', status: 400 };
    };
    const two = docs.slice(0, 2);
    const { evidence, indptr } = await (await backendOver(llm, { ...at, concurrency: 1 })).suggest(two, {
      limit: 50,
      evidence: true,
    });
    expect(evidence?.names).toEqual(['grade', 'gradeRank', 'present']);
    const rows = Array.from({ length: indptr[2] as number }, (_, k) => [
      ...(evidence?.values.subarray(3 * k, 3 * k + 3) ?? []),
    ]);
    const graded = rows.filter(([grade]) => !Number.isNaN(grade));
    expect(graded.map(([grade, rank, present]) => [Math.round((grade as number) * 3), rank, present]).sort()).toEqual([
      [1, 2, 1],
      [3, 1, 1],
    ]);
    expect(rows.slice(indptr[1]).flat().every(Number.isNaN)).toBe(true);
  });
});

describe('llm learns what a model is worth', () => {
  const trained = async (script: LlmScript, more = {}) => {
    server.script = script;
    const context = await worldContext([LEXICAL]);
    const result = await llm.train?.(context, corpusOf(worldDocuments(120, 1)), paramsOf(llm, { ...at, ...more }), {
      nJobs: 1,
      seed: 1,
    });
    return result as { backend: Backend; report: Record<string, number> };
  };

  test('and gives a good one weight', async () => {
    const { backend, report } = await trained(gradingScript(simulatedGrader(0.8, 1)));
    expect(report.share).toBeGreaterThan(0);
    expect(report.ndcgAt10).toBeGreaterThan((report.ndcgAt10OfSources as number) + 0.02);
    expect(report).toMatchObject({ documents: 120, calls: 120 });
    const test = worldDocuments(100, 77);
    const [base, batch] = [await LEXICAL.suggest(test, { limit: 8 }), await backend.suggest(test, { limit: 8 })];
    expect(meanGoldRank(batch, test)).toBeLessThan(meanGoldRank(base, test));
    const context = await worldContext([LEXICAL]);
    const loaded = llm.load?.(context, backend.save(), paramsOf(llm, at)) as Backend;
    expect(bytesOf(await loaded.suggest(test, { limit: 8 }))).toBe(bytesOf(batch));
  });

  test('gives one that always says the same none, and ranks as the sources do', async () => {
    const { backend } = await trained((request) =>
      answering(JSON.stringify(Object.fromEntries(shown(request).candidates.map(({ n }) => [n, 2])))),
    );
    const test = worldDocuments(30, 77);
    const [base, batch] = [await LEXICAL.suggest(test, { limit: 8 }), await backend.suggest(test, { limit: 8 })];
    expect(batch.subjectIds).toEqual(base.subjectIds);
  });

  test('turns one round that works against us', async () => {
    const { report } = await trained(gradingScript((_text, _candidate, isRight) => (isRight ? -1 : gradeOf(3))));
    expect(report.ndcgAt10).toBeGreaterThan(report.ndcgAt10OfSources as number);
  });

  test('not from a model that does not answer, and says why', async () => {
    await expect(trained(() => ({ kind: 'status', status: 401 }))).rejects.toMatchObject({
      code: 'endpoint-failed',
      message: expect.stringContaining('it read 0 of 120 documents'),
      hint: expect.stringContaining('401'),
    });
  });

  test('not without an endpoint', async () => {
    await expect(trained(RIGHT, { endpoint: '' })).rejects.toMatchObject({ hint: expect.stringContaining('endpoint') });
  });

  test('for the mode that it was trained for', async () => {
    const { backend } = await trained(RIGHT);
    const context = await worldContext([LEXICAL]);
    const other = llm.load?.(context, backend.save(), paramsOf(llm, { ...at, mode: 'listwise' })) as Backend;
    server.script = () => answering('{"order":[1]}');
    const { warnings } = await other.suggest(docs.slice(0, 1), { limit: 3 });
    expect(warnings[0]).toContain('was trained in mode grades');
  });
});

test('learning and finding similar records go by way of the sources', async () => {
  const backend = await backendOver(llm, at, [learningSource('associative')]);
  expect(backend.similar).toBeUndefined();
  await backend.learn?.([{ text: 'g50', subjects: [50] }]);
  expect((await backend.suggest([{ text: 'g50' }], { limit: 1 })).subjectIds[0]).toBe(50);
});

test('explain tells what the model made of a subject', async () => {
  const backend = await backendOver(llm, at);
  const doc = docs[0] as Document;
  const batch = await backend.suggest([doc], { limit: 3 });
  const [explanation] = (await backend.explain?.(doc, [batch.subjectIds[0] as number])) ?? [];
  expect(explanation?.score).toBe(batch.scores[0]);
  expect(explanation?.contributions.map(({ feature }) => feature).sort()).toEqual(['grade', 'sources']);
  expect(explanation?.scale).toBe('share');
});

test('consult shows the question, the answer, the cost and the effect', async () => {
  const backend = await backendOver(llm, at);
  const consultation = await backend.consult?.(docs[0] as Document, { limit: 5 });
  expect(consultation?.questions[0]?.messages[1]?.content).toContain(docs[0]?.text);
  expect(consultation?.questions[0]?.answer).toMatch(/^\{"1":/);
  expect(consultation?.usage).toMatchObject({ calls: 1 });
  expect(consultation?.before && bytesOf(consultation.before)).toBe(
    bytesOf(await LEXICAL.suggest(docs.slice(0, 1), { limit: 5 })),
  );
  expect(consultation?.reason).toBeUndefined();
});

test('close ends requests under way', async () => {
  server.script = () => ({ kind: 'silence' });
  const backend = await backendOver(llm, { ...at, timeout: 60 });
  const suggesting = backend.suggest(docs.slice(0, 1), { limit: 5 });
  setTimeout(() => void backend.close?.(), 30);
  await expect(suggesting).rejects.toThrow('closed');
});

test('an abort ends the suggestion with its reason', async () => {
  server.script = () => ({ kind: 'silence' });
  const abort = new AbortController();
  const suggesting = (await backendOver(llm, { ...at, timeout: 60 })).suggest(docs, { limit: 5, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 30);
  await expect(suggesting).rejects.toThrow('enough');
});

test('FixedWeight is the sum that it says', () => {
  const fixed = new FixedWeight({ weight: 0.25, exponent: 2, scaledByBest: true });
  const fused = fixed.fuse(Float32Array.of(0.5, 0.25, 0.125), Float64Array.of(0, 1, Number.NaN));
  expect([...fused]).toEqual([0.375, 0.3125, 0.125]);
});
