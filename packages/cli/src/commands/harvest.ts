import type { HarvestFormat } from '@catchword/harvest';
import { type Command, Option } from 'commander';
import { marcMappingOf } from '../open-project-corpus.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { count, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface HarvestCommandOptions extends CommonOptions {
  readonly output: string;
  readonly prefix: string;
  readonly set?: string;
  readonly from?: string;
  readonly until?: string;
  readonly since?: string;
  readonly format?: HarvestFormat;
  readonly marcMapping?: string;
  readonly force?: boolean;
  readonly restart?: boolean;
}

export function addHarvest(program: Command, session: Session): void {
  const command = program
    .command('harvest')
    .description('get records from a server over OAI-PMH, into a file that the other commands read')
    .argument('<url>', 'base URL of the interface')
    .requiredOption('-O, --output <file>', 'where the records go: MARCXML, or JSON Lines for a name with .jsonl')
    .option('--prefix <name>', 'metadata that is asked for: marcxml, oai_dc, or what the server calls them', 'marcxml')
    .option('--set <name>', 'one set of the server')
    .option('--from <date>', 'what changed at this date or later: 2026-01-31, or with a time: 2026-01-31T12:00:00Z')
    .option('--until <date>', 'what changed until this date')
    .option('--since <file>', 'what changed since this file was harvested')
    .addOption(new Option('--format <name>', 'in place of the ending of the name').choices(['marcxml', 'jsonl']))
    .option('--marc-mapping <file>', 'how MARC records become documents of JSON Lines')
    .option('-f, --force', 'write over a file that is there')
    .option('--restart', 'begin anew, not where an interrupted harvest stopped');
  addCommonOptions(command).action(async (url: string, options: HarvestCommandOptions) => {
    const { existsSync } = await import('node:fs');
    const { ConfigurationError } = await import('@catchword/core');
    const { finishedHarvest, harvest, isUnplaced } = await import('@catchword/harvest');
    const { checkOutput } = await import('../write-output.js');
    const { messages, results } = session;
    const { output, prefix, set, until, since, restart = false } = options;
    const refuse = (message: string, hint: string) => new ConfigurationError('usage-invalid', message, { hint });
    checkOutput(output);
    if (existsSync(output) && !options.force && !isUnplaced(output)) {
      throw refuse(
        `${output} is there already`,
        `Take another name, with --since ${output} for what changed; or --force.`,
      );
    }
    if (since !== undefined && options.from !== undefined)
      throw refuse('--since and --from exclude each other', 'Leave one out.');
    const last = since === undefined ? undefined : finishedHarvest(since);
    if (since !== undefined && !last?.responseDate) {
      throw refuse(
        `There is no ${since}.harvest.json, which says when ${since} was harvested`,
        'Name a date with --from.',
      );
    }
    const from = last === undefined ? options.from : sinceDate(last.responseDate, last.request.from);
    const format = options.format ?? (/\.jsonl$/i.test(output) ? 'jsonl' : 'marcxml');
    const mapping = await marcMappingOf(options.marcMapping);
    const request = {
      ...{ url, prefix },
      ...(set === undefined ? undefined : { set }),
      ...(from === undefined ? undefined : { from }),
      ...(until === undefined ? undefined : { until }),
    };
    const { abortOnInterruption } = await import('../interruption.js');
    const interruption = abortOnInterruption(messages);
    const progress = new ProgressReport(messages);
    try {
      const report = await harvest(request, {
        ...{ output, format, restart, signal: interruption.signal },
        ...(mapping === undefined ? undefined : { mapping }),
        onProgress: progress.update,
        onWarning: (message) => messages.warning(message),
        onInfo: (message) => messages.info(message),
      });
      progress.end();
      messages.info(`Harvested ${count(report.nRecords)} records into ${output}`);
      if (report.nDeleted > 0)
        messages.info(`${count(report.nDeleted)} deleted records are listed in ${output}.deleted`);
      if (report.nBroken > 0) messages.warning(`${count(report.nBroken)} records could not be read: left out`);
      if (options.json) await results.json({ ...report, output });
    } catch (error) {
      throw interruption.errorAfter(error, `what is there stays in ${output}.part; run again to go on.`);
    } finally {
      progress.end();
      interruption.release();
    }
  });
}

/** A server that knows days alone is asked from that day on: as the date of the last harvest was written, else by the day. */
function sinceDate(responseDate: string, from: string | undefined): string {
  return from !== undefined && from.length > 10 ? responseDate : responseDate.slice(0, 10);
}
