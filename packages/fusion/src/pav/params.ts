import { ParamReader, type RawParams } from '@catchword/core';

export interface PavParams {
  /** Subjects with fewer documents keep the source's own score. */
  readonly minDocs: number;
}

export const PAV_PARAM_HELP: Readonly<Record<string, string>> = {
  'min-docs': 'subjects with fewer documents in the training corpus keep the scores of the sources (default 10)',
};

export function parsePavParams(raw: RawParams, problem: (key: string, message: string) => void): PavParams {
  return { minDocs: new ParamReader(raw, problem).whole('min-docs', 10, 1, 1_000_000) };
}
