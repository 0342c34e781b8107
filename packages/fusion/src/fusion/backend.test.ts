import type { Backend, Document, JsonObject, Source, SuggestionBatch, TrainOptions } from '@catchword/core';
import { csrFromPairs, packArrays, Random, viewArrays } from '@catchword/math';
import {
  corpusOf,
  FIRST_UNTRAINED,
  learningSource,
  modelBytes,
  N_SUBJECTS,
  vocabularyOf,
  worldContext,
  worldDocuments,
  worldSource,
} from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { ensemble } from '../ensemble/backend.js';
import { fusion } from './backend.js';
import { Calibration } from './calibration.js';
import { CoOccurrence } from './co-occurrence.js';

const SOURCES = [worldSource('lexical', 'lexical'), worldSource('associative', 'associative')];

function paramsOf(raw: Record<string, string | number> = {}) {
  return fusion.parseParams({ trees: 40, ...raw }, (key, message) => expect.fail(`${key}: ${message}`));
}

async function trained(docs: readonly Document[], raw = {}, options: Partial<TrainOptions> = {}) {
  const context = await worldContext(SOURCES);
  const result = await fusion.train?.(context, corpusOf(docs), paramsOf(raw), { nJobs: 1, seed: 3, ...options });
  return result as { backend: Backend; report: JsonObject };
}

const patternOf = (records: readonly (readonly number[])[]) =>
  csrFromPairs(
    records.length,
    N_SUBJECTS,
    records.flatMap((subjects, row) => subjects.map(() => row)),
    records.flat(),
  );

/** Share of the gold subjects among the first two suggestions. */
function recall(batch: SuggestionBatch, docs: readonly Document[], wanted: (id: number) => boolean): number {
  let [n, found] = [0, 0];
  docs.forEach((doc, i) => {
    const first = batch
      .row(i)
      .slice(0, 2)
      .map(({ subjectId }) => subjectId);
    for (const id of doc.subjects ?? []) {
      if (!wanted(id)) continue;
      n++;
      if (first.includes(id)) found++;
    }
  });
  return found / n;
}

