import { createHash } from 'node:crypto';
import { OperationError } from '@catchword/core';
import { type Project, type ProjectSnapshot, type SuggestionFilter, snapshotVersion } from '@catchword/project';
import type { Job, JobPlan } from './job.js';

/** What a project's suggestions depend on, as it is now. */
export interface ProjectState {
  /** Of the model, its vocabulary and what it has learnt. */
  readonly modelVersion: string;
  /** A checksum of the settings. */
  readonly settings: string;
}

/**
 * @param files those that were read already; absent: those that the project suggests with
 * @throws as `Project.suggest` where there is no model
 */
export async function projectState(project: Project, files_?: ProjectSnapshot): Promise<ProjectState> {
  const files = files_ ?? (await project.opened()).files;
  const { limit, vocab } = project.config;
  const settings = JSON.stringify([await project.trainingSettings(), limit, vocab]);
  return {
    modelVersion: snapshotVersion(files),
    settings: createHash('sha256').update(settings).digest('hex').slice(0, 16),
  };
}

/** @returns how many suggestions a plan wants, under the limit of the project's configuration */
export function suggestionFilter({ limit, threshold }: JobPlan, { config }: Project): SuggestionFilter {
  const { limit: atMost = Number.POSITIVE_INFINITY } = config;
  if (limit !== 'auto') return { limit: Math.min(limit, atMost), threshold };
  return Number.isFinite(atMost) ? { limit, threshold, atMost } : { limit, threshold };
}

/**
 * Makes sure that a job goes on with what it began with: results of two models in one file would belong to neither.
 *
 * @throws {OperationError} `job-changed`
 */
export function checkProjectState(job: Job, now: ProjectState): void {
  const { id, plan, modelVersion, settings } = job;
  if (now.modelVersion === modelVersion && now.settings === settings) return;
  const what =
    now.settings !== settings
      ? `the settings of project "${plan.projectId}" changed`
      : `project "${plan.projectId}" was trained or has learnt (model ${modelVersion} then, ${now.modelVersion} now)`;
  throw new OperationError('job-changed', `Cannot go on with job ${id}: ${what} since it began`, {
    hint: `Begin anew: catchword jobs resume ${id} --restart — or go on with the new model for the documents that are left: --with-new-model`,
    context: { job: id, modelVersion, now: now.modelVersion },
  });
}
