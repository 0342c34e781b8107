import { serveTasks, transferring } from '@catchword/math';
import type { Chunk } from './chunk.js';
import { type TreeTask, TreeTasks, type TreeTasksInit } from './tree-tasks.js';

serveTasks<TreeTasksInit, TreeTask, Uint32Array[] | undefined | Chunk>(async (init) => {
  const tasks = new TreeTasks(init);
  return (task) => {
    if (task.kind === 'split') return tasks.split(task.labels, task.seed);
    const chunk = tasks.train(task);
    const buffers = Object.values(chunk).flatMap((each) =>
      ArrayBuffer.isView(each) ? [each.buffer as ArrayBuffer] : [],
    );
    return transferring(chunk, buffers);
  };
});
