import { backendConformance, LlmServer } from '@catchword/testing';
import { afterAll } from 'vitest';
import { copyingScript, keywordCase } from './keywords.test.fixture.js';

const server = await LlmServer.start(copyingScript);
afterAll(() => server.close());

for (const language of ['en', 'de']) {
  backendConformance(`llm_keywords in ${language}`, () => keywordCase(server.url, language));
}
backendConformance('llm_keywords with a fixed rule', () => keywordCase(server.url, 'en', { trees: 0 }));
