import { type BackendContext, type JsonObject, type JsonValue, type ModelData, ModelError } from '@catchword/core';
import { Isotonic, TreeEnsemble } from '@catchword/learners';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { BandCorrection } from './band-correction.js';
import { Calibration } from './calibration.js';
import { CoOccurrence } from './co-occurrence.js';
import { CALIBRATED, type SourceColumns } from './fusion-features.js';
import { isMean, type MeanKind, MeanRanker, type ScoreColumns } from './mean-ranker.js';
import type { FusionRanker } from './model-ladder.js';
import { FUSION_MODELS, type FusionModelKind } from './params.js';
import { SourceCurves } from './source-curves.js';
import { TreeRanker } from './tree-ranker.js';

/** All that a trained fusion knows. */
export interface FusionModel {
  readonly kind: FusionModelKind;
  readonly ranker: FusionRanker;
  readonly calibration: Calibration;
  /** What was learnt of the calibration since training. */
  readonly correction: BandCorrection;
  /** How many times as probable subjects without records are taken for in the choice of the first ten; see `promoteUntrained`. */
  readonly untrainedFactor: number;
  readonly columns: readonly SourceColumns[];
  /** The features, in their order. */
  readonly names: readonly string[];
  /** The sources as they were when the fusion learnt. */
  readonly sources: readonly { readonly projectId: string; readonly modelId: string }[];
  /** Which subjects their training records have together; absent where no source keeps records. */
  readonly together?: CoOccurrence;
  /** Neighbours in the thesaurus that are candidates too, at most. */
  readonly neighbours: number;
  /** What makes the sources' calibrated scores; absent where these are no features. */
  readonly curves?: SourceCurves;
}

export function saveFusion(model: FusionModel): ModelData {
  const { kind, ranker, calibration, columns, names, sources } = model;
  const arrays: Record<string, NumericArray> = {};
  const add = (prefix: string, part: Readonly<Record<string, NumericArray>>): void => {
    for (const [name, array] of Object.entries(part)) arrays[`${prefix}.${name}`] = array;
  };
  add('calibration', calibration.toArrays());
  add('correction', model.correction.toArrays());
  if (model.together) add('together', model.together.toArrays());
  for (const [s, curve] of model.curves?.curves.entries() ?? []) add(`calibrated${s}`, curve.toArrays());
  const ownMean = ranker instanceof MeanRanker ? ranker : ranker.mean?.ranker;
  let mean: JsonObject = {};
  if (ownMean) {
    const { weights, exponents } = ownMean;
    mean = { kind: ownMean.kind, weights, exponents };
    ownMean.curves.forEach((curve, s) => {
      add(`curve${s}`, curve.toArrays());
    });
  }
  if (ranker instanceof TreeRanker) {
    add('trees', { ...ranker.trees.toArrays(), base: Float64Array.of(ranker.trees.base) });
    if (ranker.mean) mean = { ...mean, weight: ranker.mean.weight };
  }
  const meta = {
    kind,
    mean,
    untrainedFactor: model.untrainedFactor,
    neighbours: model.neighbours,
    columns: columns as unknown as JsonValue,
    names,
    sources: sources as unknown as JsonValue,
  };
  return { meta, pack: packArrays(arrays) };
}

