import { createHash } from 'node:crypto';
import type { ProjectFiles } from '../project-files.js';

/** A project's model and vocabulary as they were when they were read; later changes on the disk do not reach it. */
export interface ProjectSnapshot extends ProjectFiles {
  /** 16 hexadecimal digits: equal for equal models with equal vocabularies that have learnt the same. */
  readonly version: string;
}

/** @returns a name for all that answers depend on */
export function snapshotVersion({
  modelId,
  vocabulary,
  learnt,
}: Pick<ProjectFiles, 'modelId' | 'vocabulary' | 'learnt'>): string {
  const checksums = [modelId, vocabulary.vocabulary.fingerprint, ...(learnt.key === '' ? [] : [learnt.key])];
  return createHash('sha256').update(checksums.join('\n')).digest('hex').slice(0, 16);
}
