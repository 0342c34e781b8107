import { setFlagsFromString } from 'node:v8';

/** V8 has the setting in the versions up to here; a later one would complain of a setting that it does not know. */
const LAST_NODE = 24;

/**
 * Keeps the heap near what is in use. The part where objects are born stays as small as it is now: suggesting leaves little
 * garbage, and a part grown to its usual 16 MiB is memory that nothing needs. What has outlived that part is collected when it
 * has grown by a tenth, not only by a half or the double. Runs of `index` take 8 to 10 MiB less by the first and up to 40 MiB by
 * the second, which costs a fiftieth of the processor time.
 */
export function keepHeapSmall(): void {
  if (Number.parseInt(process.versions.node, 10) > LAST_NODE) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=10');
}
