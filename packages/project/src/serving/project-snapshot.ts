import { createHash } from 'node:crypto';
import type { ProjectVocabulary } from '../project.js';
import type { ProjectModel } from '../project-model.js';
import type { SuggesterParts } from '../suggester.js';

/** A project's model and vocabulary as they were when they were read; later changes on the disk do not reach it. */
export interface ProjectSnapshot {
  /** 16 hexadecimal digits: equal for equal models with equal vocabularies. */
  readonly version: string;
  /** Absent where an ensemble has no model of its own. */
  readonly model: ProjectModel | undefined;
  readonly vocabulary: ProjectVocabulary;
  /** What a `Suggester` is opened with, here or in another thread. */
  readonly parts: SuggesterParts;
}

/** @param checksums of everything that answers depend on */
export function snapshotVersion(checksums: readonly string[]): string {
  return createHash('sha256').update(checksums.join('\n')).digest('hex').slice(0, 16);
}
