import type { Document } from '@catchword/core';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';
import { INDEXED_DOCUMENTS, PROJECT_ID } from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

interface IndexedDocument {
  readonly text: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly subjects: readonly { readonly uri: string }[];
}

/** What an answer without a body says of what was learnt: Annif drops in silence what it cannot learn, and its clients expect 204. */
const LEARNT_HEADERS = {
  'Catchword-Learnt': { type: 'integer', minimum: 0, description: 'How many of the documents were learnt.' },
  'Catchword-Warning': {
    type: 'string',
    description:
      'Why documents were not learnt, and how many URIs mean no subject that the project may suggest; absent where all is well.',
  },
} as const;
/** Characters of a URI that a header names. */
const URI_CHARACTERS = 200;

/** `learn`: documents that people have indexed, for backends that can take them in. */
export function addLearnRoutes(app: FastifyInstance, { projects }: RouteContext): void {
  app.post<{ Params: { project_id: string }; Body: readonly IndexedDocument[] }>(
    '/v1/projects/:project_id/learn',
    {
      config: { scope: 'learn', changes: true },
      schema: {
        operationId: 'learn',
        summary: 'Learn from documents that people have indexed',
        tags: ['Annif'],
        params: PROJECT_ID,
        body: { content: { 'application/json': { schema: INDEXED_DOCUMENTS } } },
        response: {
          204: {
            description: 'They were learnt from, as far as they could be.',
            headers: LEARNT_HEADERS,
            type: 'null',
          },
          ...problemAnswers(400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const project = projects.project(request.params.project_id);
      if (!project.config.allowLearn) {
        throw new Problem(403, `Learning not allowed for project '${project.id}'`, {
          title: 'Learning not allowed',
          hint: 'Whoever runs the server allows it with allow_learn in the configuration of the project.',
        });
      }
      const { vocabulary, allowed } = await projects.projectVocabulary(project.id);
      const isUsable = (uri: string) => allowed[vocabulary.idOfUri(uri)] === 1;
      const docs = request.body.map(({ text, metadata, subjects }): Document => {
        const ids = new Set(subjects.map(({ uri }) => vocabulary.idOfUri(uri)));
        ids.delete(-1); // as in Annif, concepts that the vocabulary has not are passed over
        return { text, subjects: [...ids], ...(metadata ? { metadata } : undefined) };
      });
      const nLearnt = await projects.learn(project.id, docs);
      const unusable = request.body
        .flatMap(({ subjects }) => subjects.map(({ uri }) => uri))
        .filter((uri) => !isUsable(uri));
      const warning = warningOf(docs, nLearnt, unusable);
      reply.header('Catchword-Learnt', nLearnt);
      if (warning !== '') reply.header('Catchword-Warning', warning);
      return reply.code(204).send();
    },
  );
}

/**
 * @param unusable URIs that mean no subject that the project may suggest
 * @returns in ASCII what was left out, and why; empty for nothing
 */
function warningOf(docs: readonly Document[], nLearnt: number, unusable: readonly string[]): string {
  const parts: string[] = [];
  const nWithoutText = docs.filter(({ text }) => text.trim() === '').length;
  const nWithoutSubject = docs.length - nLearnt - nWithoutText;
  if (nWithoutText > 0) parts.push(`${nWithoutText} of ${docs.length} documents have no text`);
  if (nWithoutSubject > 0) {
    parts.push(`${nWithoutSubject} of ${docs.length} documents have no subject that the project may suggest`);
  }
  const [first] = unusable;
  if (first !== undefined) {
    const shown = first.slice(0, URI_CHARACTERS).replace(/[^\x21-\x7e]/gu, (character) => encoded(character));
    parts.push(`${unusable.length} URIs mean no such subject, the first is ${shown}`);
  }
  return parts.join('; ');
}

/** Half a pair of surrogates has no code in UTF-8. */
function encoded(character: string): string {
  return encodeURIComponent(Buffer.from(character).toString());
}
