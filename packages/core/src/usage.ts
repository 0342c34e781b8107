/** What asking a model elsewhere (a language model, a cross-encoder) has cost. */
export interface Usage {
  /** Requests that were sent, those that failed included. */
  readonly calls: number;
  /** Answers that were at hand from before: nothing was sent. */
  readonly cached: number;
  /** Of what was sent and of what came back; estimated where a service does not tell. */
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Waited for answers, all requests added up, also those that ran side by side. */
  readonly seconds: number;
}

export const NO_USAGE: Usage = { calls: 0, cached: 0, promptTokens: 0, answerTokens: 0, seconds: 0 };

/** @returns undefined where none of them is there */
export function sumUsage(usages: Iterable<Usage | undefined>): Usage | undefined {
  let sum: Usage | undefined;
  for (const usage of usages) {
    if (!usage) continue;
    sum = sum
      ? {
          calls: sum.calls + usage.calls,
          cached: sum.cached + usage.cached,
          promptTokens: sum.promptTokens + usage.promptTokens,
          answerTokens: sum.answerTokens + usage.answerTokens,
          seconds: sum.seconds + usage.seconds,
        }
      : usage;
  }
  return sum;
}
