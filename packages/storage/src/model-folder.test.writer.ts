import { writeModelFolder } from './write-model-folder.js';

/** The process that a test kills: it writes a model over and over, and says when it has begun. */
const dir = process.argv[2] as string;
for (let version = 10; ; version++) {
  const values = new Uint32Array(1 << 20).fill(version);
  const writing = writeModelFolder(dir, { kind: 'test', meta: { version }, arrays: { values } });
  if (version === 10) process.stdout.write('writing\n');
  await writing;
}
