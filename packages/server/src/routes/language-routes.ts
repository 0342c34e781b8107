import { IndexingError } from '@catchword/core';
import { detectLanguage } from '@catchword/text';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';
import { DETECT_LANGUAGE, DETECTED_LANGUAGES } from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';

/** `detect-language`. */
export function addLanguageRoutes(app: FastifyInstance): void {
  app.post<{ Body: { text: string; languages: string[] } }>(
    '/v1/detect-language',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'detectLanguage',
        summary: 'Tell in which of several languages a text is',
        tags: ['Annif'],
        body: { content: { 'application/json': { schema: DETECT_LANGUAGE } } },
        response: {
          200: { description: 'The languages, the likeliest first.', ...DETECTED_LANGUAGES },
          ...problemAnswers(400, 401, 403, 405, 408, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request) => {
      const { text, languages } = request.body;
      try {
        const found = await detectLanguage(text, [...new Set(languages)]);
        const none = found.length === 0 ? languages.map((language) => ({ language, score: 0 })) : found;
        // As in Annif, null stands for the share that is in none of them.
        const unknown = { language: null, score: Math.max(0, 1 - none.reduce((sum, { score }) => sum + score, 0)) };
        return { results: [...none, unknown].sort((a, b) => b.score - a.score) };
      } catch (error) {
        if (!IndexingError.is(error) || error.code !== 'usage-invalid') throw error;
        throw new Problem(400, 'unsupported candidate languages', {
          hint: error.hint,
          errors: [{ field: 'languages', message: error.message }],
          cause: error,
        });
      }
    },
  );
}
