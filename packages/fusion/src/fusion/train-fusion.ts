import type { BackendContext, Corpus, JsonObject, TrainOptions } from '@catchword/core';
import { heldOutOf } from '@catchword/sources';
import { BandCorrection } from './band-correction.js';
import { CoOccurrence } from './co-occurrence.js';
import { collectRows } from './collect-rows.js';
import type { SourceColumns } from './fusion-features.js';
import { type FusionRows, joinRows, rowsFromData, rowsToData } from './fusion-table.js';
import { type FusionModel, scoreColumnsOf } from './model.js';
import { chooseModel } from './model-ladder.js';
import type { FusionParams } from './params.js';

/**
 * Trains a fusion on documents that its sources have not learnt: those of `options.heldOut`, or else the corpus with the
 * context's own sources.
 */
export async function trainFusion(
  context: BackendContext,
  corpus: Corpus,
  params: FusionParams,
  options: TrainOptions,
): Promise<{ model: FusionModel; report: JsonObject }> {
  const { vocabulary, language, sources = [] } = context;
  const heldOut = heldOutOf(context, corpus, options);
  const tables: FusionRows[] = [];
  let columns: readonly SourceColumns[] = [];
  let names: readonly string[] = [];
  for (const each of heldOut) {
    const saved = await options.checkpoints?.load(each.name);
    const savedColumns = saved?.meta.columns as readonly SourceColumns[] | undefined;
    const savedNames = (saved?.meta.names ?? []) as readonly string[];
    const known = saved && savedColumns && rowsFromData(saved, savedNames);
    if (known) {
      tables.push(known);
      columns = savedColumns;
      names = savedNames;
      continue;
    }
    const collected = await collectRows(each, vocabulary, language, params, options);
    ({ columns, names } = collected);
    tables.push(collected.rows);
    if (options.checkpoints) {
      const data = rowsToData(collected.rows, names);
      await options.checkpoints.save(each.name, {
        ...data,
        meta: { ...data.meta, columns: columns as unknown as JsonObject[] },
      });
    }
  }
  const scoreColumns = scoreColumnsOf({ columns, names });
  const chosen = await chooseModel(joinRows(tables), scoreColumns, params, options);
  const { kind, ranker, calibration, untrainedFactor, curves, report } = chosen;
  const trainedOn = sources.map(({ projectId, modelId }) => ({ projectId, modelId }));
  const correction = new BandCorrection(vocabulary.nSubjects);
  const together = CoOccurrence.ofSources(sources);
  const model = {
    ...{ kind, ranker, calibration, correction, untrainedFactor, columns, names },
    sources: trainedOn,
    neighbours: params.neighbours,
    ...(curves ? { curves } : undefined),
    ...(together ? { together } : undefined),
  };
  return { model, report };
}
