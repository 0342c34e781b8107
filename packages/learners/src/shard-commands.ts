import { CommandThread } from '@catchword/math';
import { type ShardData, TreeShard } from './tree-shard.js';

/** What a shard is told to do; the arguments are those of TreeShard's methods, in order. */
export const COMMAND = { beginTree: 0, split: 1, endTree: 2 } as const;

/** What a shard's thread is opened with. */
export interface ShardInit {
  readonly data: ShardData;
  /** The leaves' values, for `endTree`. */
  readonly values: Float64Array;
}

/** A shard that may live in another thread: a command is begun, then waited for. */
export interface ShardHandle {
  /** See `ShardData.fresh`. */
  readonly fresh: Float64Array;
  begin(kind: number, ...args: number[]): void;
  finish(): void;
}

/** Lets a shard obey a command. */
export function obey(shard: TreeShard, values: Float64Array, kind: number, args: ArrayLike<number>): void {
  if (kind === COMMAND.beginTree) shard.beginTree(args[0]);
  else if (kind === COMMAND.split) shard.split(args[0], args[1], args[2], args[3] === 1, args[4], args[5] === 1);
  else if (kind === COMMAND.endTree) shard.endTree(values, args[0]);
  else throw new RangeError(`a shard knows no command ${kind}`);
}

/** A shard in this thread. */
export class LocalShard implements ShardHandle {
  readonly fresh: Float64Array;
  private readonly shard: TreeShard;
  private readonly values: Float64Array;

  constructor({ data, values }: ShardInit) {
    this.shard = new TreeShard(data);
    this.fresh = data.fresh;
    this.values = values;
  }

  begin(kind: number, ...args: number[]): void {
    obey(this.shard, this.values, kind, args);
  }

  finish(): void {}
}

/** Starts a thread for a `RemoteShard`, which loads its modules while the shard's data are made. */
export function shardThread(): CommandThread {
  return new CommandThread(new URL('../dist/shard-worker.js', import.meta.url));
}

/** A shard in a thread of its own. */
export class RemoteShard implements ShardHandle {
  readonly fresh: Float64Array;
  private readonly thread: CommandThread;

  constructor(thread: CommandThread, init: ShardInit) {
    this.fresh = init.data.fresh;
    this.thread = thread;
    thread.open(init);
  }

  begin(kind: number, ...args: number[]): void {
    this.thread.begin(kind, ...args);
  }

  finish(): void {
    this.thread.finish();
  }
}
