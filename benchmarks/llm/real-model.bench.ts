// What does a real language model bring to the order of candidates, and what does it cost?
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Corpus, Document } from '@catchword/core';
import { openCorpus } from '@catchword/corpus';
import { type Project, Registry } from '@catchword/project';
import { VOCABULARIES } from '../harness/data-sets.js';
import { markdownTable } from '../harness/markdown-table.js';
import { cacheFolder, dataFile } from '../harness/places.js';
import { ResultLines, round, thisMachine } from '../harness/result-lines.js';
import { SPLIT_SETS } from '../harness/split-sets.js';

const { values } = parseArgs({
  options: {
    set: { type: 'string', default: 'fao780-agrovoc' },
    model: { type: 'string' },
    endpoint: { type: 'string' },
    modes: { type: 'string', default: 'grades,yes-no' },
    /** Further parameters of `llm`, as YAML writes them between braces. */
    settings: { type: 'string', default: 'candidates: 10, examples: 0, text_characters: 1000' },
    test: { type: 'string', default: '100' },
    /** Documents that weights are learnt from; 0 for none. */
    validate: { type: 'string', default: '100' },
  },
});
const set = SPLIT_SETS.find(({ name }) => name === values.set);
if (!set) throw new RangeError(`there is no set ${values.set}`);
if (!values.model)
  throw new RangeError('Name a model: --model gguf:/srv/models/small.gguf, or --endpoint URL --model NAME');
const vocabulary = dataFile(VOCABULARIES[set.vocabulary] ?? '');
if (!vocabulary) throw new RangeError(`the vocabulary of ${set.name} is not there`);

const modes = values.modes.split(',');
const folder = cacheFolder('real-model', set.name);
mkdirSync(folder, { recursive: true });
const service = `model: "${values.model}"${values.endpoint ? `, endpoint: "${values.endpoint}"` : ''}, timeout: 600, document_seconds: 3600`;
writeFileSync(
  join(folder, 'projects.yaml'),
  `defaults: { language: ${set.language}, vocab: ${set.vocabulary}, analyzer: snowball(${set.snowball}) }
projects:
  labels: { backend: mllm }
  records: { backend: knn, min_df: ${set.minDf} }
  base: { backend: ensemble, sources: "labels,records" }
${modes.map((mode) => `  ${mode}: { backend: llm, mode: ${mode}, sources: base, ${service}, ${values.settings} }`).join('\n')}
`,
);
const registry = await Registry.open({
  projects: join(folder, 'projects.yaml'),
  dataDir: join(folder, 'data'),
  env: process.env,
});
await registry.vocabularyStore.update(set.vocabulary, vocabulary);
for (const [id, most] of [
  ['labels', set.nLexical],
  ['records', 0],
] as const) {
  const project = registry.project(id);
  if (!project.isTrained()) await project.train(await corpusOf(project, set.train, most || Number.POSITIVE_INFINITY));
}

const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
const results = new ResultLines<object>(join(cacheFolder('results'), `llm-real-model-${stamp}.jsonl`));
results.add({ machine: thisMachine(), set: set.name, model: values.model, settings: values.settings });
const base = registry.project('base');
const test = await corpusOf(base, (set.tests[0] as { file: string }).file, Number(values.test));
const validate = await corpusOf(base, set.validate, Number(values.validate));
const options = { limit: 10, threshold: 0, nJobs: 1 };
const sources = (await base.evaluate(test, options)).further.ndcgAt10 as number;

const rows: string[][] = [];
for (const mode of modes) {
  // Before it is trained it has a fixed weight; answers are kept, so what is asked again then costs nothing.
  rmSync(join(folder, 'data/projects', mode, 'manifest.json'), { force: true });
  const project = registry.project(mode);
  const { further, nDocs } = await project.evaluate(test, options);
  const fixed = further.ndcgAt10 as number;
  const { calls = 0, cached = 0, promptTokens = 0, answerTokens = 0, seconds = 0 } = project.usage ?? {};
  // Where some answers were at hand from an interrupted run, costs are those of the others.
  const aDocument = (sum: number) => (sum / calls) * ((calls + cached) / nDocs);
  const costs = { seconds: aDocument(seconds), tokens: aDocument(promptTokens + answerTokens), calls, cached };
  results.add({ mode, nDocs, sources, fixed, ...costs });
  const row = [set.name, mode, String(nDocs), sources.toFixed(4), gain(fixed)];
  if (Number(values.validate) > 0) {
    const report = await project.train(validate, { nJobs: 1 });
    const learnt = (await project.evaluate(test, options)).further.ndcgAt10 as number;
    const share = Number(report.details.share ?? 0);
    results.add({ mode, nDocs, sources, fixed, learnt, share, ...costs, details: report.details });
    row.push(gain(learnt), String(share));
  } else row.push('–', '–');
  rows.push([...row, String(round(costs.seconds, 1)), String(Math.round(costs.tokens))]);
}
const header = ['set', 'mode', 'documents', 'sources', 'fixed weight', 'learnt', 'share', 's a document', 'tokens'];
console.log(`\n${markdownTable(header, rows)}`);

function gain(value: number): string {
  return `${value.toFixed(4)} (${value >= sources ? '+' : ''}${(value - sources).toFixed(4)})`;
}

async function corpusOf(project: Project, file: string, most: number): Promise<Corpus> {
  const path = dataFile(file);
  if (!path) throw new RangeError(`${file} is not there`);
  const opened = await project.vocabulary();
  const corpus = openCorpus([path], {
    subjects: opened.vocabulary,
    language: opened.language,
    requireSubjects: true,
  });
  return {
    name: file,
    async *documents(): AsyncGenerator<Document> {
      let n = 0;
      for await (const doc of corpus.documents()) {
        if (n++ >= most) return;
        yield doc;
      }
    },
  };
}
