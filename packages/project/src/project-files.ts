import { join } from 'node:path';
import type { ModelData } from '@catchword/core';
import { packArrays } from '@catchword/math';
import { asksServices, showsConcepts } from './backend-types.js';
import type { LearntMark } from './learning/learnt-mark.js';
import type { TrainedOn } from './learning/trained-since.js';
import type { Project, ProjectServices, ProjectVocabulary } from './project.js';
import { type ProjectModel, readProjectModel } from './project-model.js';
import { readSources } from './read-sources.js';
import type { SuggesterParts } from './suggester.js';
import type { SourceParts } from './suggester-source.js';

/** All that a project suggests with, as its files were when it was read. */
export interface ProjectFiles {
  /** Absent where an ensemble has no model of its own. */
  readonly model: ProjectModel | undefined;
  readonly parts: SuggesterParts;
  readonly vocabulary: ProjectVocabulary;
  /** Shape (nSubjects): training documents of each subject; of an ensemble, of the source that has most. */
  readonly trainFrequency: Uint32Array;
  readonly nTrainDocs: number;
  /** Another one after each training. */
  readonly modelId: string;
  /** What was learnt since. */
  readonly learnt: LearntMark;
}

/** @returns what a model of records was trained on; undefined for an ensemble, which hands records to its sources whatever it was trained on */
export function trainedOn({ model, parts }: Pick<ProjectFiles, 'model' | 'parts'>): TrainedOn | undefined {
  if (!model || parts.sources.length > 0) return undefined;
  return { created: model.created, documents: model.trainDocuments, records: model.trainRecords };
}

/** Reads what a project suggests with. */
export class ProjectFileReader {
  private readonly project: Project;
  private readonly services: ProjectServices;
  private readonly sharedState: SharedArrayBuffer;

  /** @param sharedState of a backend that asks services: what all threads of this process know of them */
  constructor(project: Project, services: ProjectServices, sharedState: SharedArrayBuffer) {
    this.project = project;
    this.services = services;
    this.sharedState = sharedState;
  }

  /** Reads model and vocabulary as they were trained, without what was learnt since; of sources with it. */
  async trained(): Promise<ProjectFiles> {
    const { project, services } = this;
    const { id, config, backend } = project;
    const ownModel = project.hasOwnModel;
    if (ownModel && !project.isTrained()) throw project.notTrained();
    const projectVocabulary = await project.vocabulary();
    const { vocabulary } = projectVocabulary;
    const settings = { projectId: id, backend, analyzer: project.analyzer, stored: projectVocabulary };
    const model = ownModel
      ? await readProjectModel(project.folder, settings, services.onWarning, services.buffers)
      : undefined;
    const sources = await readSources(config.sources, vocabulary, services, 'leave out');
    const read = model && {
      data: model.data,
      trainFrequency: model.trainFrequency,
      nTrainDocs: model.record.report.nDocuments,
      trainDocuments: model.trainDocuments,
    };
    return { model, ...(await this.of(read, projectVocabulary, sources, model?.sha256 ?? '')) };
  }

  /** @param learnt the model; undefined for an ensemble without one
   * @returns what a project suggests with that has learnt this */
  async of(
    learnt:
      | {
          readonly data: ModelData;
          readonly trainFrequency: Uint32Array;
          readonly nTrainDocs: number;
          readonly trainDocuments?: Float64Array;
        }
      | undefined,
    projectVocabulary: ProjectVocabulary,
    sources: readonly SourceParts[],
    sha256: string,
  ): Promise<Omit<ProjectFiles, 'model'>> {
    const { project, services, sharedState } = this;
    const { config, backend } = project;
    const { vocabulary, allowed, nAllowed } = projectVocabulary;
    const nDisallowed = vocabulary.nSubjects - nAllowed;
    const trainFrequency = new Uint32Array(new SharedArrayBuffer(4 * vocabulary.nSubjects));
    const definitions = showsConcepts(backend) ? await projectVocabulary.definitions() : undefined;
    const parts: SuggesterParts = {
      projectId: project.id,
      language: config.language,
      backend,
      backendModules: services.backendModules,
      params: project.params,
      analyzer: project.analyzer,
      transform: config.transform,
      vocabulary: vocabulary.toModelData(),
      ...(definitions ? { definitions: definitions.toModelData() } : undefined),
      model: learnt?.data ?? { meta: {}, pack: packArrays({}) },
      allowed: nDisallowed > 0 ? allowed : undefined,
      nDisallowed,
      sources,
      trainFrequency,
      learnt: { records: [], known: undefined },
      ...(asksServices(backend) ? { answersFolder: join(project.folder, 'answers'), sharedState } : undefined),
    };
    if (sources.length === 0) trainFrequency.set(learnt?.trainFrequency ?? []);
    for (const source of sources) {
      source.trainFrequency.forEach((n, id) => {
        if (n > (trainFrequency[id] as number)) trainFrequency[id] = n;
      });
    }
    return {
      parts,
      vocabulary: projectVocabulary,
      trainFrequency,
      nTrainDocs: sources.length === 0 ? (learnt?.nTrainDocs ?? 0) : Math.max(...sources.map((s) => s.nTrainDocs)),
      modelId: [sha256, ...sources.map((source) => source.modelId)].join(' ').trim(),
      learnt: {
        key: sources
          .map((source) => source.learntKey)
          .join(' ')
          .trim(),
        n: 0,
        hashes: new Set(),
        known: [...(learnt?.trainDocuments ? [learnt.trainDocuments] : []), ...sources.flatMap(({ known }) => known)],
      },
    };
  }
}
