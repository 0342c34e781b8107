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
