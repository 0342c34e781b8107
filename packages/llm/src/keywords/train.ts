import type { BackendContext, Corpus, Document, JsonObject, TrainOptions, Usage } from '@catchword/core';
import { StringTable } from '@catchword/math';
import { Budget } from '../client/budget.js';
import { EndpointError } from '../client/endpoint-error.js';
import { embedLabels } from '../embedding/embed-labels.js';
import type { GroupEmbedder } from '../embedding/group-embedder.js';
import { labelTexts } from '../embedding/label-texts.js';
import type { LabelVectors } from '../embedding/label-vectors.js';
import type { EmbeddingParams } from '../embedding/params.js';
import { growCandidateTrees } from '../grow-candidate-trees.js';
import { sampleDocuments } from '../sample-documents.js';
import { type MappedKeywords, N_FEATURES } from './keyword-candidates.js';
import type { KeywordMapper } from './keyword-mapper.js';
import type { KeywordWriter } from './keyword-writer.js';
import type { KeywordModel } from './model.js';
import type { KeywordParams } from './params.js';

/** Candidates are few, a handful a document: small trees that believe nothing rare. */
const MOST_LEAVES = 6;
const MIN_ROWS = 15;
/** Documents that a model has to have written keywords for. */
const LEAST_SHARE = 0.5;

/** Labels that keywords are compared with, and what their vectors have cost. */
export interface EmbeddedLabels {
  readonly vectors: LabelVectors;
  readonly usage: Usage;
}

/** Embeds the labels of the project's language. */
export async function embedVocabulary(
  { vocabulary, language }: BackendContext,
  { languages, labelPrefix }: EmbeddingParams,
  embedder: GroupEmbedder,
  { signal, onProgress }: TrainOptions,
): Promise<EmbeddedLabels> {
  const budget = new Budget({}, 'a training');
  const { texts } = labelTexts(vocabulary, languages ?? [language], language);
  const onLabels = (done: number): void => {
    onProgress?.({ stage: 'embedding labels', done, total: texts.length, unit: 'labels' });
    signal?.throwIfAborted();
  };
  const rows = await embedLabels(embedder, texts, labelPrefix, { budget, signal, onLabels });
  const vectors = { modelName: embedder.embedder.name, labelPrefix, texts: StringTable.from(texts), rows };
  return { vectors, usage: budget.usage };
}

/** Has a model write keywords for some documents, and learns which of the subjects that these lead to are right. */
export async function trainKeywords(
  context: BackendContext,
  corpus: Corpus,
  params: KeywordParams,
  writer: KeywordWriter,
  mapper: KeywordMapper,
  labels: EmbeddedLabels | undefined,
  options: TrainOptions,
): Promise<{ model: KeywordModel; report: JsonObject }> {
  const { docs, nDocs } = await sampleDocuments(corpus, params.trainDocuments, 'llm_keywords', options);
  const asked = params.trees === 0 ? [] : docs;
  const budget = new Budget({}, 'a training');
  const { X, y, nUnknown, nKeywords } = await candidatesOf(asked, params, writer, mapper, budget, options);
  const size = { trees: params.trees, maxLeaves: MOST_LEAVES, minRows: MIN_ROWS };
  const trees = await growCandidateTrees(Float32Array.from(X), y, N_FEATURES, size, options);
  if (params.trees > 0 && !trees) {
    options.onWarning?.('No subject of the training documents is among what keywords lead to: a fixed rule scores');
  }
  const { calls, cached, promptTokens, answerTokens } = budget.usage;
  return {
    model: { modelName: writer.name, nSubjects: context.vocabulary.nSubjects, trees, labels: labels?.vectors },
    report: {
      ...{ documents: nDocs, learntFrom: asked.length, candidates: y.length, trees: trees?.nTrees ?? 0 },
      ...{ keywords: nKeywords, unknownKeywords: nUnknown, calls, cached, promptTokens, answerTokens },
      ...(labels ? { vectors: labels.vectors.rows.n, embeddingTokens: labels.usage.promptTokens } : undefined),
    },
  };
}

async function candidatesOf(
  docs: readonly Document[],
  params: KeywordParams,
  writer: KeywordWriter,
  mapper: KeywordMapper,
  budget: Budget,
  { signal, onProgress, onWarning }: TrainOptions,
) {
  const X: number[] = [];
  const y: number[] = [];
  let [nUnknown, nKeywords, nWritten] = [0, 0, 0];
  let failure: EndpointError | undefined;
  const told = new Set<string>();
  const { concurrency } = params.service;
  for (let from = 0; from < docs.length; from += concurrency) {
    const some = docs.slice(from, from + concurrency);
    const written = await Promise.all(
      some.map(({ text }) => writer.write(text, new Budget(params.service.document, 'a document', budget), signal)),
    );
    const texts = written.map(({ keywords }, i) => ({ keywords, text: some[i]?.text ?? '' }));
    const { mapped: all, warnings } = await mapper.map(texts, budget, signal);
    for (const warning of warnings) if (!told.has(warning)) onWarning?.(warning);
    for (const warning of warnings) told.add(warning);
    for (const [i, each] of written.entries()) {
      const { subjects } = some[i] as Document;
      const mapped = all[i] as MappedKeywords;
      if (each.keywords.length > 0) nWritten++;
      failure ??= each.failure;
      nKeywords += each.keywords.length;
      nUnknown += mapped.unknown.length;
      X.push(...mapped.X);
      for (const { subjectId } of mapped.candidates) y.push(subjects?.includes(subjectId) ? 1 : 0);
    }
    onProgress?.({ stage: 'asking for keywords', done: from + some.length, total: docs.length, unit: 'documents' });
    signal?.throwIfAborted();
  }
  if (nWritten < docs.length * LEAST_SHARE) {
    throw new EndpointError(
      'unreadable',
      `Cannot learn from keywords: ${writer.name} wrote some for ${nWritten} of ${docs.length} documents`,
      { hint: failure?.message ?? 'Look at the texts: they may be empty.', cause: failure },
    );
  }
  return { X, y, nUnknown, nKeywords };
}
