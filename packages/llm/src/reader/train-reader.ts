import {
  type BackendContext,
  type Corpus,
  type JsonObject,
  sumUsage,
  type TrainOptions,
  type Usage,
} from '@catchword/core';
import { contentHash } from '@catchword/math';
import { heldOutAnswers, heldOutOf, learntSources } from '@catchword/sources';
import { BaseRows } from './base-row.js';
import type { CandidateReading } from './candidate-reader.js';
import { chooseWeights, type ReadDocument } from './choose-weights.js';
import type { ReaderModel } from './model.js';
import { openReader } from './open-reader.js';
import type { LlmParams } from './params.js';
import { BatchReader, requireReadings } from './read-batch.js';

/** Each source gives at least so many candidates. */
export const SOURCE_LIMIT = 100;
/** Fewer documents say nothing that could be relied on. */
const LEAST_DOCS = 20;
/** Of the documents the model has to have read so many. */
const LEAST_READ = 0.5;

/**
 * Learns how much a model's opinion is worth, from documents that the sources have not learnt. Every document is read,
 * whatever `ask_below` and `ask_share` are.
 *
 * @throws {EndpointError} if no model can be asked, or it does not read most documents
 */
export async function trainReader(
  context: BackendContext,
  corpus: Corpus,
  params: LlmParams,
  options: TrainOptions,
): Promise<{ model: ReaderModel | undefined; report: JsonObject }> {
  const { vocabulary, projectId, sources = [] } = context;
  const batchReader = new BatchReader(openReader(params, context), params, context);
  const docs: ReadDocument[] = [];
  const readings: CandidateReading[] = [];
  const told = new Set<string>();
  let usage: Usage | undefined;
  let isCalibrated = false;
  try {
    for await (const answer of heldOutAnswers(heldOutOf(context, corpus, options), SOURCE_LIMIT, options)) {
      const rows = new BaseRows(answer.sources, vocabulary.nSubjects);
      isCalibrated = rows.isCalibrated;
      const base = rows.join(answer.batches, SOURCE_LIMIT, []);
      const read = await batchReader.read(answer.docs, base, answer.sources, { signal: options.signal });
      options.signal?.throwIfAborted();
      usage = sumUsage([usage, read.usage]);
      for (const warning of read.warnings) if (!told.has(warning)) options.onWarning?.(warning);
      for (const warning of read.warnings) told.add(warning);
      for (const [i, doc] of answer.docs.entries()) {
        const reading = read.readings[i];
        if (!reading) continue;
        const [from, to] = [base.indptr[i] as number, base.indptr[i + 1] as number];
        readings.push(reading);
        docs.push({
          subjectIds: base.subjectIds.slice(from, to),
          scores: base.scores.slice(from, to),
          values: reading.values,
          gold: new Set(doc.subjects ?? []),
          hash: contentHash(doc.text),
        });
      }
    }
  } finally {
    await batchReader.reader.close?.();
  }
  requireReadings(readings, LEAST_READ);
  const common = { documents: docs.length, ...(usage ? { ...usage } : undefined) };
  if (docs.length < LEAST_DOCS) {
    options.onWarning?.(
      `${docs.length} documents are too few to learn from what a model makes of them: "${projectId}" keeps its fixed weight`,
    );
    return { model: undefined, report: common };
  }
  const { weights, figures } = chooseWeights(docs, isCalibrated);
  if (weights.share === 0) {
    options.onWarning?.(
      `what ${batchReader.reader.name} makes of the candidates brings nothing on these documents: "${projectId}" ranks as its sources do`,
    );
  }
  const model = {
    ...{ weights, mode: params.mode, model: batchReader.reader.name },
    ...{ sources: learntSources(sources), nSubjects: vocabulary.nSubjects },
  };
  return { model, report: { ...common, share: weights.share, ...figures } };
}