/** @throws {ModelError} if the data is not a fusion's model of this version */
export function loadFusion(context: BackendContext, data: ModelData): FusionModel {
  const { meta } = data;
  const hint = `Train the project again: catchword train ${context.projectId} <corpus>`;
  try {
    const arrays = viewArrays(data.pack);
    const part = (prefix: string): Record<string, NumericArray> =>
      Object.fromEntries(
        Object.entries(arrays)
          .filter(([name]) => name.startsWith(`${prefix}.`))
          .map(([name, array]) => [name.slice(prefix.length + 1), array]),
      );
    const kind = FUSION_MODELS.find((name) => name === meta.kind);
    const { columns, names, sources } = meta;
    if (!kind || !Array.isArray(columns) || !Array.isArray(names) || !Array.isArray(sources)) {
      throw new RangeError('its description is not one of a fusion');
    }
    // Models of before had a bonus: subjects without records were taken for twice as probable, but by no more than it.
    const { untrainedFactor = meta.untrainedBonus ? 2 : 1, neighbours = 0 } = meta;
    if (!Number.isInteger(neighbours) || (neighbours as number) < 0)
      throw new RangeError('its neighbours are no number');
    if (typeof untrainedFactor !== 'number' || !(untrainedFactor >= 1))
      throw new RangeError('its factor is no number of at least 1');
    const together = part('together');
    const model = {
      kind,
      untrainedFactor,
      neighbours: neighbours as number,
      columns: columns as unknown as SourceColumns[],
      names: names as string[],
      sources: sources as unknown as FusionModel['sources'],
      calibration: Calibration.fromArrays(part('calibration')),
      correction: BandCorrection.fromArrays(context.vocabulary.nSubjects, part('correction')),
      ...(Object.keys(together).length > 0 ? { together: CoOccurrence.fromArrays(together) } : undefined),
      ...(names.some((name) => String(name).endsWith(`: ${CALIBRATED}`))
        ? { curves: new SourceCurves(columns.map((_, s) => curveOf(part(`calibrated${s}`)))) }
        : undefined),
    };
    if (isMean(kind)) return { ...model, ranker: loadMean(kind, meta, model, part) };
    const { base, ...arraysOfTrees } = part('trees');
    const start = base?.[0];
    if (start === undefined || !Number.isFinite(start)) throw new RangeError('its trees have no base');
    const trees = TreeEnsemble.fromArrays(arraysOfTrees, names.length, start);
    if (kind !== 'joined') return { ...model, ranker: new TreeRanker(trees) };
    const { kind: meanKind, weight } = (meta.mean ?? {}) as { kind?: FusionModelKind; weight?: number };
    if (!meanKind || !isMean(meanKind) || !Number.isFinite(weight)) throw new RangeError('its mean is not described');
    const ranker = loadMean(meanKind, meta, model, part);
    return { ...model, ranker: new TreeRanker(trees, { ranker, weight: weight as number }) };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError('model-damaged', `The stored fusion cannot be used: ${cause.message}`, { hint, cause });
  }
}

/** @returns the columns that a mean and the curves of the sources read */
export function scoreColumnsOf({ columns, names }: Pick<FusionModel, 'columns' | 'names'>): ScoreColumns {
  return {
    scores: columns.map(({ projectId }) => names.indexOf(`${projectId}: score`)),
    frequency: names.indexOf('frequency'),
    calibrated: columns.map(({ projectId }) => names.indexOf(`${projectId}: ${CALIBRATED}`)).filter((c) => c >= 0),
  };
}

function loadMean(
  kind: MeanKind,
  meta: JsonObject,
  model: Pick<FusionModel, 'columns' | 'names'>,
  part: (prefix: string) => Record<string, NumericArray>,
): MeanRanker {
  const { weights, exponents } = (meta.mean ?? {}) as { weights?: number[][]; exponents?: number[] };
  const nSources = model.columns.length;
  if (!weights?.every((set) => set.length === nSources) || exponents?.length !== nSources) {
    throw new RangeError(`its weights are not those of ${nSources} sources`);
  }
  const curves = kind === 'exponents' ? [] : model.columns.map((_, s) => curveOf(part(`curve${s}`)));
  return new MeanRanker(kind, scoreColumnsOf(model), weights, exponents, curves);
}

function curveOf({ xs, ys }: Record<string, NumericArray>): Isotonic {
  if (!(xs instanceof Float64Array && ys instanceof Float64Array) || xs.length === 0 || xs.length !== ys.length) {
    throw new RangeError('a curve is missing');
  }
  return new Isotonic(xs, ys);
}
