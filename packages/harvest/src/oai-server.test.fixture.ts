import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test has its server do with a request, before it answers as a server should. */
export type Disturbance = (
  params: URLSearchParams,
  n: number,
  response: ServerResponse,
  request: IncomingMessage,
) => boolean;

export interface OaiServer {
  readonly url: string;
  readonly port: number;
  /** Parameters of all requests so far. */
  readonly requests: string[];
  /** @returns true where it has answered */
  disturb: Disturbance;
  close(): Promise<void>;
}

/** A server of OAI-PMH on this machine that hands out records in pages of two. */
export async function oaiServer(records: readonly string[]): Promise<OaiServer> {
  let n = 0;
  const requests: string[] = [];
  const http = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    requests.push(searchParams.toString());
    n++;
    if (server.disturb(searchParams, n, response, request)) return;
    response.setHeader('Content-Type', 'text/xml');
    response.end(answerTo(searchParams, records));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const server: OaiServer = {
    url: `http://127.0.0.1:${port}/oai`,
    port,
    requests,
    disturb: () => false,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

const PAGE = 2;

/** @returns the page that a request asks for; tokens are places in the list */
export function answerTo(params: URLSearchParams, records: readonly string[]): string {
  const from = Number(params.get('resumptionToken') ?? 0);
  const page = records.slice(from, from + PAGE).join('\n');
  const next = from + PAGE < records.length ? String(from + PAGE) : '';
  const token =
    records.length > PAGE ? `<resumptionToken completeListSize="${records.length}">${next}</resumptionToken>` : '';
  return oaiAnswer(`<ListRecords>${page}${token}</ListRecords>`);
}

export function oaiAnswer(content: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:marc="http://www.loc.gov/MARC21/slim">' +
    `<responseDate>2026-11-27T10:00:00Z</responseDate><request verb="ListRecords"/>${content}</OAI-PMH>`
  );
}

/** @param metadata absent: the record is deleted */
export function oaiRecord(id: string, metadata?: string, datestamp = '2026-01-01'): string {
  const status = metadata === undefined ? ' status="deleted"' : '';
  const header = `<header${status}><identifier>${id}</identifier><datestamp>${datestamp}</datestamp></header>`;
  return `<record>${header}${metadata === undefined ? '' : `<metadata>${metadata}</metadata>`}</record>`;
}

/** MARCXML whose prefix is declared at the root of the answer. */
export function marcRecord(id: string, title = `Title of ${id}`): string {
  return (
    `<marc:record><marc:leader>00000nam a2200000 i 4500</marc:leader><marc:controlfield tag="001">${id}</marc:controlfield>` +
    `<marc:datafield tag="245" ind1="0" ind2="0"><marc:subfield code="a">${title}</marc:subfield></marc:datafield></marc:record>`
  );
}
