import { serveTasks, transferring } from '@catchword/math';
import type { Chunk } from './chunk.js';
import { type TreeTask, TreeTasks, type TreeTasksInit } from './tree-tasks.js';

serveTasks<TreeTasksInit, TreeTask, Uint32Array[] | undefined | Uint32Array | Chunk[]>(async (init) => {
  const tasks = new TreeTasks(init);
  return (task) => {
    if (task.kind === 'split') return tasks.split(task.labels, task.seed);
    if (task.kind === 'route') return tasks.route(task);
    const chunks = tasks.train(task.chunks);
    return transferring(
      chunks,
      chunks.flatMap(({ bias, scale, rows }) =>
        [bias, scale, rows.bucketAt, rows.bytes].map(({ buffer }) => buffer as ArrayBuffer),
      ),
    );
  };
});
