import { backendConformance, LlmServer, simulatedGrader, worldCase } from '@catchword/testing';
import { afterAll, beforeAll } from 'vitest';
import { llm, llmEnsemble } from './backend.js';
import { gradingScript } from './reader.test.fixture.js';

let server: LlmServer;

beforeAll(async () => {
  server = await LlmServer.start(gradingScript(simulatedGrader(0.75, 1)));
});
afterAll(() => server.close());

backendConformance('llm', () =>
  worldCase(
    llm,
    { endpoint: server.url, model: 'small' },
    {
      mode: 'guess',
      candidates: 31,
      examples: -1,
      weight: 2,
      endpoint: 'http://169.254.169.254/v1',
      key_env: 'sk-secret key',
      timeout: 0,
      concurrency: 0,
      format: 'xml',
      ask_share: 1.5,
    },
  ),
);

backendConformance('llm_ensemble', () =>
  worldCase(
    llmEnsemble,
    { api_base_url: server.url, model: 'small', llm_weight: 0.2 },
    { api_base_url: 'ftp://example.org', sources_limit: 0, llm_weight: -1, llm_exponent: 0, max_prompt_tokens: -5 },
  ),
);
