import type { UploadedFile } from '@catchword/corpus';
import type { FastifyInstance } from 'fastify';
import { requestSignal } from '../operation/request-signal.js';
import type { TextExtraction } from '../operation/text-extraction.js';
import { PROJECT_ID } from '../schemas/annif.js';
import { EXTRACTED_TEXT, FILE_FORM, FILE_SUGGESTIONS, SUGGEST_FILE_FORM } from '../schemas/files.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';
import { type SuggestQuery, suggestDocuments } from './suggest-documents.js';
import { MODEL_HEADER, withModel } from './with-model.js';

const PROBLEMS = problemAnswers(400, 401, 403, 404, 405, 406, 408, 413, 415, 422, 429, 500, 503);

/** Files: their text, and suggestions for it. */
export function addFileRoutes(app: FastifyInstance, context: RouteContext, extraction: TextExtraction): void {
  app.post<{ Body: { file: UploadedFile } }>(
    '/v1/extract-text',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'extractText',
        summary: 'Get the text of a file',
        tags: ['Files'],
        body: { content: { 'multipart/form-data': { schema: FILE_FORM } } },
        response: { 200: { description: 'The text.', ...EXTRACTED_TEXT }, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const extracted = await extraction.extract(request.body.file, requestSignal(reply));
      return { ...extracted, characters: extracted.text.length };
    },
  );

  app.post<{ Params: { project_id: string }; Body: SuggestQuery & { file: UploadedFile } }>(
    '/v1/projects/:project_id/suggest-file',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'suggestFile',
        summary: 'Suggest subjects for a file',
        tags: ['Files'],
        params: PROJECT_ID,
        body: { content: { 'multipart/form-data': { schema: SUGGEST_FILE_FORM } } },
        response: {
          200: {
            description: 'Suggestions, the best first.',
            headers: MODEL_HEADER,
            content: { 'application/json': { schema: FILE_SUGGESTIONS } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { file, ...query } = request.body;
      const signal = requestSignal(reply);
      return withModel(context, request.params.project_id, 1, reply, async (model, version) => {
        const { text, format, warnings } = await extraction.extract(file, signal);
        const [answer] = await suggestDocuments(model, [{ text }], query, signal);
        return { ...answer, model: version, file: { format, warnings, characters: text.length } };
      });
    },
  );
}
