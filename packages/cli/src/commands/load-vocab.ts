import type { ChangeCount, VocabularyUpdate } from '@catchword/project';
import type { Command } from 'commander';
import { checkPaths } from '../open-project-corpus.js';
import { openRegistry } from '../open-registry.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { count, duration, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface LoadVocabOptions extends CommonOptions {
  readonly language?: string;
  readonly force?: boolean;
}

export function addLoadVocab(program: Command, session: Session): void {
  addCommonOptions(
    program
      .command('load-vocab')
      .description('load a vocabulary from a SKOS, CSV or TSV file, or update the one that is loaded')
      .argument('<vocab-id>', 'id of the vocabulary')
      .argument('<vocab-file>', 'Turtle, RDF/XML, N-Triples, JSON-LD, CSV or TSV, gzipped or not')
      .option('-L, --language <code>', 'language of the labels in a TSV file')
      .option('-f, --force', 'build anew: subjects get new numbers, and projects must be trained again'),
  ).action(async (vocabId: string, file: string, options: LoadVocabOptions) => {
    const { results, messages } = session;
    const { abortOnInterruption } = await import('../interruption.js');
    const registry = await openRegistry(options, session);
    const id = registry.vocabularyId(vocabId);
    await checkPaths([file]);
    const store = registry.vocabularyStore;
    if (!options.json) await results.line(`Loading vocabulary from SKOS file ${file} ...`);
    messages.info(store.exists(id) && !options.force ? 'updating existing subject index' : 'creating subject index');
    const interruption = abortOnInterruption(messages, `Vocabulary "${id}" is as it was.`);
    const progress = new ProgressReport(messages);
    try {
      const update = await store.update(id, file, {
        ...(options.language === undefined ? undefined : { language: options.language }),
        force: options.force === true,
        signal: interruption.signal,
        onProgress: progress.update,
        onWarning: (message) => messages.warning(message),
      });
      progress.end();
      if (options.json) return await results.json(update);
      describe(update, (line) => messages.info(line));
    } finally {
      progress.end();
      interruption.release();
    }
  });
}

function describe(update: VocabularyUpdate, say: (line: string) => void): void {
  const { nActive, nLabels, languages, seconds } = update;
  if (!update.created) {
    const changes: [string, ChangeCount][] = [
      ['added', update.added],
      ['removed', update.removed],
      ['relabelled', update.relabelled],
      ['restored', update.restored],
      ['deprecated', update.deprecated],
    ];
    const happened = changes.filter(([, change]) => change.n > 0);
    if (happened.length === 0) say('No subject was added, removed or relabelled.');
    for (const [what, { n, examples }] of happened) {
      say(`${count(n)} ${n === 1 ? 'subject' : 'subjects'} ${what}:`);
      for (const { uri, label, before } of examples) {
        say(`  <${uri}>  ${before === undefined ? label : `${before} → ${label}`}`);
      }
      if (n > examples.length) say(`  … and ${count(n - examples.length)} more`);
    }
  }
  say(
    `Loaded vocabulary ${update.id}: ${count(nActive)} subjects, ${count(nLabels)} labels (${languages.join(', ')}) in ${duration(seconds)}`,
  );
}
