import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8 has the setting in the versions up to here; a later one would complain of a setting that it does not know. */
const LAST_NODE = 24;

/** Where the heap has grown by more than both of these since it was collected, it is collected again. */
const GROWTH_BYTES = 8 << 20;
const GROWTH_SHARE = 0.25;
const LOOK_EVERY_MS = 20;

let timer: NodeJS.Timeout | undefined;

/**
 * Keeps the heap near what is in use. The part where objects are born stays as small as it is now: suggesting leaves little
 * garbage, and a part grown to its usual 16 MiB is memory that nothing needs. What has outlived that part, texts above all, is
 * collected when it has grown by a quarter, not only by the double. May be called again.
 */
export function keepHeapSmall(): void {
  if (Number.parseInt(process.versions.node, 10) > LAST_NODE) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  if (timer) return;
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let most = 0;
  timer = setInterval(() => {
    if (getHeapStatistics().used_heap_size < most) return;
    collect();
    const used = getHeapStatistics().used_heap_size;
    most = used + Math.max(GROWTH_BYTES, used * GROWTH_SHARE);
  }, LOOK_EVERY_MS).unref();
}
