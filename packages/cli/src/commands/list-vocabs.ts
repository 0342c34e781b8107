import type { Command } from 'commander';
import { pythonTruth } from '../annif-table-values.js';
import { openRegistry } from '../open-registry.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import type { Session } from '../session.js';
import { formatTable } from '../table.js';

export function addListVocabs(program: Command, session: Session): void {
  addCommonOptions(
    program.command('list-vocabs').description('list the vocabularies that projects use or that are loaded'),
  ).action(async (options: CommonOptions) => {
    const vocabularies = await (await openRegistry(options, session)).vocabularies();
    if (options.json) {
      const vocabs = vocabularies.map(({ id, languages, nSubjects, loaded }) => {
        return { vocab_id: id, languages, size: nSubjects ?? null, loaded };
      });
      return session.results.json({ vocabs });
    }
    const rows = vocabularies.map(({ id, languages, nSubjects, loaded }) => [
      id,
      loaded ? languages.join(',') : '-',
      nSubjects === undefined ? '-' : String(nSubjects),
      pythonTruth(loaded),
    ]);
    await session.results.write(formatTable(['Vocabulary ID', 'Languages', 'Size', 'Loaded'], rows));
  });
}
