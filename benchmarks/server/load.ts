import { connect, type Socket } from 'node:net';

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
  const { hostname, port } = new URL(url);
  const statuses: Record<number, number> = {};
  const latencies: number[] = [];
  let n = 0;
  const started = performance.now();
  const client = async () => {
    const connection = new Connection(hostname, Number(port));
    for (let each = next(n); each; each = next(n)) {
      n++;
      const begun = performance.now();
      const status = await connection.send(each);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) latencies.push(performance.now() - begun);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: nConnections }, client));
  const seconds = (performance.now() - started) / 1000;
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

/**
 * A kept connection that sends one request after the other. It reads no more of an answer than its status and its end: what a
 * client takes for itself is taken from the server's figures.
 */
class Connection {
  private readonly host: string;
  private readonly port: number;
  private socket: Socket | undefined;

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }

  /** @returns the status; 0 where the connection was cut before the answer's end */
  send({ path, body, type }: LoadRequest): Promise<number> {
    return new Promise((resolve) => {
      this.socket ??= connect(this.port, this.host).setNoDelay(true);
      const socket = this.socket;
      let answer: Buffer<ArrayBufferLike> = Buffer.alloc(0);
      const end = (status: number, isKept: boolean) => {
        socket.removeAllListeners();
        if (!isKept) {
          socket.on('error', () => undefined).destroy();
          this.socket = undefined;
        }
        resolve(status);
      };
      socket.on('data', (piece) => {
        answer = answer.length === 0 ? piece : Buffer.concat([answer, piece]);
        const bodyAt = answer.indexOf('\r\n\r\n') + 4;
        if (bodyAt < 4) return;
        const head = answer.toString('latin1', 0, bodyAt).toLowerCase();
        const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
        const isWhole =
          length === undefined
            ? head.includes('\r\ntransfer-encoding: chunked') && answer.subarray(-5).equals(LAST_CHUNK)
            : answer.length >= bodyAt + Number(length);
        if (isWhole)
          end(Number(head.slice(9, 12)), !/\r\nconnection: *close/.test(head) && head.startsWith('http/1.1'));
      });
      socket.on('error', () => end(0, false));
      socket.on('close', () =>
        end(
          /^HTTP\/1\.\d \d{3}/.test(answer.toString('latin1', 0, 12)) && !hasLength(answer)
            ? Number(answer.toString('latin1', 9, 12))
            : 0,
          false,
        ),
      );
      const head = `POST ${path} HTTP/1.1\r\nhost: ${this.host}:${this.port}\r\ncontent-type: ${type}\r\n`;
      socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.socket?.destroy();
  }
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** Whether an answer says how long it is, so that it does not end with the connection. */
function hasLength(answer: Buffer): boolean {
  return /\r\n(content-length|transfer-encoding):/i.test(answer.toString('latin1', 0, answer.indexOf('\r\n\r\n') + 4));
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
