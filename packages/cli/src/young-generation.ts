import { setFlagsFromString } from 'node:v8';

/** V8 has the setting in the versions up to here; a later one would complain of a setting that it does not know. */
const LAST_NODE = 24;

/**
 * Keeps the part of the heap where objects are born as small as it is now. Suggesting leaves little garbage, and a part
 * grown to its usual 16 MiB is memory that nothing needs: runs of `index` take 8 to 10 MiB less, and no longer.
 */
export function keepYoungGenerationSmall(): void {
  if (Number.parseInt(process.versions.node, 10) > LAST_NODE) return;
  setFlagsFromString('--semi-space-growth-factor=1');
}
