import { Agent, request } from 'node:http';

/** A request of a load. */
export interface LoadRequest {
  readonly path: string;
  readonly body: string;
  readonly type: 'application/x-www-form-urlencoded' | 'application/json';
}

export interface LoadResult {
  readonly nRequests: number;
  /** Answers by status; under 0 what got no answer. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly requestsPerSecond: number;
  /** Of answers with status 200, in milliseconds. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends requests over so many connections at once, each the next as soon as it has its answer.
 *
 * @param next gives the i-th request, or undefined to end
 */
export async function runLoad(
  url: string,
  nConnections: number,
  next: (i: number) => LoadRequest | undefined,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: nConnections });
  const statuses: Record<number, number> = {};
  const latencies: number[] = [];
  let n = 0;
  const started = performance.now();
  const client = async () => {
    for (let each = next(n); each; each = next(n)) {
      n++;
      const begun = performance.now();
      const status = await send(url, agent, each);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: nConnections }, client));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0);
  return {
    nRequests: n,
    statuses,
    requestsPerSecond: round(latencies.length / seconds),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
  };
}

/** @returns the status; 0 where the connection was cut */
function send(url: string, agent: Agent, { path, body, type }: LoadRequest): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const sent = request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      answer.on('end', () => resolve(answer.statusCode ?? 0)).on('error', () => resolve(0));
      answer.resume();
    });
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}

const round = (value: number) => Math.round(value * 100) / 100;

/** A form as clients of Annif send it. */
export function suggestForm(project: string, text: string, more: Readonly<Record<string, string>> = {}): LoadRequest {
  return {
    path: `/v1/projects/${project}/suggest`,
    body: new URLSearchParams({ text, ...more }).toString(),
    type: 'application/x-www-form-urlencoded',
  };
}
