import type { BackendContext, JsonObject, ModelData, Vocabulary } from '@catchword/core';
import { ModelError } from '@catchword/core';
import { TreeEnsemble } from '@catchword/learners';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { buildLabelIndex } from './build-label-index.js';
import { checkLabelIndex } from './check-label-index.js';
import { FEATURES, type HistoryPriors, N_FEATURES } from './features.js';
import { LabelHistory } from './label-history.js';
import { LabelIndex } from './label-index.js';
import type { MatcherOptions } from './matcher.js';
import type { MllmParams } from './params.js';

/** All that a trained lexical backend knows. */
export interface MllmModel {
  readonly index: LabelIndex;
  readonly history: LabelHistory;
  readonly priors: HistoryPriors;
  readonly trees: TreeEnsemble;
  readonly matching: MatcherOptions;
}

/** What the labels' index was made from; an index of anything else is made anew. */
interface IndexOrigin {
  readonly vocabulary: string;
  readonly analyzer: string;
  readonly language: string;
  readonly useHiddenLabels: boolean;
}

function originOf(context: BackendContext, params: MllmParams): IndexOrigin {
  return {
    vocabulary: context.vocabulary.fingerprint,
    analyzer: context.analyzer.spec,
    language: context.language,
    useHiddenLabels: params.useHiddenLabels,
  };
}

/** The model as data. */
export function saveMllm(model: MllmModel, context: BackendContext, params: MllmParams): ModelData {
  const arrays: Record<string, NumericArray> = {};
  const add = (prefix: string, part: Readonly<Record<string, NumericArray>>): void => {
    for (const [name, array] of Object.entries(part)) arrays[`${prefix}.${name}`] = array;
  };
  add('labels', model.index.toArrays());
  add('history', model.history.toArrays());
  add('trees', model.trees.toArrays());
  const meta = {
    features: FEATURES.map((feature) => feature.name),
    index: { ...originOf(context, params) },
    nDocs: model.history.nDocs,
    priors: { ...model.priors },
    base: model.trees.base,
  };
  return { meta, pack: packArrays(arrays) };
}

/**
 * Opens a model: arrays are views; the labels are indexed anew where the vocabulary has changed since.
 *
 * @throws {ModelError} if the data is not a model of this type and version
 */
export function loadMllm(context: BackendContext, data: ModelData, params: MllmParams): MllmModel {
  const { meta } = data;
  const names = Array.isArray(meta.features) ? (meta.features as readonly unknown[]) : [];
  if (names.length !== N_FEATURES || FEATURES.some((feature, i) => feature.name !== names[i])) {
    throw new ModelError('model-incompatible', 'The stored mllm model asks for other features than this version has', {
      hint: `Train the project again: catchword train ${context.projectId} <corpus>`,
    });
  }
  const hint = `Train the project again: catchword train ${context.projectId} <corpus>`;
  try {
    const arrays = viewArrays(data.pack);
    const trees = TreeEnsemble.fromArrays(arraysOf('trees', arrays), N_FEATURES, numberOf(meta, 'base'));
    const stored = LabelHistory.fromArrays(numberOf(meta, 'nDocs'), arraysOf('history', arrays));
    const { nSubjects } = context.vocabulary;
    if (stored.nSubjects > nSubjects) {
      throw new ModelError(
        'model-incompatible',
        `The stored mllm model belongs to another vocabulary: it knows ${stored.nSubjects} subjects, the vocabulary has ${nSubjects}`,
        { hint },
      );
    }
    const priors = (meta.priors ?? {}) as JsonObject;
    const unchanged = sameOrigin(meta.index, originOf(context, params));
    const options = { language: context.language, useHiddenLabels: params.useHiddenLabels };
    return {
      trees,
      history: stored.resized(nSubjects),
      priors: { keyphraseness: numberOf(priors, 'keyphraseness'), candidateness: numberOf(priors, 'candidateness') },
      index: unchanged
        ? openLabelIndex(arraysOf('labels', arrays), context.vocabulary)
        : buildLabelIndex(context.vocabulary, context.analyzer, options),
      matching: { compounds: params.compounds, leastCoverage: params.leastCoverage },
    };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError('model-damaged', `The stored mllm model cannot be used: ${cause.message}`, {
      hint,
      cause,
    });
  }
}

/** The arrays whose names begin with the part's and a dot, by the rest of their names. */
function arraysOf(part: string, all: Readonly<Record<string, NumericArray>>): Record<string, NumericArray> {
  const arrays: Record<string, NumericArray> = {};
  for (const [name, array] of Object.entries(all)) {
    if (name.startsWith(`${part}.`)) arrays[name.slice(part.length + 1)] = array;
  }
  return arrays;
}

/** @throws {RangeError} if an array is missing or not right */
function openLabelIndex(arrays: Readonly<Record<string, NumericArray>>, vocabulary: Vocabulary): LabelIndex {
  const index = new LabelIndex(arrays, vocabulary.nSubjects);
  checkLabelIndex(index, vocabulary);
  return index;
}

function sameOrigin(stored: unknown, wanted: IndexOrigin): boolean {
  if (typeof stored !== 'object' || stored === null) return false;
  return Object.entries(wanted).every(([key, value]) => (stored as Record<string, unknown>)[key] === value);
}

function numberOf(object: JsonObject, key: string): number {
  const value = object[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RangeError(`its ${key} is not a number`);
  return value;
}
