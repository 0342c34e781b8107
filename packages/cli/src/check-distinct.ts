import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigurationError } from '@catchword/core';

/**
 * Makes sure that results write over neither each other nor what they are made of.
 *
 * @param outputs where results are to go
 * @throws {ConfigurationError} `usage-invalid`
 */
export function checkDistinct(outputs: readonly string[], inputs: readonly string[]): void {
  const taken = new Set(inputs.map(place));
  const seen = new Set<string>();
  for (const output of outputs) {
    const where = place(output);
    if (taken.has(where)) {
      throw new ConfigurationError('usage-invalid', `Results would go to ${output}, which is an input`, {
        hint: 'Name another file with --output, or another --suffix.',
      });
    }
    if (seen.has(where)) {
      throw new ConfigurationError('usage-invalid', `Results of two inputs would go to the same file: ${output}`, {
        hint: 'Index them by themselves, each with its --output, or both into one --output.',
      });
    }
    seen.add(where);
  }
}

function place(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

/** Endings that make a file in a folder a document, or the subjects of one. */
const OF_DOCUMENTS = /\.(txt|txt\.gz|json|html?|docx|odt|epub|pdf|tsv|key)$/i;

/** @throws {ConfigurationError} `usage-invalid` where results beside the documents of a folder would be taken for documents themselves */
export function checkFolderSuffix(suffix: string): void {
  if (!OF_DOCUMENTS.test(suffix)) return;
  throw new ConfigurationError(
    'usage-invalid',
    `Results with names ending in ${suffix} would be documents of the folder`,
    {
      hint: 'Take another --suffix, for example .annif, or one file with --output.',
    },
  );
}
