import { IndexingError } from '@catchword/core';
import { type Project, projectFacts } from '@catchword/project';
import type { FastifyInstance } from 'fastify';
import { languagesOf } from '../models/vocabulary-languages.js';
import { API_INFO, PROJECT, PROJECT_ID, PROJECTS, VOCABS } from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

/** What there is: `/v1/`, `/v1/projects`, `/v1/projects/{id}`, `/v1/vocabs`. */
export function addProjectRoutes(app: FastifyInstance, context: RouteContext): void {
  const { projects, version } = context;
  const common = problemAnswers(401, 403, 405, 429, 500, 503);

  app.get('/', { schema: { hide: true } }, async (_, reply) => reply.redirect('/v1/ui/'));

  app.get(
    '/v1/',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getApiInfo',
        summary: 'Name and version of the API',
        tags: ['Annif'],
        response: { 200: { description: 'Name and version.', ...API_INFO }, ...common },
      },
    },
    // Annif's clients may look for its title.
    async () => ({ title: 'Annif REST API', version, program: 'catchword' }),
  );

  app.get(
    '/v1/projects',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getProjects',
        summary: 'The projects that are open to everybody',
        tags: ['Annif'],
        response: { 200: { description: 'The public projects.', ...PROJECTS }, ...common },
      },
    },
    async () => ({ projects: projects.listed().map(describe) }),
  );

  app.get<{ Params: { project_id: string } }>(
    '/v1/projects/:project_id',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getProject',
        summary: 'One project, hidden ones included',
        tags: ['Annif'],
        params: PROJECT_ID,
        response: { 200: { description: 'The project.', ...PROJECT }, ...common, ...problemAnswers(404) },
      },
    },
    async (request) => describe(projects.project(request.params.project_id)),
  );

  app.get(
    '/v1/vocabs',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getVocabs',
        summary: 'The vocabularies of the public projects',
        tags: ['Annif'],
        response: { 200: { description: 'The vocabularies.', ...VOCABS }, ...common },
      },
    },
    async () => {
      const ids = new Set(projects.listed().flatMap(({ config }) => (config.vocab ? [config.vocab.id] : [])));
      return { vocabs: await Promise.all([...ids].map((id) => describeVocabulary(id, context))) };
    },
  );
}

function describe(project: Project) {
  return { ...projectFacts(project), allow_learn: project.config.allowLearn };
}

async function describeVocabulary(id: string, { projects, warn }: RouteContext) {
  try {
    const { vocabulary } = await projects.vocabulary(id);
    return { vocab_id: id, languages: languagesOf(vocabulary), size: vocabulary.nSubjects, loaded: true };
  } catch (error) {
    if (!IndexingError.is(error)) throw error;
    if (error.code !== 'vocabulary-not-found') warn(error.message);
    return { vocab_id: id, languages: [], size: null, loaded: false };
  }
}
