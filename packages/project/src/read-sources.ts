import { ConfigurationError, IndexingError, OperationError, type Vocabulary } from '@catchword/core';
import type { SourceSpec } from './config/index.js';
import type { ProjectFiles, ProjectServices } from './project.js';
import { NO_SUBJECT, type SourceParts } from './suggester-source.js';

/** Annif's own: a source without a limit of its own gives at most so many suggestions. */
const DEFAULT_LIMIT = 100;

/**
 * Reads the models of an ensemble's sources.
 *
 * @param isTrained whether the ensemble was trained on its sources: then those that are gone since are left out, and say why
 * @throws {OperationError} `not-trained` if no source can be used, or one was never trained and the ensemble neither
 */
export async function readSources(
  specs: readonly SourceSpec[],
  vocabulary: Vocabulary,
  services: ProjectServices,
  isTrained: boolean,
): Promise<SourceParts[]> {
  const sources: SourceParts[] = [];
  let firstFailure: unknown;
  for (const spec of specs) {
    const project = services.project(spec.projectId);
    const { backend = '', limit = DEFAULT_LIMIT } = project.config;
    const common = { ...spec, backend, limit };
    try {
      sources.push({ ...common, ...sourceFacts(await project.readFiles(), vocabulary) });
    } catch (failure) {
      const neverTrained = OperationError.is(failure) && failure.code === 'not-trained';
      if (!IndexingError.is(failure) || (neverTrained && !isTrained)) throw failure;
      firstFailure ??= failure;
      sources.push({
        ...common,
        parts: { failure: failure.message },
        trainFrequency: new Uint32Array(vocabulary.nSubjects),
        nTrainDocs: 0,
        modelId: '',
        subjectMap: undefined,
      });
    }
  }
  if (specs.length > 0 && sources.every(({ parts }) => 'failure' in parts)) throw firstFailure;
  return sources;
}

function sourceFacts(files: ProjectFiles, vocabulary: Vocabulary) {
  const { model, parts } = files;
  const own = files.vocabulary.vocabulary;
  const subjectMap =
    own === vocabulary || own.fingerprint === vocabulary.fingerprint ? undefined : mapByUri(own, vocabulary);
  const trainFrequency = new Uint32Array(new SharedArrayBuffer(4 * vocabulary.nSubjects));
  const frequencies = parts.sources.length > 0 ? parts.sources.map((s) => s.trainFrequency) : [model?.trainFrequency];
  for (const frequency of frequencies) {
    frequency?.forEach((n, id) => {
      const subject = subjectMap ? (subjectMap[id] as number) : id;
      if (subject !== NO_SUBJECT && n > (trainFrequency[subject] as number)) trainFrequency[subject] = n;
    });
  }
  const nTrainDocs = model?.record.report.nDocuments ?? Math.max(0, ...parts.sources.map((s) => s.nTrainDocs));
  const modelId = [model?.sha256 ?? '', ...parts.sources.map((s) => s.modelId)].join(' ').trim();
  return { parts, trainFrequency, nTrainDocs, modelId, subjectMap };
}

/** @throws {ConfigurationError} `configuration-invalid` if the vocabularies have no concept in common */
function mapByUri(from: Vocabulary, to: Vocabulary): Uint32Array {
  const map = new Uint32Array(new SharedArrayBuffer(4 * from.nSubjects));
  let nCommon = 0;
  for (let id = 0; id < from.nSubjects; id++) {
    const there = to.idOfUri(from.uri(id));
    map[id] = there < 0 ? NO_SUBJECT : there;
    if (there >= 0) nCommon++;
  }
  if (nCommon > 0) return map;
  throw new ConfigurationError(
    'configuration-invalid',
    'The vocabularies of a source and of the ensemble share no concept',
    {
      hint: 'Sources are joined by the URIs of concepts: use vocabularies of the same scheme.',
    },
  );
}
