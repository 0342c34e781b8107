import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus, Document } from '@catchword/core';
import { openCorpus } from '@catchword/corpus';
import { type Project, Registry } from '@catchword/project';
import { type Grader, gradeOf, LlmServer, numberedLines, simulatedGrader } from '@catchword/testing';
import { VOCABULARIES } from '../harness/data-sets.js';
import { cacheFolder, dataFile } from '../harness/places.js';
import type { SplitSet } from '../harness/split-sets.js';
import { Skipped } from '../harness/variants.js';

/** Documents that what a grader is worth is learnt from, and that are measured on, at most. */
const MOST_VALIDATE = 400;
const MOST_TEST = 1000;
const SEED = 11;

/** Graders by name; a right candidate is preferred to a wrong one in the share of pairs that the name tells. */
export const GRADERS: Readonly<Record<string, Grader>> = {
  'right in 60 %': simulatedGrader(0.6, SEED),
  'right in 70 %': simulatedGrader(0.7, SEED),
  'right in 80 %': simulatedGrader(0.8, SEED),
  'guesses (50 %)': simulatedGrader(0.5, SEED),
  constant: () => 1.5,
  'works against us (20 %)': simulatedGrader(0.2, SEED),
};

/** nDCG@10 on the test documents. */
export interface GraderFigures {
  readonly set: string;
  readonly grader: string;
  readonly documents: number;
  readonly sources: number;
  readonly fixed: number;
  readonly learnt: number;
  /** The share of the opinion that cross-validation on the validation documents chose. */
  readonly share: number;
}

/** nDCG@10 of a fusion on the test documents. */
export interface FusionFigures {
  readonly set: string;
  readonly grader: string;
  readonly without: number;
  readonly with: number;
}

/** Documents that the first ones are for. */
const WARM_UP = 20;

/** Processor milliseconds a document. */
export interface OverheadFigures {
  readonly sources: number;
  /** Reading, with a model that answers at once; the sources included. */
  readonly asked: number;
  /** The same request and answer by themselves. */
  readonly exchange: number;
}

/** A set with its projects: `base` joins `mllm` and `knn`; `fixed` and `learnt` have a model read what it suggests. */
export class GradedSet {
  private readonly set: SplitSet;
  private readonly folder: string;
  private readonly server: LlmServer;
  private grader: Grader = () => 0;
  /** Labels of gold subjects by the beginning of the text. */
  private readonly gold = new Map<string, readonly string[]>();

  private constructor(set: SplitSet, folder: string, server: LlmServer) {
    this.set = set;
    this.folder = folder;
    this.server = server;
  }

  /** Loads the vocabulary and trains the sources, unless an earlier run has. */
  static async open(set: SplitSet): Promise<GradedSet> {
    const vocabulary = dataFile(VOCABULARIES[set.vocabulary] ?? '');
    if (!vocabulary || !dataFile(set.train)) throw new Skipped(`${set.name} is not there`);
    const folder = cacheFolder('llm', set.name);
    const server = await LlmServer.start(({ body }) => graded.answer(body.messages?.at(-1)?.content ?? ''));
    const graded: GradedSet = new GradedSet(set, folder, server);
    mkdirSync(folder, { recursive: true });
    const { language, snowball, vocabulary: id, minDf } = set;
    writeFileSync(
      join(folder, 'projects.yaml'),
      `defaults: { language: ${language}, vocab: ${id}, analyzer: snowball(${snowball}) }
projects:
  labels: { backend: mllm }
  records: { backend: knn, min_df: ${minDf} }
  base: { backend: ensemble, sources: "labels,records" }
  fixed: { backend: llm, sources: base, endpoint: "${server.url}", model: simulated, cache: false, examples: 0 }
  learnt: { backend: llm, sources: base, endpoint: "${server.url}", model: simulated, cache: false, examples: 0 }
  plain: { backend: fusion, sources: "labels,records" }
  joined: { backend: fusion, sources: "labels,records,fixed" }
`,
    );
    const registry = await graded.registry();
    if (!registry.vocabularyStore.exists(id)) await registry.vocabularyStore.update(id, vocabulary);
    for (const [project, n] of [
      ['labels', set.nLexical],
      ['records', 0],
    ] as const) {
      const each = registry.project(project);
      if (!each.isTrained()) await each.train(await graded.corpus(each, set.train, n || Number.POSITIVE_INFINITY));
    }
    return graded;
  }

