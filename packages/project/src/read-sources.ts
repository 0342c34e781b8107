import { ConfigurationError, IndexingError, OperationError, type Vocabulary } from '@catchword/core';
import type { SourceSpec } from './config/index.js';
import type { ProjectServices } from './project.js';
import { type ProjectFiles, trainedOn } from './project-files.js';
import { NO_SUBJECT, type SourceParts } from './suggester-source.js';

/** Annif's own: a source without a limit of its own gives at most so many suggestions. */
const DEFAULT_LIMIT = 100;

/**
 * Reads the models of an ensemble's sources.
 *
 * @param untrained what becomes of sources that have no model: `refuse` where weights or a model are to be learnt of all sources,
 *   else they are left out as those that are damaged, and say why
 * @throws {OperationError} `not-trained` if no source can be used, or one has no model that must have one
 */
export async function readSources(
  specs: readonly SourceSpec[],
  vocabulary: Vocabulary,
  services: ProjectServices,
  untrained: 'refuse' | 'leave out',
): Promise<SourceParts[]> {
  const sources: SourceParts[] = [];
  let firstFailure: unknown;
  for (const spec of specs) {
    try {
      const files = await services.project(spec.projectId).readFiles();
      sources.push({ ...sourceParts(spec, files, vocabulary, services), trained: trainedOn(files) });
    } catch (failure) {
      const neverTrained = OperationError.is(failure) && failure.code === 'not-trained';
      if (!IndexingError.is(failure) || (neverTrained && untrained === 'refuse')) throw failure;
      firstFailure ??= failure;
      sources.push({
        ...sourceSettings(spec, services),
        parts: { failure: failure.message, ...(failure.hint === undefined ? undefined : { hint: failure.hint }) },
        trainFrequency: new Uint32Array(vocabulary.nSubjects),
        nTrainDocs: 0,
        modelId: '',
        subjectMap: undefined,
        learntKey: '',
        known: [],
      });
    }
  }
  if (specs.length > 0 && sources.every(({ parts }) => 'failure' in parts)) throw firstFailure;
  return sources;
}

/**
 * @param files what the source suggests with, from the disk or just trained
 * @param vocabulary the ensemble's
 * @throws {ConfigurationError} `configuration-invalid` if the vocabularies have no concept in common
 */
export function sourceParts(
  spec: SourceSpec,
  files: Omit<ProjectFiles, 'model'>,
  vocabulary: Vocabulary,
  services: ProjectServices,
): SourceParts {
  const { parts, nTrainDocs, modelId, learnt } = files;
  const own = files.vocabulary.vocabulary;
  const subjectMap =
    own === vocabulary || own.fingerprint === vocabulary.fingerprint ? undefined : mapByUri(own, vocabulary);
  const trainFrequency = new Uint32Array(new SharedArrayBuffer(4 * vocabulary.nSubjects));
  files.trainFrequency.forEach((n, id) => {
    const subject = subjectMap ? (subjectMap[id] as number) : id;
    if (subject !== NO_SUBJECT && n > (trainFrequency[subject] as number)) trainFrequency[subject] = n;
  });
  const known = [...learnt.known, Float64Array.from(learnt.hashes).sort()];
  const settings = { ...sourceSettings(spec, services), learntKey: learnt.key, known };
  return { ...settings, parts, trainFrequency, nTrainDocs, modelId, subjectMap };
}

function sourceSettings(spec: SourceSpec, services: ProjectServices) {
  const { backend = '', limit = DEFAULT_LIMIT } = services.project(spec.projectId).config;
  return { ...spec, backend, limit };
}

function mapByUri(from: Vocabulary, to: Vocabulary): Uint32Array {
  const map = new Uint32Array(new SharedArrayBuffer(4 * from.nSubjects));
  let nCommon = 0;
  for (let id = 0; id < from.nSubjects; id++) {
    const there = to.idOfUri(from.uri(id));
    map[id] = there < 0 ? NO_SUBJECT : there;
    if (there >= 0) nCommon++;
  }
  if (nCommon > 0) return map;
  const message = 'The vocabularies of a source and of the ensemble share no concept';
  throw new ConfigurationError('configuration-invalid', message, {
    hint: 'Sources are joined by the URIs of concepts: use vocabularies of the same scheme.',
  });
}
