import type { BackendCase } from '../backend-case.js';

export type MakeCase<P> = () => Promise<BackendCase<P>>;

/** One thing that every backend does; `run` rejects where it does not. */
export interface Check {
  readonly name: string;
  readonly run: <P>(makeCase: MakeCase<P>) => Promise<void>;
}
