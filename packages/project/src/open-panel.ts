import type { SourceAnswers, SourcePanel, SourceQuestion } from '@catchword/core';
import { ThreadPool } from '@catchword/math';
import { askSources } from '@catchword/sources';
import { batchOfPanel, type PanelAnswer, type PanelInit } from './panel-answer.js';
import { openSources } from './suggester.js';
import type { SourceParts } from './suggester-source.js';

/** Opens sources to be asked about many documents, in `nJobs` threads. */
export async function openPanel(
  parts: readonly SourceParts[],
  nSubjects: number,
  nJobs: number,
  onWarning?: (message: string) => void,
): Promise<SourcePanel> {
  const sources = await openSources(parts, nSubjects, { onWarning });
  const init: PanelInit = { sources: parts, nSubjects };
  const module = new URL('../dist/panel-worker.js', import.meta.url);
  let pool: ThreadPool | undefined;
  const inThreads = async function* (questions: AsyncIterable<SourceQuestion>): AsyncGenerator<SourceAnswers> {
    pool ??= new ThreadPool({ module, nThreads: nJobs, init });
    for await (const { batches, warnings } of pool.map<SourceQuestion, PanelAnswer>(bare(questions))) {
      yield { batches: batches.map((batch) => batch && batchOfPanel(batch, nSubjects)), warnings };
    }
  };
  const here = async function* (questions: AsyncIterable<SourceQuestion>): AsyncGenerator<SourceAnswers> {
    for await (const { docs, options } of questions) yield await askSources(sources, docs, nSubjects, options);
  };
  return {
    sources,
    answers: nJobs > 1 ? inThreads : here,
    async close() {
      await pool?.close();
      for (const source of sources) await source.close();
    },
  };
}

/** A thread needs what a transform reads; gold subjects and paths stay here. */
async function* bare(questions: AsyncIterable<SourceQuestion>): AsyncGenerator<SourceQuestion> {
  for await (const { docs, options } of questions) {
    yield { docs: docs.map(({ text, metadata }) => (metadata ? { text, metadata } : { text })), options };
  }
}
