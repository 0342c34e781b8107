import type { FastifyReply } from 'fastify';
import type { ServedModel } from '../models/served-model.js';
import type { RouteContext } from './route-context.js';

/** What an answer says of where it comes from, for schemas. */
export const MODEL_HEADER = {
  'Catchword-Model': { type: 'string', description: 'The version of model and vocabulary that the answer comes from.' },
} as const;

/**
 * Works on a request with the newest version of a project's model, which stays open until the work is done, and names it in
 * the answer.
 *
 * @param nDocs documents of the request, for the figures
 * @param work gets the name as well: a model that learns meanwhile has another one at the end
 * @throws as `ServedProjects.model` and the work
 */
export async function withModel<T>(
  { projects, metrics }: RouteContext,
  projectId: string,
  nDocs: number,
  reply: FastifyReply,
  work: (model: ServedModel, version: string) => Promise<T>,
): Promise<T> {
  const model = await projects.model(projectId);
  const { version } = model;
  reply.header('Catchword-Model', `${model.projectId}@${version}`);
  try {
    return await model.using(() => work(model, version));
  } catch (error) {
    metrics.onDocumentsFailed(projectId, nDocs);
    throw error;
  }
}
