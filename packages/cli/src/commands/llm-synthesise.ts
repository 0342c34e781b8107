import { appendFile, open, readFile } from 'node:fs/promises';
import type { SynthesisReport } from '@catchword/project';
import { type Command, InvalidArgumentError } from 'commander';
import { openProjectCorpus } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addCorpusOptions,
  type BackendParam,
  type CommonOptions,
  type CorpusOptions,
  nonNegativeInteger,
  wholeNumber,
} from '../options.js';
import { count, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface SynthesiseCommandOptions extends CommonOptions, CorpusOptions {
  readonly output: string;
  readonly atMost: number;
  readonly records: number;
  readonly weight: number;
  readonly seed: number;
  readonly calls?: number;
  readonly tokens?: number;
  readonly seconds?: number;
  readonly backendParam?: readonly BackendParam[];
}

const amount = (text: string) => wholeNumber(text, 1, 1e9);

/** Adds `llm synthesise`. */
export function addSynthesise(llm: Command, session: Session): void {
  const command = llm
    .command('synthesise')
    .description('have a language model make up training records for subjects that have few or none')
    .argument('<project-id>', 'id of a project with backend llm or llm_keywords')
    .argument('[paths...]', 'corpora of real records: what is rare, and examples, are found in them')
    .requiredOption(
      '-O, --output <file>',
      'JSON Lines; records that are there already are kept, and not asked for again',
    )
    .option('--records <n>', 'records in all', amount, 100)
    .option(
      '--at-most <n>',
      'subjects with at most so many real records; 0 for those without any',
      nonNegativeInteger,
      2,
    )
    .option('--weight <w>', 'what a record counts in training beside a real one', weightOf, 0.3)
    .option('--seed <n>', 'chooses subjects and examples', nonNegativeInteger, 0)
    .option('--calls <n>', 'requests at most', amount)
    .option('--tokens <n>', 'tokens at most, of questions and answers together', amount)
    .option('--seconds <n>', 'seconds at most', amount);
  addCorpusOptions(addBackendParamOption(addCommonOptions(command))).action(
    async (projectId: string, paths: string[], options: SynthesiseCommandOptions) => {
      const project = await openProject(projectId, options, session);
      const { abortOnInterruption } = await import('../interruption.js');
      const { checkOutput } = await import('../write-output.js');
      checkOutput(options.output);
      const { corpus } = await openProjectCorpus(project, paths, session, {
        requireSubjects: true,
        docsLimit: options.docsLimit,
        marcMapping: options.marcMapping,
      });
      const done = await recordsThere(options.output);
      const interruption = abortOnInterruption(session.messages, 'Records that were written stay.');
      const progress = new ProgressReport(session.messages);
      try {
        const report = await project.synthesise(
          corpus,
          {
            ...{ atMost: options.atMost, records: options.records, weight: options.weight, seed: options.seed },
            ...{ done, limits: limitsOf(options), signal: interruption.signal },
            onProgress: (n, total) => progress.update({ stage: 'writing records', done: n, total, unit: 'records' }),
          },
          (record) => appendFile(options.output, `${JSON.stringify(record)}\n`),
        );
        progress.end();
        await tell(projectId, report, done.size, options, session);
      } catch (error) {
        throw interruption.errorAfter(error, 'Records that were written stay; the same command goes on.');
      } finally {
        progress.end();
        interruption.release();
        await project.close();
      }
    },
  );
}

function weightOf(text: string): number {
  const weight = Number(text);
  if (text.trim() !== '' && weight > 0 && weight < 1) return weight;
  throw new InvalidArgumentError('It has to be a number above 0 and below 1.');
}

function limitsOf({ calls, tokens, seconds }: SynthesiseCommandOptions) {
  return {
    ...(calls === undefined ? undefined : { calls }),
    ...(tokens === undefined ? undefined : { tokens }),
    ...(seconds === undefined ? undefined : { seconds }),
  };
}

/** The ids of the records of a file. What a kill left of a last line is cut off. */
async function recordsThere(path: string): Promise<Set<string>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) {
    const file = await open(path, 'r+');
    await file.truncate(Buffer.byteLength(whole)).finally(() => file.close());
  }
  const ids = new Set<string>();
  for (const [i, line] of whole.split('\n').entries()) {
    if (line === '') continue;
    const id = idOf(line);
    if (id === undefined) {
      const { InputError } = await import('@catchword/core');
      throw new InputError('input-invalid', `${path}, line ${i + 1} is no record: nothing is added to the file`, {
        hint: 'Name another file, or repair the line.',
      });
    }
    ids.add(id);
  }
  return ids;
}

function idOf(line: string): string | undefined {
  try {
    const { document_id: id } = JSON.parse(line) as { document_id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

async function tell(
  projectId: string,
  report: SynthesisReport,
  nBefore: number,
  { output, atMost, json }: SynthesiseCommandOptions,
  { results, messages }: Session,
): Promise<void> {
  const { nRare, nUnseen, nPlanned, nWritten, refused, stopped } = report;
  if (json) return results.json(report);
  for (const [problem, n] of Object.entries(refused)) messages.warning(`${count(n)} answers were refused: ${problem}`);
  if (stopped !== undefined) messages.warning(`Stopped: ${stopped}`);
  await results.line(
    `${count(nUnseen)} subjects without a record, ${count(nRare)} with ${atMost} at most; wrote ${count(nWritten)} records to ${output}` +
      `${nBefore > 0 ? ` beside ${count(nBefore)} that were there` : ''}, of ${count(nPlanned)} planned`,
  );
  const { usageLine } = await import('../usage-output.js');
  await results.line(usageLine(report.usage));
  if (nWritten === 0) messages.warning(`"${projectId}" has had no record written`);
}
