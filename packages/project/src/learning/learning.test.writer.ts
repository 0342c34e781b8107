import { corpusOf, openWorld, worldDocuments } from './learning.test.fixture.js';

/** A process that learns a batch after the other until it is killed, and prints the ids of what is on the disk. */
const [folder = ''] = process.argv.slice(2);
const project = (await openWorld(folder)).project('near');
await project.opened();
process.stdout.write('begun\n');
for (let n = 10; ; n++) {
  const { entries } = await project.learning.learn(corpusOf(worldDocuments(3, n)));
  process.stdout.write(entries.map((id) => `${id}\n`).join(''));
}
