import { serveTasks, transferring } from '@catchword/math';
import type { Chunk } from './chunk.js';
import { type TreeTask, TreeTasks, type TreeTasksInit } from './tree-tasks.js';

serveTasks<TreeTasksInit, TreeTask, Uint32Array[] | undefined | Uint32Array | Chunk>(async (init) => {
  const tasks = new TreeTasks(init);
  return (task) => {
    if (task.kind === 'split') return tasks.split(task.labels, task.seed);
    if (task.kind === 'route') return tasks.route(task);
    const chunk = tasks.train(task);
    const { bucketAt, bytes } = chunk.rows;
    return transferring(
      chunk,
      [chunk.bias, chunk.scale, bucketAt, bytes].map(({ buffer }) => buffer as ArrayBuffer),
    );
  };
});
