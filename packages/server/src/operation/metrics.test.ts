import { expect, test } from 'vitest';
import { Metrics } from './metrics.js';

test('Metrics count what language models were asked, by project', async () => {
  const metrics = new Metrics(() => 0);
  const work = { key: 'read-en#1', nDocs: 2, waitedMs: 1, workedMs: 1 };
  metrics.onWork(work);
  const usage = { calls: 2, cached: 1, promptTokens: 500, answerTokens: 20, seconds: 1 };
  metrics.onWork({ ...work, usage });
  metrics.onWork({ ...work, usage });
  const figures = await metrics.text();
  for (const line of [
    'catchword_llm_requests_total{project="read-en",outcome="sent"} 4',
    'catchword_llm_requests_total{project="read-en",outcome="kept"} 2',
    'catchword_llm_tokens_total{project="read-en",kind="prompt"} 1000',
    'catchword_llm_tokens_total{project="read-en",kind="answer"} 40',
    'catchword_documents_total{project="read-en",outcome="answered"} 6',
  ]) {
    expect(figures).toContain(line);
  }
});
