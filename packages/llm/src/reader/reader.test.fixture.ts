import type {
  Backend,
  BackendContext,
  BackendType,
  Document,
  RawParams,
  Source,
  SuggestionBatch,
} from '@catchword/core';
import { packArrays } from '@catchword/math';
import {
  type Grader,
  gradeOf,
  type LlmReply,
  type LlmRequest,
  type LlmScript,
  numberedLines,
  worldContext,
  worldSource,
} from '@catchword/testing';
import { expect } from 'vitest';
import type { LlmParams } from './params.js';

/** What a model is shown: the text, and the numbered candidates. */
export interface Shown {
  readonly text: string;
  readonly candidates: readonly { readonly n: number; readonly id: number }[];
}

/** Reads the prompt of a request as a model would. */
export function shown({ body }: LlmRequest): Shown {
  const prompt = body.messages?.at(-1)?.content ?? '';
  const text = /^(=== TEXT \w+ ===)\n([\s\S]*?)\n\1$/m.exec(prompt)?.[2] ?? '';
  const candidates = numberedLines(prompt.slice(prompt.lastIndexOf('Candidates:'))).map(({ n, line }) => ({
    n,
    id: Number(/^subject (\d+)/.exec(line)?.[1]),
  }));
  return { text, candidates };
}

/** In the small world a text names its gold subjects `g12`. */
export function isGold(text: string, id: number): boolean {
  return text.split(' ').includes(`g${id}`);
}

/** A model that grades with the quality of a grader. */
export function gradingScript(grader: Grader): LlmScript {
  return (request) => {
    const { text, candidates } = shown(request);
    const grades = candidates.map(({ n, id }) => [n, gradeOf(grader(text, `subject ${id}`, isGold(text, id)))]);
    return { kind: 'text', text: JSON.stringify(Object.fromEntries(grades)) };
  };
}

/** A model that is always right. */
export const RIGHT: LlmScript = gradingScript((_text, _candidate, isRight) => (isRight ? 3 : -1));

export const answering = (text: string): LlmReply => ({ kind: 'text', text });

/** The sources of most tests; alone, so that the base is what the source says. */
export const LEXICAL: Source = worldSource('lexical', 'lexical');

export function paramsOf(type: BackendType<LlmParams>, raw: RawParams): LlmParams {
  return type.parseParams(raw, (key, message) => expect.fail(`${key}: ${message}`));
}

/** An untrained backend over sources of the small world. */
export async function backendOver(
  type: BackendType<LlmParams>,
  raw: RawParams,
  sources: readonly Source[] = [LEXICAL],
  context: Partial<BackendContext> = {},
): Promise<Backend> {
  const whole = { ...(await worldContext(sources)), ...context };
  return type.load?.(whole, { meta: {}, pack: packArrays({}) }, paramsOf(type, raw)) as Backend;
}

/** Ids, order and scores of a batch as bytes. */
export function bytesOf({ indptr, subjectIds, scores }: SuggestionBatch): string {
  return Buffer.concat(
    [indptr, subjectIds, scores].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  ).toString('hex');
}

/** Mean place of gold subjects that are suggested at all; 1 is the first. */
export function meanGoldRank(batch: SuggestionBatch, docs: readonly Document[]): number {
  let [sum, n] = [0, 0];
  docs.forEach(({ subjects = [] }, i) => {
    batch.row(i).forEach(({ subjectId }, rank) => {
      if (!subjects.includes(subjectId)) return;
      sum += rank + 1;
      n++;
    });
  });
  return sum / n;
}
