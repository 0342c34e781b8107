import type { Usage } from '@catchword/core';
import { count, duration } from './progress.js';

/** @returns for example `12 requests to a model, 3 answers at hand, 9,800 tokens sent, 900 received, 14 s of waiting` */
export function usageLine({ calls, cached, promptTokens, answerTokens, seconds }: Usage): string {
  return [
    `${count(calls)} ${calls === 1 ? 'request' : 'requests'} to a model`,
    ...(cached > 0 ? [`${count(cached)} ${cached === 1 ? 'answer' : 'answers'} at hand`] : []),
    `${count(promptTokens)} tokens sent`,
    `${count(answerTokens)} received`,
    `${duration(seconds)} of waiting`,
  ].join(', ');
}