  /** Measures one grader. */
  async measure(name: string): Promise<GraderFigures> {
    this.grader = GRADERS[name] as Grader;
    rmSync(join(this.folder, 'data/projects/learnt'), { recursive: true, force: true });
    const registry = await this.registry();
    const test = await this.corpus(registry.project('base'), (this.set.tests[0] as { file: string }).file, MOST_TEST);
    const validate = await this.corpus(registry.project('base'), this.set.validate, MOST_VALIDATE);
    const report = await registry.project('learnt').train(validate, { nJobs: 1 });
    const ndcg: Record<string, number> = {};
    let documents = 0;
    for (const id of ['base', 'fixed', 'learnt']) {
      const { further, nDocs } = await registry.project(id).evaluate(test, { limit: 10, threshold: 0, nJobs: 1 });
      ndcg[id] = further.ndcgAt10 as number;
      documents = nDocs;
    }
    const { base = 0, fixed = 0, learnt = 0 } = ndcg;
    const share = Number(report.details.share ?? 0);
    return { set: this.set.name, grader: name, documents, sources: base, fixed, learnt, share };
  }

  /** Measures a grader as a source of `fusion`: nDCG@10 without and with it, both trained on the validation documents. */
  async measureFusion(name: string): Promise<FusionFigures> {
    this.grader = GRADERS[name] as Grader;
    rmSync(join(this.folder, 'data/projects/joined'), { recursive: true, force: true });
    const registry = await this.registry();
    const validate = await this.corpus(registry.project('base'), this.set.validate, MOST_VALIDATE);
    const test = await this.corpus(registry.project('base'), (this.set.tests[0] as { file: string }).file, MOST_TEST);
    const ndcg = async (id: string) => {
      const project = registry.project(id);
      if (!project.isTrained()) await project.train(validate, { nJobs: 1 });
      return (await project.evaluate(test, { limit: 10, threshold: 0, nJobs: 1 })).further.ndcgAt10 as number;
    };
    return { set: this.set.name, grader: name, without: await ndcg('plain'), with: await ndcg('joined') };
  }

  /**
   * Suggests for documents in three ways by turns, so that what else the machine does meets all of them.
   *
   * @returns processor milliseconds a document (the server that answers included, which is a part of this process)
   */
  async overhead(nDocs: number): Promise<OverheadFigures> {
    this.grader = GRADERS['right in 70 %'] as Grader;
    const registry = await this.registry();
    const [base, fixed] = [registry.project('base'), registry.project('fixed')];
    const corpus = await this.corpus(base, (this.set.tests[0] as { file: string }).file, nDocs);
    const sums = { sources: 0, asked: 0, exchange: 0 };
    const spend = async (what: keyof typeof sums, work: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      sums[what] += (user + system) / 1000;
    };
    const options = { limit: 10, threshold: 0 };
    const headers = { 'content-type': 'application/json' };
    let n = 0;
    for await (const doc of corpus.documents()) {
      if (n === WARM_UP) sums.sources = sums.asked = sums.exchange = 0;
      await spend('sources', () => base.suggest([doc], options));
      await spend('asked', () => fixed.suggest([doc], options));
      const body = JSON.stringify(this.server.requests.at(-1)?.body);
      await spend('exchange', async () => {
        await (await fetch(`${this.server.url}/chat/completions`, { method: 'POST', headers, body })).text();
      });
      n++;
    }
    const per = (sum: number) => sum / (n - WARM_UP);
    return { sources: per(sums.sources), asked: per(sums.asked), exchange: per(sums.exchange) };
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  private registry(): Promise<Registry> {
    return Registry.open({ projects: join(this.folder, 'projects.yaml'), dataDir: join(this.folder, 'data'), env: {} });
  }

  private async corpus(project: Project, file: string, most: number): Promise<Corpus> {
    const { vocabulary, language } = await project.vocabulary();
    const path = dataFile(file);
    if (!path || !existsSync(path)) throw new Skipped(`${file} is not there`);
    const corpus = openCorpus([path], { subjects: vocabulary, language, requireSubjects: true });
    const { gold } = this;
    return {
      name: file,
      async *documents(): AsyncGenerator<Document> {
        let n = 0;
        for await (const doc of corpus.documents()) {
          if (n++ >= most) return;
          gold.set(
            keyOf(doc.text),
            (doc.subjects ?? []).map((id) => vocabulary.label(id, language) ?? vocabulary.uri(id)),
          );
          yield doc;
        }
      },
    };
  }

  private answer(prompt: string) {
    const text = /^(=== TEXT \w+ ===)\n([\s\S]*?)\n\1$/m.exec(prompt)?.[2] ?? '';
    const gold = this.gold.get(keyOf(text)) ?? [];
    const lines = numberedLines(prompt.slice(prompt.lastIndexOf('\nCandidates:\n')));
    const grades = lines.map(({ n, line }) => {
      const isRight = gold.some(
        (label) => line === label || ['(', '<', '['].some((next) => line.startsWith(`${label} ${next}`)),
      );
      return `"${n}":${gradeOf(this.grader(text, line, isRight))}`;
    });
    return { kind: 'text' as const, text: `{${grades.join(',')}}` };
  }
}

/** The beginning of a text, however white space and its end are treated. */
function keyOf(text: string): string {
  return text
    .replace(/[\s\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim()
    .slice(0, 300);
}
