import type { RawParams } from '@catchword/core';
import type { Place } from './problems.js';
import type { SourceSpec } from './source-spec.js';
import type { VocabSpec } from './vocab-spec.js';

/** Who may use a project. Public: listed; hidden: by its id; private: on the command line, and by ensembles. */
export const ACCESS_LEVELS = ['public', 'hidden', 'private'] as const;

export type Access = (typeof ACCESS_LEVELS)[number];

/** A project as configured: plain data, checked. */
export interface ProjectConfig {
  readonly id: string;
  /** The id where none is configured. */
  readonly name: string;
  readonly language: string;
  /** The name of a backend that can be used; of any other where `unsupported` says why it cannot. */
  readonly backend?: string;
  readonly vocab?: VocabSpec;
  /** As written, for example `snowball(finnish)`. */
  readonly analyzer?: string;
  /** As written; `pass` where none is configured. */
  readonly transform: string;
  readonly limit?: number;
  readonly access: Access;
  readonly allowLearn: boolean;
  /** Path of the file that maps MARC records. */
  readonly marcMapping?: string;
  /** Of an ensemble; empty for any other project. */
  readonly sources: readonly SourceSpec[];
  /** The backend's own parameters, values as the file gives them. */
  readonly params: RawParams;
  /** Where each key is written, by key; under `''` the project itself. */
  readonly origin: Readonly<Record<string, Place>>;
  /** Why the project can be listed and not be used. */
  readonly unsupported?: string;
}