describe('fusion', () => {
  test('keeps subjects reachable that no record has, and is better than its sources', async () => {
    const { backend, report } = await trained(worldDocuments(300, 1));
    const docs = worldDocuments(200, 2);
    const batch = await backend.suggest(docs, { limit: 10 });
    const [lexical] = await Promise.all(SOURCES.map((source) => source.suggest(docs, { limit: 10 })));
    expect(['trees', 'lambdamart', 'joined']).toContain(report.model);
    expect(recall(batch, docs, () => true)).toBeGreaterThan(0.9);
    expect(recall(lexical as SuggestionBatch, docs, () => true)).toBeLessThan(0.5);
    expect(recall(batch, docs, (id) => id >= FIRST_UNTRAINED)).toBeGreaterThan(0.9);
  });

  test.each(['lambdamart', 'joined'])(
    'learns to rank, with probabilities too, where it is told to: %s',
    async (model) => {
      const { backend, report } = await trained(worldDocuments(300, 1), { model });
      const docs = worldDocuments(200, 2);
      const batch = await backend.suggest(docs, { limit: 10 });
      expect(report.model).toBe(model);
      expect(recall(batch, docs, () => true)).toBeGreaterThan(0.9);
      expect(recall(batch, docs, (id) => id >= FIRST_UNTRAINED)).toBeGreaterThan(0.9);
      const context = await worldContext(SOURCES);
      const loaded = fusion.load?.(context, backend.save(), paramsOf({ model })) as Backend;
      expect(await loaded.suggest(docs, { limit: 5 })).toEqual(await backend.suggest(docs, { limit: 5 }));
    },
  );

  test('gives probabilities: of suggestions with a score of p about p are right', async () => {
    const { backend } = await trained(worldDocuments(600, 1), { trees: 20, learning_rate: 0.05 });
    const docs = worldDocuments(500, 2);
    const batch = await backend.suggest(docs, { limit: 10 });
    let [sum, right, n] = [0, 0, 0];
    docs.forEach((doc, i) => {
      for (const { subjectId, score } of batch.row(i)) {
        if (score < 0.3) continue;
        sum += score;
        right += doc.subjects?.includes(subjectId) ? 1 : 0;
        n++;
      }
    });
    expect(n).toBeGreaterThan(500);
    expect(Math.abs(sum - right) / n).toBeLessThan(0.05);
  });

  test('is certain of nothing that few suggestions say', async () => {
    const rows = 400;
    const X = Float32Array.from({ length: rows }, () => 3);
    const y = Uint8Array.from({ length: rows }, (_, i) => (i < 110 || i % 7 === 0 ? 1 : 0));
    const scores = Float64Array.from({ length: rows }, (_, i) => (i < 12 ? 9 : 8 - i / rows));
    const ones = new Float32Array(rows).fill(1);
    const none = new Uint8Array(rows);
    const table = { nFeatures: 1, X, y, weights: ones, doc: new Uint32Array(rows), hidden: none };
    const docs = { nGold: Uint32Array.of(200), nGoldUntrained: Uint32Array.of(0) };
    const calibration = Calibration.fit({ ...table, ...docs }, scores, 0);
    expect(calibration.probability(9, 3)).toBeLessThan(0.995);
    expect(calibration.probability(9, 3)).toBeGreaterThan(0.9);
  });

  test('learns the same bytes in one thread or two, and loads to what it was', async () => {
    const docs = worldDocuments(150, 1);
    const { backend } = await trained(docs);
    const again = await trained(docs, {}, { nJobs: 2 });
    expect(modelBytes(again.backend.save())).toEqual(modelBytes(backend.save()));
    const loaded = fusion.load?.(await worldContext(SOURCES), backend.save(), paramsOf()) as Backend;
    const asked = worldDocuments(20, 2);
    expect(await loaded.suggest(asked, { limit: 5 })).toEqual(await backend.suggest(asked, { limit: 5 }));
    const other = await trained(docs, { model: 'bands' });
    const means = fusion.load?.(await worldContext(SOURCES), other.backend.save(), paramsOf()) as Backend;
    expect(await means.suggest(asked, { limit: 5 })).toEqual(await other.backend.suggest(asked, { limit: 5 }));
  });

  test.each(['mean', 'exponents', 'bands'])('explains a mean by parts of the score: %s', async (model) => {
    const { backend } = await trained(worldDocuments(100, 1), { model });
    const [doc] = worldDocuments(1, 2) as [Document];
    const best = (await backend.suggest([doc], { limit: 1 })).row(0)[0] as { subjectId: number; score: number };
    const [explained] = (await backend.explain?.(doc, [best.subjectId])) ?? [];
    expect(explained).toMatchObject({ scale: 'share', score: best.score });
    const sum = explained?.contributions.reduce((total, { weight }) => total + weight, 0) ?? 0;
    expect(sum).toBeCloseTo(best.score, 2);
  });

  test('takes subjects without records for twice as probable where a model of before has a bonus for them', async () => {
    const { backend } = await trained(worldDocuments(60, 1), { model: 'bands' });
    const { meta, pack } = backend.save();
    const context = await worldContext(SOURCES);
    const factorOf = (changed: JsonObject) => {
      const { untrainedFactor: _, ...others } = meta;
      return fusion.load?.(context, { meta: { ...others, ...changed }, pack }, paramsOf()).save().meta.untrainedFactor;
    };
    expect(factorOf({ untrainedBonus: 0.03 })).toBe(2);
    expect(factorOf({ untrainedBonus: 0 })).toBe(1);
    expect(factorOf({ untrainedFactor: 5 })).toBe(5);
    expect(() => factorOf({ untrainedFactor: 0.5 })).toThrow('its factor is no number of at least 1');
  });

  test('refuses a model that learnt from other features than there are', async () => {
    const { backend } = await trained(worldDocuments(60, 1), { model: 'bands' });
    const { meta, pack } = backend.save();
    const context = await worldContext(SOURCES);
    const names = (meta.names as string[]).slice(1);
    expect(() => fusion.load?.(context, { meta: { ...meta, names }, pack }, paramsOf())).toThrow(
      expect.objectContaining({ code: 'model-incompatible', hint: expect.stringContaining('Train it again') }),
    );
  });

  test('has more untrained subjects among the first ten by a factor that needs no training, and keeps the sum of the probabilities', async () => {
    const { backend } = await trained(worldDocuments(300, 1), { trees: 20 });
    // Texts of three documents each have more than ten candidates.
    const texts = worldDocuments(180, 2).map(({ text }) => text);
    const docs = Array.from({ length: 60 }, (_, i): Document => ({ text: texts.slice(i * 3, i * 3 + 3).join(' ') }));
    const withFactor = async (untrained_factor: number) => {
      const context = await worldContext(SOURCES);
      const loaded = fusion.load?.(context, backend.save(), paramsOf({ untrained_factor })) as Backend;
      const batch = await loaded.suggest(docs, { limit: 1000 });
      let [nFirst, sum] = [0, 0];
      for (let i = 0; i < batch.nDocs; i++) {
        const row = batch.row(i);
        row.forEach(({ subjectId, score }, place) => {
          sum += score;
          if (place > 0) expect(score).toBeLessThan((row[place - 1] as { score: number }).score);
          if (place < 10 && subjectId >= FIRST_UNTRAINED) nFirst++;
        });
        const explained = await loaded.explain?.(docs[i] as Document, [row[0]?.subjectId as number]);
        expect(explained?.[0]?.score).toBe(row[0]?.score);
      }
      return { nFirst, sum };
    };
    const [none, some] = [await withFactor(1), await withFactor(1000)];
    expect(some.nFirst).toBeGreaterThan(none.nFirst);
    expect(some.sum).toBeCloseTo(none.sum, 2);
  });

  test('learns from what people gave together where a source keeps its records, in one thread or two', async () => {
    // Records have a subject and the one after it; the documents of the world do not, but for chance.
    const rows = Array.from({ length: 200 }, (_, i) => i >> 1);
    const subjects = rows.map((row, i) => (row + (i % 2)) % FIRST_UNTRAINED);
    const records = csrFromPairs(100, N_SUBJECTS, rows, subjects);
    const keeping = [SOURCES[0], { ...SOURCES[1], assignments: () => records }] as typeof SOURCES;
    const random = new Random(5);
    const gold = worldDocuments(300, 1).map((doc) => {
      const first = random.below(FIRST_UNTRAINED);
      const named = [0, 1, 7, 20, 33].map((step) => (first + step) % FIRST_UNTRAINED);
      const subjects = named.slice(0, 2);
      random.shuffle(named);
      return { ...doc, text: named.map((id) => `p${id}`).join(' '), subjects };
    });
    const train = async (sources: typeof SOURCES, nJobs: number) => {
      const options = { nJobs, seed: 3 };
      const trained = await fusion.train?.(
        await worldContext(sources),
        corpusOf(gold.slice(0, 200)),
        paramsOf(),
        options,
      );
      return trained?.backend as Backend;
    };
    const [with1, with2, without] = [await train(keeping, 1), await train(keeping, 2), await train(SOURCES, 1)];
    expect(modelBytes(with2.save())).toEqual(modelBytes(with1.save()));
    const asked = gold.slice(200);
    const found = await with1.suggest(asked, { limit: 10 });
    const blind = await without.suggest(asked, { limit: 10 });
    expect(recall(found, asked, () => true)).toBeGreaterThan(recall(blind, asked, () => true) + 0.2);
    const loaded = fusion.load?.(await worldContext(SOURCES), with1.save(), paramsOf()) as Backend;
    expect(await loaded.suggest(asked, { limit: 10 })).toEqual(found);
  });

  test('suggests neighbours of its candidates in the thesaurus that no source names, where it is told to', async () => {
    // Two concepts in three have the next one for a broader concept; documents are about the broader ones, which they never name.
    const narrow = (id: number) => id % 3 !== 0;
    const broader = (id: number) => id - (id % 3);
    const concepts = Array.from({ length: N_SUBJECTS }, (_, id) => ({
      uri: `http://example.org/s${id}`,
      pref: { en: `subject ${id}` },
      ...(narrow(id) ? { broader: [`http://example.org/s${broader(id)}`] } : undefined),
    }));
    const context = { ...(await worldContext(SOURCES)), vocabulary: vocabularyOf(concepts) };
    const random = new Random(7);
    const docs = Array.from({ length: 300 }, (): Document => {
      const named = Array.from({ length: 4 }, () => 3 * random.below(N_SUBJECTS / 3) + 1 + random.below(2));
      const [first = 0] = named;
      return { text: named.map((id, i) => `${i === 0 ? 'g' : 'p'}${id}`).join(' '), subjects: [broader(first)] };
    });
    const warnings: string[] = [];
    const train = async (neighbours: number) => {
      const learnt = corpusOf(docs.slice(0, 200));
      const options = { nJobs: 1, seed: 3, onWarning: (message: string) => warnings.push(message) };
      const result = await fusion.train?.(context, learnt, paramsOf({ neighbours }), options);
      return result?.backend as Backend;
    };
    const none = await train(0);
    expect(warnings).toEqual([expect.stringContaining('hardly any document has a right candidate')]);
    const some = await train(5);
    expect(warnings.length).toBe(1);
    const asked = docs.slice(200);
    const found = await some.suggest(asked, { limit: 10 });
    expect(recall(await none.suggest(asked, { limit: 10 }), asked, () => true)).toBe(0);
    expect(recall(found, asked, () => true)).toBeGreaterThan(0.8);
    // What is a candidate is part of the model, whatever the configuration says since.
    const loaded = fusion.load?.(context, some.save(), paramsOf()) as Backend;
    expect(await loaded.suggest(asked, { limit: 10 })).toEqual(found);
    const [gold = 0] = asked[0]?.subjects ?? [];
    const [explanation] = (await loaded.explain?.(asked[0] as Document, [gold])) ?? [];
    expect(explanation?.sources?.map(({ score }) => score)).toEqual([null, null]);
    expect(explanation?.contributions.length).toBeGreaterThan(0);
  });

  test.each(['joined', 'mean'])(
    'knows calibrated scores of its sources where it is told to, in a model %s',
    async (model) => {
      const { backend } = await trained(worldDocuments(200, 1), { calibrated_scores: 'true', model });
      const again = await trained(worldDocuments(200, 1), { calibrated_scores: 'true', model }, { nJobs: 2 });
      expect(modelBytes(again.backend.save())).toEqual(modelBytes(backend.save()));
      const { meta } = backend.save();
      expect((meta.names as string[]).slice(-2)).toEqual(['lexical: calibrated', 'associative: calibrated']);
      const docs = worldDocuments(100, 2);
      const batch = await backend.suggest(docs, { limit: 10 });
      expect(recall(batch, docs, () => true)).toBeGreaterThan(model === 'mean' ? 0.5 : 0.9);
      const loaded = fusion.load?.(await worldContext(SOURCES), backend.save(), paramsOf()) as Backend;
      expect(await loaded.suggest(docs, { limit: 10 })).toEqual(batch);
    },
  );

  test('with a handful of documents is a mean, and says so', async () => {
    const warnings: string[] = [];
    const { report } = await trained(worldDocuments(5, 1), {}, { onWarning: (message) => warnings.push(message) });
    expect(report.model).toBe('mean');
    expect(warnings).toEqual([expect.stringContaining('5 documents are too few')]);
  });

  test('compares all models by cross-validation and tells the figures', async () => {
    const { report } = await trained(worldDocuments(100, 1));
    const compared = report.compared as { model: string; ndcgAt10: number }[];
    expect(compared.map(({ model }) => model)).toEqual(['mean', 'exponents', 'bands', 'trees', 'lambdamart', 'joined']);
    const best = Math.max(...compared.map(({ ndcgAt10 }) => ndcgAt10));
    expect(compared.find(({ model }) => model === report.model)?.ndcgAt10).toBeGreaterThanOrEqual(best - 0.0006);
  });

  test('tells of sources that were trained again, are gone, or are new, and goes on with the others', async () => {
    const { backend } = await trained(worldDocuments(200, 1));
    const docs = worldDocuments(20, 2);
    const warningsWith = async (sources: typeof SOURCES) => {
      const loaded = fusion.load?.(await worldContext(sources), backend.save(), paramsOf()) as Backend;
      const batch = await loaded.suggest(docs, { limit: 5 });
      expect(batch.subjectIds.length).toBeGreaterThan(20);
      return batch.warnings;
    };
    const [lexical, associative] = SOURCES as [(typeof SOURCES)[0], (typeof SOURCES)[0]];
    expect(await warningsWith([lexical, worldSource('associative', 'associative', 'newer')])).toEqual([
      expect.stringContaining('"associative" was trained again'),
    ]);
    expect(await warningsWith([lexical])).toEqual([expect.stringContaining('"associative", which it no longer has')]);
    expect(await warningsWith([lexical, associative, worldSource('third', 'lexical')])).toEqual([
      expect.stringContaining('has not learnt from its source "third"'),
    ]);
  });

  test('explains what the sources gave and what moved the score', async () => {
    const { backend } = await trained(worldDocuments(200, 1));
    const [explanation] = (await backend.explain?.({ text: 'g3 p9 g50' }, [3])) ?? [];
    expect(explanation?.sources?.map(({ projectId }) => projectId)).toEqual(['lexical', 'associative']);
    expect(explanation?.contributions.length).toBeGreaterThan(0);
    const [first] = (await backend.suggest([{ text: 'g3 p9 g50' }], { limit: 5 }))
      .row(0)
      .filter((s) => s.subjectId === 3);
    expect(explanation?.score).toBe(first?.score);
  });

  describe('learning', () => {
    const sources = () => [worldSource('lexical', 'lexical'), learningSource('associative')];
    const opened = async (backend: Backend, from = sources()) =>
      fusion.load?.(await worldContext(from), backend.save(), paramsOf()) as Backend;
    const asked = worldDocuments(60, 2);
    const rowsOf = async (backend: Backend) => {
      const batch = await backend.suggest(asked, { limit: 10 });
      return asked.map((_, i) => batch.row(i));
    };

    test('reaches the sources that can learn, their frequencies, and the calibration; it is kept', async () => {
      const from = sources();
      const taught = await opened((await trained(worldDocuments(200, 1))).backend, from);
      const before = await rowsOf(taught);
      const docs = worldDocuments(50, 3);
      await taught.learn?.(docs);
      const after = await rowsOf(taught);
      expect(after).not.toEqual(before);
      const named = docs.flatMap(({ subjects = [] }) => subjects).filter((id) => id >= FIRST_UNTRAINED);
      expect(from[1]?.trainFrequency[named[0] ?? 0]).toBe(named.filter((id) => id === named[0]).length);
      const loaded = await opened(taught, from);
      expect(await rowsOf(loaded)).toEqual(after);
      expect(modelBytes(loaded.save())).toEqual(modelBytes(taught.save()));
    });

    test('with notes is as it was with its own, and without one leaves the calibration alone', async () => {
      const model = (await trained(worldDocuments(200, 1))).backend;
      const [own, noted, bare] = [await opened(model), await opened(model), await opened(model)];
      const docs = worldDocuments(30, 3);
      const notes = (await noted.assess?.(docs)) ?? [];
      expect(modelBytes(noted.save())).toEqual(modelBytes(model.save()));
      expect(JSON.stringify(notes[0]).length).toBeLessThan(1000);
      await own.learn?.(docs);
      await noted.learn?.(docs, notes);
      await bare.learn?.(
        docs,
        docs.map(() => null),
      );
      expect(modelBytes(noted.save())).toEqual(modelBytes(own.save()));
      expect(modelBytes(bare.save())).toEqual(modelBytes(model.save()));
    });

    test('a thousand documents of one subject leave ranking and probabilities of the others nearly as they were', async () => {
      const taught = await opened((await trained(worldDocuments(300, 1))).backend);
      const before = await rowsOf(taught);
      const one = worldDocuments(1000, 4).map((doc) => ({ ...doc, subjects: [3] }));
      for (let i = 0; i < one.length; i += 50) await taught.learn?.(one.slice(i, i + 50));
      const after = await rowsOf(taught);
      before.forEach((row, i) => {
        const others = (all: typeof row) => all.filter(({ subjectId }) => subjectId !== 3);
        const first = (all: typeof row) =>
          new Set(
            others(all)
              .slice(0, 2)
              .map(({ subjectId }) => subjectId),
          );
        expect(first(after[i] ?? [])).toEqual(first(row));
        for (const { subjectId, score } of others(row)) {
          const now = after[i]?.find((each) => each.subjectId === subjectId)?.score;
          if (now !== undefined) expect(Math.abs(now - score)).toBeLessThan(0.05);
        }
      });
    });

    test('counts what people give together since: one after the other as at once, and it is kept', async () => {
      // A source that keeps its records, which never have subjects 10 and 20 together.
      const keeping = (records: number[][]): Source => ({
        ...worldSource('associative', 'associative'),
        assignments: () => patternOf(records),
        learn: (docs) => {
          for (const { subjects = [] } of docs) records.push([...subjects].sort((a, b) => a - b));
        },
      });
      const first = () => Array.from({ length: 200 }, (_, i) => [i % FIRST_UNTRAINED, (i + 1) % FIRST_UNTRAINED]);
      const from = (records: number[][]) => [worldSource('lexical', 'lexical'), keeping(records)];
      const context = await worldContext(from(first().map((row) => row.sort((a, b) => a - b))));
      const docs = corpusOf(worldDocuments(200, 1));
      const model = (await fusion.train?.(context, docs, paramsOf(), { nJobs: 1, seed: 3 }))?.backend as Backend;
      const told = worldDocuments(30, 3).map((doc) => ({ ...doc, subjects: [10, 20] }));
      const silent = told.map(() => null);
      const records = [0, 1].map(() => first().map((row) => row.sort((a, b) => a - b))) as [number[][], number[][]];
      const [atOnce, singly] = [await opened(model, from(records[0])), await opened(model, from(records[1]))];
      await atOnce.learn?.(told, silent);
      for (const [i, doc] of told.entries()) await singly.learn?.([doc], silent.slice(i, i + 1));
      expect(modelBytes(singly.save())).toEqual(modelBytes(atOnce.save()));
      // As if it had been counted in all of the records.
      const { pack } = atOnce.save();
      const counted = CoOccurrence.count(patternOf(records[0])).toArrays();
      const arrays = viewArrays(pack);
      for (const [name, array] of Object.entries(counted)) expect(arrays[`together.${name}`]).toEqual(array);
      expect(modelBytes(atOnce.save())).not.toEqual(modelBytes(model.save()));
      const loaded = await opened(atOnce, from(records[0]));
      expect(await rowsOf(loaded)).toEqual(await rowsOf(atOnce));
      // A thousand more of them leave what is said of others nearly as it was.
      const before = await rowsOf(await opened(model, from(first())));
      const many = Array.from({ length: 1000 }, (_, i) => told[i % told.length] as Document);
      await atOnce.learn?.(
        many,
        many.map(() => null),
      );
      const others = (row: (typeof before)[0]) => row.filter(({ subjectId }) => subjectId !== 10 && subjectId !== 20);
      const first2 = (row: (typeof before)[0]) =>
        others(row)
          .slice(0, 2)
          .map(({ subjectId }) => subjectId)
          .sort();
      for (const [i, row] of (await rowsOf(atOnce)).entries()) {
        expect(first2(row)).toEqual(first2(before[i] ?? []));
        for (const { subjectId, score } of others(before[i] ?? [])) {
          const now = row.find((each) => each.subjectId === subjectId)?.score;
          if (now !== undefined) expect(Math.abs(now - score)).toBeLessThan(0.1);
        }
      }
    });

    test('is not possible where no source can', async () => {
      const { backend } = await trained(worldDocuments(50, 1));
      expect(backend.learn).toBeUndefined();
      const context = await worldContext(SOURCES);
      const mean = (from: typeof SOURCES) =>
        ensemble.load?.(
          { ...context, sources: from },
          { meta: {}, pack: packArrays({}) },
          ensemble.parseParams({}, () => undefined),
        );
      expect(mean(SOURCES)?.learn).toBeUndefined();
      expect(mean(sources())?.learn).toBeDefined();
    });
  });

  test('reports every parameter that it cannot use', () => {
    const problems: string[] = [];
    const raw = { model: 'best', sources_limit: 0, trees: 1.5, max_leaf_nodes: 40, learning_rate: '', hidden_share: 2 };
    fusion.parseParams({ ...raw, hidden_weight: -1 }, (key) => problems.push(key));
    expect(problems.sort()).toEqual([...Object.keys(raw), 'hidden_weight'].sort());
  });

  test('an abort rejects with its reason', async () => {
    const abort = new AbortController();
    const onProgress = () => abort.abort(new Error('enough'));
    await expect(trained(worldDocuments(50, 1), {}, { signal: abort.signal, onProgress })).rejects.toThrow('enough');
  });
});
