import { describe, test } from 'vitest';
import type { Check, MakeCase } from './conformance/check.js';
import { LEARNING_CHECKS } from './conformance/learning-checks.js';
import { MODEL_CHECKS } from './conformance/model-checks.js';
import { SUGGESTION_CHECKS } from './conformance/suggestion-checks.js';
import { TRAINING_CHECKS } from './conformance/training-checks.js';

/** All that every backend does, as checks that reject where it does not. */
export const CONFORMANCE_CHECKS: readonly Check[] = [
  ...TRAINING_CHECKS,
  ...SUGGESTION_CHECKS,
  ...MODEL_CHECKS,
  ...LEARNING_CHECKS,
];

/**
 * Registers a test for each conformance check, in a group of the backend's name.
 *
 * @param makeCase called by each test, some call it twice; has to give equal cases with analyzers of their own
 */
export function backendConformance<P>(name: string, makeCase: MakeCase<P>): void {
  describe(`${name} is a backend`, () => {
    for (const check of CONFORMANCE_CHECKS) test(check.name, () => check.run(makeCase));
  });
}
