import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8 has the setting in the versions up to here; a later one would complain of a setting that it does not know. */
const LAST_NODE = 24;

/** Where the heap has grown by more than both of these since it was collected, it is collected again. */
const GROWTH_BYTES = 8 << 20;
const GROWTH_SHARE = 0.25;
const LOOK_EVERY_MS = 20;
/** Of the part of the heap where objects are born: what a batch of documents leaves has mostly died before it is full. */
const YOUNG_BYTES = 8 << 20;

let timer: NodeJS.Timeout | undefined;

/**
 * Keeps the heap near what is in use. The part where objects are born grows no further than it has to, and what has outlived it,
 * texts above all, is collected when it has grown by a quarter, not only by the double. May be called again.
 */
export function keepHeapSmall(): void {
  if (Number.parseInt(process.versions.node, 10) > LAST_NODE) return;
  keepYoungPart();
  if (timer) return;
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let most = 0;
  timer = setInterval(() => {
    keepYoungPart(); // again: V8 forgets it when a thread starts
    if (inUse() < most) return;
    collect();
    const used = inUse();
    most = used + Math.max(GROWTH_BYTES, used * GROWTH_SHARE);
  }, LOOK_EVERY_MS).unref();
}

/** Objects, and the arrays outside the heap that go with them. */
function inUse(): number {
  const { used_heap_size: objects, external_memory: arrays } = getHeapStatistics();
  return objects + arrays;
}

function keepYoungPart(): void {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  if (young && young.space_size >= YOUNG_BYTES) setFlagsFromString('--semi-space-growth-factor=1');
}
