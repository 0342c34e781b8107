// What does an evaluation cost beyond the suggestions: its counts, and its bootstrap intervals?
import { SuggestionBatchBuilder } from '@catchword/core';
import { Evaluator } from '@catchword/evaluation';
import { Random } from '@catchword/math';
import { round } from '../harness/result-lines.js';
import { runVariants, timed } from '../harness/variants.js';

const N_SUBJECTS = 50_000;
const N_SUGGESTIONS = 20;
const BATCH = 1000;

async function measure(nDocs: number) {
  const random = new Random(1);
  const trainFrequency = Uint32Array.from({ length: N_SUBJECTS }, () => Math.floor(300 * random.uniform() ** 4));
  const evaluator = new Evaluator({ nSubjects: N_SUBJECTS, limit: 10, trainFrequency });
  let counting = 0;
  for (let done = 0; done < nDocs; done += BATCH) {
    const builder = new SuggestionBatchBuilder(N_SUBJECTS);
    const gold: number[][] = [];
    for (let d = 0; d < BATCH; d++) {
      // The first suggestions are right now and then, as in life.
      const first = random.below(N_SUBJECTS - N_SUGGESTIONS);
      for (let k = 0; k < N_SUGGESTIONS; k++) builder.push(first + k, 1 / (k + 1));
      builder.endRow();
      gold.push(
        [first + random.below(40), first + random.below(40), random.below(N_SUBJECTS)].map((s) => s % N_SUBJECTS),
      );
    }
    const batch = builder.build();
    counting += (await timed(() => evaluator.add(batch, gold))).seconds;
  }
  const { result, seconds } = await timed(() => evaluator.finish());
  return {
    documents: result.nDocs,
    ndcgAt10: round(result.further.ndcgAt10 ?? 0, 4),
    docsPerSecond: round(nDocs / counting, 0),
    intervalsMs: round(seconds * 1000, 0),
  };
}

await runVariants(import.meta.url, {
  '1,000 documents': () => measure(1000),
  '10,000 documents': () => measure(10_000),
  '100,000 documents': () => measure(100_000),
});
