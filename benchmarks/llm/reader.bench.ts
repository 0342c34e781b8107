// Can a language model's answers do harm, what are opinions of known quality worth, and what does reading cost besides the model?
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownTable } from '../harness/markdown-table.js';
import { cacheFolder } from '../harness/places.js';
import { ResultLines, round, thisMachine } from '../harness/result-lines.js';
import { SPLIT_SETS } from '../harness/split-sets.js';
import { Skipped } from '../harness/variants.js';
import { fuzz } from './fuzzed-answers.js';
import { GRADERS, GradedSet, type GraderFigures } from './simulated-graders.js';

const { values } = parseArgs({
  options: {
    answers: { type: 'string', default: '100000' },
    sets: { type: 'string', default: 'stw-economics,kirjastonhoitaja,tibkat-gnd-de' },
    graders: { type: 'string', default: Object.keys(GRADERS).join(',') },
    fusion: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});
const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
const results = new ResultLines<object>(join(cacheFolder('results'), `llm-reader-${stamp}.jsonl`));
results.add({ machine: thisMachine() });

const nAnswers = Number(values.answers);
if (nAnswers > 0) {
  const figures = await fuzz(nAnswers, Number(values.seed));
  results.add({ kind: 'fuzz', ...figures });
  if (figures.foreignSubjects > 0 || figures.changedRows > 0) process.exitCode = 1;
}

const graded: GraderFigures[] = [];
const overheads: string[][] = [];
for (const name of values.sets.split(',').filter((each) => each !== '')) {
  const set = SPLIT_SETS.find((each) => each.name === name);
  if (!set) throw new RangeError(`there is no set ${name}`);
  try {
    const open = await GradedSet.open(set);
    for (const grader of values.graders.split(',').filter((each) => each !== '')) {
      if (values.fusion) {
        results.add({ kind: 'fusion', ...(await open.measureFusion(grader)) });
        continue;
      }
      const figures = await open.measure(grader);
      results.add({ kind: 'grader', ...figures });
      graded.push(figures);
    }
    const overhead = await open.overhead(200);
    results.add({ kind: 'overhead', set: name, ...overhead });
    const { sources, asked, exchange } = overhead;
    overheads.push([name, ...[sources, asked - sources - exchange, exchange].map((ms) => String(round(ms, 2)))]);
    await open.close();
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    console.error(`${name}: skipped, ${error.message}`);
  }
}
const gain = (value: number, base: number) =>
  `${value.toFixed(4)} (${value >= base ? '+' : ''}${(value - base).toFixed(4)})`;
const rows = graded.map(({ set, grader, sources, fixed, learnt, share }) => [
  ...[set, grader, sources.toFixed(4), gain(fixed, sources), gain(learnt, sources), String(share)],
]);
console.log(`\n${markdownTable(['set', 'grader', 'sources', 'fixed weight', 'learnt', 'share'], rows)}`);
console.log(`\n${markdownTable(['set', 'sources', 'reading', 'bare exchange'], overheads)}`);
