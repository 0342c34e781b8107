import { ConfigurationError, NO_TERM } from '@catchword/core';
import { describe, expect, test } from 'vitest';
import { createAnalyzer } from './analyzer.js';

describe('createAnalyzer', () => {
  test('simple keeps positions of the original text', async () => {
    const analyzer = await createAnalyzer('simple', { language: 'en' });
    const { nTokens, surfaces, terms, starts, ends } = analyzer.analyze('An E-mail');
    expect(nTokens).toBe(2);
    expect([starts[1], ends[1]]).toEqual([3, 9]);
    expect(analyzer.surface(surfaces[1])).toBe('e-mail');
    expect(terms[0]).toBe(NO_TERM);
    expect(analyzer.term(terms[1])).toBe('email');
  });

  test('snowball stems', async () => {
    const analyzer = await createAnalyzer('snowball(finnish)', { language: 'fi' });
    expect(analyzer.terms('Kirjastoissa')).toEqual(['kirjasto']);
  });

  test('an unknown analyzer is a configuration error that says what was meant', async () => {
    await expect(createAnalyzer('snowbal(finnish)', { language: 'fi' })).rejects.toThrow(ConfigurationError);
    await expect(createAnalyzer('snowbal(finnish)', { language: 'fi' })).rejects.toThrow('did you mean "snowball"?');
  });
});
