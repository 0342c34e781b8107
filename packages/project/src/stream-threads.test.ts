import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Registry } from './registry.js';
import { StreamThreads, ThreadsClosed } from './stream-threads.js';
import { suggestEach } from './suggest-each.js';

test('threads that were closed tell whoever waits, and start no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-threads-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'animals.ttl'),
    '<http://example.org/cat> a <http://www.w3.org/2004/02/skos/core#Concept> ;\n' +
      '<http://www.w3.org/2004/02/skos/core#prefLabel> "cats"@en .\n',
  );
  writeFileSync(join(folder, 'projects.cfg'), '[p]\nlanguage=en\nbackend=odd\nanalyzer=simple\nvocab=animals\n');
  const registry = await Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { odd: fileURLToPath(new URL('../testdata/odd-backend.mjs', import.meta.url)) },
  });
  await registry.vocabularyStore.update('animals', join(folder, 'animals.ttl'));
  const project = registry.project('p');
  await project.train({
    name: 'test',
    async *documents() {
      yield { text: 'one', subjects: [0] };
    },
  });
  const { parts } = await project.snapshot();
  const threads = new StreamThreads(parts, { limit: 3, threshold: 0 }, 1);
  const docs = [{ text: 'block 100000' }, { text: 'x' }];
  // Not taken for the fault of a document, which would be tried again by itself.
  const waiting = suggestEach((some) => threads.suggest(some), docs, 1);
  const told = expect(waiting).rejects.toBeInstanceOf(ThreadsClosed);
  await threads.close();
  await told;
  await expect(threads.suggest(docs)).rejects.toBeInstanceOf(ThreadsClosed);
  await expect(threads.suggestAlone(docs)).rejects.toBeInstanceOf(ThreadsClosed);
});
