import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAnalyzer, createTransform, splitSentences } from './index.js';

test('the example of the README', async () => {
  const lines: string[] = [];
  const analyzer = await createAnalyzer('snowball(english)', { language: 'en' });
  const text = 'Dr. Miller studied land-use and e-mail. She left.';
  const { nTokens, surfaces, terms, starts, ends } = analyzer.analyze(text);
  for (let i = 0; i < nTokens; i++) {
    const term = terms[i] === 0 ? '' : analyzer.term(terms[i]);
    lines.push([text.slice(starts[i], ends[i]), analyzer.surface(surfaces[i]), term].join(' | '));
  }
  const limit = await createTransform('limit(10)', { language: 'en' });
  lines.push(JSON.stringify(splitSentences(text, 'en')), limit.apply(text, undefined));
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(lines.join('\n'));
});
