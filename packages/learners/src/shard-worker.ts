import { serveCommands } from '@catchword/math';
import { obey, type ShardInit } from './shard-commands.js';
import { TreeShard } from './tree-shard.js';

serveCommands<ShardInit>(({ data, values }) => {
  const shard = new TreeShard(data);
  return (kind, args) => obey(shard, values, kind, args);
});
