import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { IndexingError, type Vocabulary } from '@catchword/core';
import type { Project } from '@catchword/project';
import { Journal } from '@catchword/storage';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';
import { PROJECT_ID } from '../schemas/annif.js';
import { FEEDBACK, FEEDBACK_KEPT, FEEDBACK_PAGE, FEEDBACK_QUERY } from '../schemas/feedback.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

interface Decision {
  readonly uri: string;
  readonly action: 'accepted' | 'rejected' | 'added';
  readonly reason?: string;
  readonly score?: number;
  readonly rank?: number;
}

interface FeedbackBody {
  readonly document_id?: string;
  readonly text?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly model?: string;
  readonly creator?: string;
  readonly decisions: readonly Decision[];
}

/** What is kept: a document of a corpus, as `catchword train` reads it where it has a text, and the decisions behind it. */
interface KeptFeedback extends FeedbackBody {
  readonly feedback_id: string;
  readonly created: string;
  readonly subjects: readonly { readonly uri: string; readonly label?: string }[];
}

/** What cataloguers decided about suggestions: taken into a journal, and given back to whoever evaluates it. */
export function addFeedbackRoutes(app: FastifyInstance, context: RouteContext): void {
  const { projects, metrics } = context;
  const journals = new Map<string, Journal>();
  const journalOf = (projectId: string): Journal => {
    const journal = journals.get(projectId) ?? new Journal(join(projects.registry.dataDir, 'feedback', projectId));
    journals.set(projectId, journal);
    return journal;
  };

  app.post<{ Params: { project_id: string }; Body: FeedbackBody }>(
    '/v1/projects/:project_id/feedback',
    {
      config: { scope: 'learn', changes: true },
      schema: {
        operationId: 'giveFeedback',
        summary: 'Keep which suggestions were accepted or rejected, and what was missing',
        tags: ['Feedback'],
        params: PROJECT_ID,
        body: { content: { 'application/json': { schema: FEEDBACK } } },
        response: {
          201: { description: 'It is on the disk.', ...FEEDBACK_KEPT },
          ...problemAnswers(400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const project = projects.project(request.params.project_id);
      const { vocabulary, language } = await projects.projectVocabulary(project.id);
      const { decisions, ...rest } = request.body;
      checkDecisions(decisions, vocabulary);
      const time = new Date();
      const subjects = decisions
        .filter(({ action }) => action !== 'rejected')
        .map(({ uri }) => {
          const label = vocabulary.label(vocabulary.idOfUri(uri), language);
          return label === undefined ? { uri } : { uri, label };
        });
      const kept: KeptFeedback = {
        feedback_id: randomUUID(),
        created: time.toISOString(),
        ...rest,
        subjects,
        decisions,
      };
      await journalOf(project.id).append(kept, time);
      for (const { action } of decisions) metrics.onFeedback(project.id, action, 1);
      const learnt = await learnFrom(context, project, kept, vocabulary);
      return reply.code(201).send({ feedback_id: kept.feedback_id, created: kept.created, learnt });
    },
  );

  app.get<{ Params: { project_id: string }; Querystring: { after: string; limit: number } }>(
    '/v1/projects/:project_id/feedback',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'getFeedback',
        summary: 'What was kept, the oldest first',
        tags: ['Feedback'],
        params: PROJECT_ID,
        querystring: FEEDBACK_QUERY,
        response: {
          200: { description: 'A page of it.', ...FEEDBACK_PAGE },
          ...problemAnswers(400, 401, 403, 404, 405, 429, 500, 503),
        },
      },
    },
    async ({ params, query }) => {
      const project = projects.project(params.project_id);
      const feedback: KeptFeedback[] = [];
      let next: string | null = null;
      for await (const { value, cursor } of journalOf(project.id).read(query.after)) {
        feedback.push(value as KeptFeedback);
        next = cursor;
        if (feedback.length === query.limit) return { feedback, next };
      }
      return { feedback, next: null };
    },
  );
}

/** @returns whether the project has learnt from it: where it may and can, and there are a text and subjects */
async function learnFrom(
  { projects, warn }: RouteContext,
  project: Project,
  { text = '', metadata, document_id, subjects }: KeptFeedback,
  vocabulary: Vocabulary,
): Promise<boolean> {
  if (!project.config.allowLearn) return false;
  const doc = {
    text,
    subjects: subjects.map(({ uri }) => vocabulary.idOfUri(uri)),
    ...(metadata ? { metadata } : undefined),
    ...(document_id === undefined ? undefined : { documentId: document_id }),
  };
  try {
    return (await projects.learn(project.id, [doc])) > 0;
  } catch (error) {
    // The feedback is kept, which is what was asked for: whoever gave it is not to give it again.
    if (!IndexingError.is(error)) throw error;
    warn(`project ${project.id} has not learnt from feedback that is kept: ${error.message}`);
    return false;
  }
}

/** @throws {Problem} 400, naming each decision about what is no concept of the vocabulary, or a second one about the same */
function checkDecisions(decisions: readonly Decision[], vocabulary: Vocabulary): void {
  const seen = new Set<string>();
  const errors = decisions.flatMap(({ uri }, i) => {
    const field = `decisions/${i}/uri`;
    if (vocabulary.idOfUri(uri) < 0) return [{ field, message: 'the vocabulary has no concept with this URI' }];
    if (seen.has(uri)) return [{ field, message: 'there is a decision about it already' }];
    seen.add(uri);
    return [];
  });
  if (errors.length > 0) throw new Problem(400, 'There are decisions that cannot be kept', { errors });
}
