import { OperationError, type Progress } from '@catchword/core';
import { loadXmlParser, type ParseXml, XmlError } from '@catchword/input';
import { MARCXML_BEGINNING, MARCXML_END, type MarcMapping, parseMarcMapping, RecordMapper } from '@catchword/marc';
import { HarvestFiles, type HarvestRequest, type HarvestState, keyNumber } from './harvest-files.js';
import { DEFAULT_OAI_CLIENT, OaiClient, type OaiClientOptions, Unreadable } from './oai-client.js';
import { contentOf, documentLine, marcxmlElement } from './oai-metadata.js';
import { type OaiPage, type OaiRecord, readOaiPage } from './oai-page.js';

/** What a harvest is written as: records as they are, or documents, a line of JSON each. */
export const HARVEST_FORMATS = ['marcxml', 'jsonl'] as const;

export type HarvestFormat = (typeof HARVEST_FORMATS)[number];

export interface HarvestOptions {
  /** The file; what goes on stands beside it until it is whole. */
  readonly output: string;
  readonly format: HarvestFormat;
  /** Of MARC records that become documents. */
  readonly mapping?: MarcMapping;
  /** Lets go of what an interrupted harvest left. */
  readonly restart?: boolean;
  readonly client?: Partial<OaiClientOptions>;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (message: string) => void;
  readonly onInfo?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What a harvest brought. */
export interface HarvestReport {
  readonly nRecords: number;
  /** Listed in `FILE.deleted`. */
  readonly nDeleted: number;
  /** Records that could not be read: left out. */
  readonly nBroken: number;
  /** Records that had been there before this run. */
  readonly nBefore: number;
  /** The server's clock at the beginning: a later harvest `from` there brings what changed. */
  readonly responseDate: string;
}

/** Warnings that are shown. */
const MOST_WARNINGS = 20;
/** A list that begins anew so often does not end. */
const MOST_RESTARTS = 5;

/**
 * Harvests the records of a server into one file. After an interruption the same call goes on: with the server's resumption
 * token, or where that has expired with the list from its beginning, whose records that are there already are passed over.
 *
 * @throws {OperationError} `operation-failed` where the server refuses or cannot be reached, or another harvest into the
 *   file is under way; `write-failed`; the signal's reason
 * @see The Open Archives Initiative Protocol for Metadata Harvesting 2.0
 */
export async function harvest(request: HarvestRequest, options: HarvestOptions): Promise<HarvestReport> {
  const { signal, onWarning, client } = options;
  const asking = new OaiClient(request.url, {
    ...DEFAULT_OAI_CLIENT,
    ...client,
    ...(signal ? { signal } : undefined),
    onWait: (reason, ms) => onWarning?.(`${reason}; trying again in ${Math.ceil(ms / 1000)} s`),
  });
  const files = await HarvestFiles.open(options.output, request, options.restart ?? false);
  try {
    const run = new Harvest(request, options, asking, files, await loadXmlParser());
    const nBefore = files.state.nRecords;
    if (nBefore > 0) options.onInfo?.(`Going on behind ${nBefore} records`);
    await run.all();
    await files.finish();
    const { nRecords, nDeleted, nBroken, responseDate } = files.state;
    return { nRecords, nDeleted, nBroken, nBefore, responseDate };
  } finally {
    await files.close();
  }
}

class Harvest {
  private readonly request: HarvestRequest;
  private readonly options: HarvestOptions;
  private readonly client: OaiClient;
  private readonly files: HarvestFiles;
  private readonly parse: ParseXml;
  private readonly mapper: RecordMapper;
  private seen = new Set<number>();
  private nWarnings = 0;
  private nRestarts = 0;

  constructor(
    request: HarvestRequest,
    options: HarvestOptions,
    client: OaiClient,
    files: HarvestFiles,
    parse: ParseXml,
  ) {
    this.request = request;
    this.options = options;
    this.client = client;
    this.files = files;
    this.parse = parse;
    this.mapper = new RecordMapper(options.mapping ?? parseMarcMapping(undefined, () => undefined));
  }

