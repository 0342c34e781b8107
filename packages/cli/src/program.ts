import { readFileSync } from 'node:fs';
import { Command, type CommanderError } from 'commander';
import { addApiKeys } from './commands/api-keys.js';
import { addClear } from './commands/clear.js';
import { addDemo } from './commands/demo.js';
import { addEval } from './commands/eval.js';
import { addHarvest } from './commands/harvest.js';
import { addHyperopt } from './commands/hyperopt.js';
import { addIndex } from './commands/index-documents.js';
import { addJobs } from './commands/jobs.js';
import { addJournal } from './commands/journal.js';
import { addLearn } from './commands/learn.js';
import { addListProjects } from './commands/list-projects.js';
import { addListVocabs } from './commands/list-vocabs.js';
import { addLlm } from './commands/llm.js';
import { addLoadVocab } from './commands/load-vocab.js';
import { addOptimize } from './commands/optimize.js';
import { addRun } from './commands/run.js';
import { addShowProject } from './commands/show-project.js';
import { addSuggest } from './commands/suggest.js';
import { addTrain } from './commands/train.js';
import { addWorker } from './commands/worker.js';
import type { Session } from './session.js';

/** An option or argument that cannot be used; `usage` is the block that goes before the message. */
export class UsageError extends Error {
  readonly usage: string;
  readonly hint: string | undefined;

  constructor(usage: string, message: string, hint: string | undefined) {
    super(message);
    this.name = 'UsageError';
    this.usage = usage;
    this.hint = hint;
  }
}

/** Commands of Annif 1.4 that are not here yet. */
const ANNIF_COMMANDS: readonly string[] = ['detect-language', 'upload', 'download', 'completion'];

const EXAMPLES = `
Examples:
  catchword load-vocab agrovoc agrovoc_en.rdf.gz
  catchword train agrovoc-mllm train.tsv.gz
  catchword suggest agrovoc-mllm --explain < report.txt
  catchword eval agrovoc-mllm test.tsv.gz
  catchword demo`;

/** Builds the command line; a command's code is loaded when it runs. */
export function createProgram(session: Session): Command {
  const program = new Command('catchword')
    .description('Suggests subjects of a SKOS vocabulary for texts, learning from records that people have indexed.')
    .version(programVersion(), '--version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ subcommandTerm: (command) => command.name(), minWidthToWrap: 20 })
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  for (const add of [
    addDemo,
    addLoadVocab,
    addListVocabs,
    addListProjects,
    addShowProject,
    addTrain,
    addLearn,
    addJournal,
    addSuggest,
    addIndex,
    addJobs,
    addWorker,
    addEval,
    addOptimize,
    addHyperopt,
    addHarvest,
    addLlm,
    addClear,
    addRun,
    addApiKeys,
  ]) {
    add(program, session);
  }
  program.hook('preAction', (_, command) => {
    const level = command.opts().verbosity;
    if (level !== undefined) session.messages.verbosity = level;
  });
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
    command.configureOutput({ outputError: () => undefined });
    command.exitOverride((error) => {
      throw usageErrorOf(command, error);
    });
  }
  return program;
}

function usageErrorOf(command: Command, error: CommanderError): Error {
  if (error.exitCode === 0 || error.code === 'commander.help') return error; // help was shown
  const path = pathOf(command);
  const usage = `Usage: ${path} ${command.usage()}\nTry '${path} --help' for help.\n`;
  const name = command.args[0] ?? '';
  if (error.code === 'commander.unknownCommand' && ANNIF_COMMANDS.includes(name)) {
    return new UsageError(usage, `Annif has "${name}"; Catchword does not have it yet.`, undefined);
  }
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  return new UsageError(
    usage,
    message.charAt(0).toUpperCase() + message.slice(1),
    suggestion?.replace(/^\((.*)\)$/, '$1'),
  );
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** @returns the version of this package, for example `0.1.0` */
export function programVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
