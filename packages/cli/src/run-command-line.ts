import { CommanderError } from 'commander';
import { EXIT_USAGE } from './exit-codes.js';
import { Messages } from './messages.js';
import { createProgram, UsageError } from './program.js';
import { Results } from './results.js';

/**
 * Runs the program and sets the exit code of the process.
 *
 * @param argv as `process.argv`
 */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const messages = new Messages(process.stderr, process.env);
  let failure: Promise<void> | undefined;
  /** The first error is told; what fails in its wake is not. */
  const fail = (error: unknown): Promise<void> => {
    failure ??= exitCodeAfter(error, messages).then((code) => {
      process.exitCode = code;
    });
    return failure;
  };
  // Who reads our results may stop reading: `catchword … | head -1` is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    void fail(new UnwritableOutput('standard output', { cause: error })).then(() => process.exit());
  });
  process.stderr.on('error', () => process.exit(process.exitCode ?? 0));
  process.on('uncaughtException', (error) => void fail(error).then(() => process.exit()));

  const program = createProgram({
    results: new Results(process.stdout),
    messages,
    env: process.env,
    get stdin() {
      return process.stdin;
    },
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    await fail(error);
  }
}

/** Standard output cannot be written; the message is its name. */
class UnwritableOutput extends Error {}

async function exitCodeAfter(error: unknown, messages: Messages): Promise<number> {
  if (error instanceof UsageError) {
    messages.line(error.usage);
    messages.error(error.message, error.hint);
    return EXIT_USAGE;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  const { reportError } = await import('./report-error.js');
  if (!(error instanceof UnwritableOutput)) return reportError(error, messages);
  const { writeError } = await import('@catchword/storage');
  return reportError(writeError(error.message, error.cause), messages);
}