  async all(): Promise<void> {
    this.seen = await this.files.keys();
    while (!this.files.state.isDone) {
      this.options.signal?.throwIfAborted();
      const { token } = this.files.state;
      const page = await this.page(token);
      if (page === 'expired') {
        if (++this.nRestarts > MOST_RESTARTS)
          throw this.failed('its lists end before they are through, again and again');
        this.options.onWarning?.('The list has expired; it is read from its beginning, without what is there already');
        await this.files.add({ text: '', deleted: '', seen: '' }, {});
      } else {
        if (page.token !== undefined && page.token === token) throw this.failed('its list does not go on');
        await this.take(page);
      }
    }
  }

  /** @returns the next page; `expired` where the server does not know the token any more */
  private async page(token: string | undefined): Promise<OaiPage | 'expired'> {
    const { prefix, set, from, until } = this.request;
    const given = { metadataPrefix: prefix, set, from, until };
    const params = Object.entries(token === undefined ? given : { resumptionToken: token }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const page = await this.client.ask({ verb: 'ListRecords', ...Object.fromEntries(params) }, (text) => {
      try {
        return readOaiPage(text, this.parse);
      } catch (error) {
        if (error instanceof XmlError) throw new Unreadable(`its answer cannot be read: ${error.message}`);
        throw error;
      }
    });
    if (page.error === undefined || page.error.code === 'noRecordsMatch') return page;
    if (page.error.code === 'badResumptionToken' && token !== undefined) return 'expired';
    throw this.failed(`${page.error.message || 'it refuses'} (${page.error.code})`, HINTS[page.error.code]);
  }

  private async take(page: OaiPage): Promise<void> {
    const { format, onProgress } = this.options;
    const { state } = this.files;
    const isFirst = state.bytes === 0 && format === 'marcxml';
    let text = isFirst ? MARCXML_BEGINNING : '';
    let deleted = '';
    let seen = '';
    let { nRecords, nDeleted, nBroken } = state;
    for (const problem of page.problems) {
      if (problem.startsWith('Record ')) nBroken++;
      this.warn(problem);
    }
    for (const record of page.records) {
      const key = `${record.identifier}\t${record.datestamp}`;
      const number = keyNumber(key);
      if (this.seen.has(number)) continue;
      this.seen.add(number);
      seen += `${key.replace(/[\r\n]/g, ' ')}\n`;
      if (record.isDeleted) {
        nDeleted++;
        deleted += `${record.identifier}\n`;
        continue;
      }
      const written = this.written(record);
      if ('problem' in written) {
        nBroken++;
        this.warn(`Leaving out record ${record.identifier}: ${written.problem}`);
      } else {
        nRecords++;
        text += `${written.line}\n`;
      }
    }
    const isDone = page.token === undefined;
    if (isDone && format === 'marcxml') text += MARCXML_END;
    const change: Partial<HarvestState> = {
      ...{ nRecords, nDeleted, nBroken, isDone },
      responseDate: state.responseDate || page.responseDate,
      ...(page.token === undefined ? undefined : { token: page.token }),
    };
    await this.files.add({ text, deleted, seen }, change);
    onProgress?.({
      stage: 'harvesting',
      done: nRecords + nDeleted,
      ...(page.listSize === undefined ? undefined : { total: page.listSize }),
      unit: 'records',
    });
  }

  private written(record: OaiRecord): { readonly line: string } | { readonly problem: string } {
    if (this.options.format === 'jsonl') return documentLine(record, this.mapper, this.parse);
    if (contentOf(record) === 'marcxml') return { line: marcxmlElement(record) };
    return { problem: `its metadata is ${record.metadataName || 'missing'}, and not MARCXML` };
  }

  private warn(message: string): void {
    this.nWarnings++;
    if (this.nWarnings <= MOST_WARNINGS) this.options.onWarning?.(message);
    else if (this.nWarnings === MOST_WARNINGS + 1)
      this.options.onWarning?.('Further records that are left out are not shown');
  }

  private failed(reason: string, hint?: string): OperationError {
    return new OperationError('operation-failed', `Cannot harvest from ${new URL(this.request.url).host}: ${reason}`, {
      hint: hint ?? 'Run the same command later: it goes on where it stopped.',
      context: { url: this.request.url },
    });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  cannotDisseminateFormat: 'Ask the server which prefixes it has: add ?verb=ListMetadataFormats to the address.',
  noSetHierarchy: 'The server has no sets: leave --set out.',
  badArgument:
    'Check --set, --from and --until: dates are 2026-01-31, or 2026-01-31T12:00:00Z where the server knows the time.',
  badVerb: 'The address seems not to be that of an interface of OAI-PMH.',
};
