import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import type { Session } from '../session.js';

interface DemoOptions {
  readonly folder: string;
}

/** From src and dist alike. */
const ROOT = new URL('../../../../', import.meta.url);

const FOLDER = 'data/demo';

const CONFIGURATION = `# Made by: catchword demo
projects:
  sample-en:
    name: Sample thesaurus, English
    language: en
    vocab: sample
    backend: mllm
    analyzer: snowball(english)
`;

export function addDemo(program: Command, session: Session): void {
  program
    .command('demo')
    .description('train on the sample that comes with Catchword and suggest subjects for a text')
    .addOption(
      new Option('--folder <folder>', 'where the configuration and the model of the demo go').default(FOLDER, FOLDER),
    )
    .action(async (options: DemoOptions) => {
      const { join } = await import('node:path');
      const { existsSync } = await import('node:fs');
      const { InputError } = await import('@catchword/core');
      const { results } = session;
      const vocabulary = samplePath('vocabularies/sample/sample.ttl');
      const train = samplePath('corpora/sample/train.tsv');
      const test = samplePath('corpora/sample/test.tsv');
      const text = samplePath('corpora/sample/fulltext/river-restoration.txt');
      const missing = [vocabulary, train, test, text].find((path) => !existsSync(path));
      if (missing !== undefined) {
        throw new InputError('file-not-found', `The demo needs ${missing}, which is not there`, {
          hint: 'Run it from a whole copy of the project, where vocabularies/ and corpora/ stand beside packages/.',
          context: { path: missing },
        });
      }
      const configuration = join(options.folder, 'projects.yaml');
      await makeFolder(options.folder);
      const { atomicWriteFile } = await import('@catchword/storage');
      await atomicWriteFile(configuration, CONFIGURATION);
      const env = { CATCHWORD_PROJECTS: configuration, CATCHWORD_DATADIR: options.folder };
      const run = async (...words: string[]) => {
        await results.line(`\n$ npx catchword ${words.map(shellWord).join(' ')}`);
        const { createProgram } = await import('../program.js');
        const inner = { ...session, stdin: session.stdin, env: { ...session.env, ...env } };
        await createProgram(inner).parseAsync(['node', 'catchword', ...words]);
      };
      await results.line('A thesaurus, records that people have indexed with it, and a text that nobody has indexed:');
      const assignments = Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}`);
      await results.line(`\n$ export ${assignments.join(' ')}`);
      await run('load-vocab', 'sample', vocabulary);
      await run('train', 'sample-en', train);
      await run('eval', 'sample-en', test, '-m', 'F1@5', '-m', 'NDCG@10');
      await run('suggest', 'sample-en', '--explain', '--limit', '5', text);
      await results.write(whatNext(configuration));
    });
}

const whatNext = (configuration: string) => `
With files of your own:
  1. Describe a project in projects.yaml, as ${configuration} does; Annif's projects.cfg works as well.
  2. npx catchword load-vocab VOCABULARY FILE      SKOS (Turtle, RDF/XML, N-Triples, JSON-LD), CSV or TSV
  3. npx catchword train PROJECT FILE...           lines of: text, tab, <URI> <URI> ...
  4. npx catchword suggest PROJECT < TEXT          or: npx catchword index PROJECT FILE...
  npx catchword --help lists everything; vocabularies/README.md names public vocabularies.
`;

function samplePath(path: string): string {
  return relative('', fileURLToPath(new URL(path, ROOT)));
}

async function makeFolder(folder: string): Promise<void> {
  const { makeFolders, writeError } = await import('@catchword/storage');
  try {
    makeFolders(folder);
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** Quotes a word as a shell needs it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
