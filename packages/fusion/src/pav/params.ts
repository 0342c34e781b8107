import type { RawParams } from '@catchword/core';

export interface PavParams {
  /** Subjects with fewer documents keep the source's own score. */
  readonly minDocs: number;
}

export const PAV_PARAM_HELP: Readonly<Record<string, string>> = {
  'min-docs': 'subjects with fewer documents in the training corpus keep the scores of the sources (default 10)',
};

export function parsePavParams(raw: RawParams, problem: (key: string, message: string) => void): PavParams {
  const { 'min-docs': value = 10 } = raw;
  const minDocs = typeof value === 'boolean' || String(value).trim() === '' ? Number.NaN : Number(value);
  if (Number.isInteger(minDocs) && minDocs >= 1) return { minDocs };
  problem('min-docs', `min-docs has to be a whole number from 1 up, not ${JSON.stringify(value)}`);
  return { minDocs: 10 };
}
