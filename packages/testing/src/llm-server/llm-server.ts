import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LlmReply, LlmRequest, LlmRequestBody, LlmScript } from './llm-reply.js';

/** What a service understands besides the bare chat request; all by default. */
export interface LlmServerOptions {
  /** Forms of an answer that can be asked for. */
  readonly formats?: readonly ('json_schema' | 'json_object')[];
  /** Parameters that are refused with status 400, with their names in the message: `seed`, `max_tokens`, `logprobs`. */
  readonly refuses?: readonly string[];
}

/** A service in OpenAI's form on the loopback interface: a real HTTP server whose answers a test scripts. */
export class LlmServer {
  /** What it was sent, in order, refused requests included. */
  readonly requests: LlmRequest[] = [];
  script: LlmScript;
  private readonly server: Server;
  private readonly options: LlmServerOptions;
  private readonly sockets = new Set<Socket>();
  private underWay_ = 0;
  private mostUnderWay_ = 0;

  private constructor(script: LlmScript, options: LlmServerOptions) {
    this.script = script;
    this.options = options;
    this.server = createServer((request, response) => {
      this.mostUnderWay_ = Math.max(this.mostUnderWay_, ++this.underWay_);
      response.on('close', () => this.underWay_--);
      this.serve(request, response).catch(() => response.destroy());
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(script: LlmScript, options: LlmServerOptions = {}): Promise<LlmServer> {
    const llm = new LlmServer(script, options);
    await new Promise<void>((resolve, reject) => {
      llm.server.once('error', reject);
      llm.server.listen(0, '127.0.0.1', resolve);
    });
    return llm;
  }

  /** The base URL that a client is configured with. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** The most requests that were under way at the same time. */
  get mostUnderWay(): number {
    return this.mostUnderWay_;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (incoming.url ?? '').split('?');
    const request: LlmRequest = {
      n: this.requests.length,
      path: path.replace(/^\/v1\//, ''),
      query,
      headers: incoming.headers,
      body: await readBody(incoming),
    };
    this.requests.push(request);
    const refused = this.refusal(request.body);
    const reply = refused ?? (await this.script(request));
    await send(response, reply, request.body);
  }

  private refusal(body: LlmRequestBody): LlmReply | undefined {
    const { formats = ['json_schema', 'json_object'], refuses = [] } = this.options;
    const refuse = (message: string): LlmReply => ({
      kind: 'status',
      status: 400,
      body: JSON.stringify({ error: { message, type: 'invalid_request_error' } }),
    });
    const name = refuses.find((each) => each in body);
    if (name !== undefined) return refuse(`Unsupported parameter: '${name}' is not supported with this model.`);
    const { type } = (body.response_format ?? {}) as { type?: 'json_schema' | 'json_object' };
    if (type !== undefined && !formats.includes(type)) return refuse('Invalid value');
    return undefined;
  }
}

async function readBody(incoming: IncomingMessage): Promise<LlmRequestBody> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  return text === '' ? {} : (JSON.parse(text) as LlmRequestBody);
}

async function send(response: ServerResponse, reply: LlmReply, body: LlmRequestBody): Promise<void> {
  switch (reply.kind) {
    case 'text':
      if (reply.delayMs !== undefined) await sleep(reply.delayMs);
      return sendJson(response, completion(reply, body));
    case 'json':
      return sendJson(response, reply.json);
    case 'status':
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.end(reply.body ?? '');
      return;
    case 'silence':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'cut-off': {
      const whole = JSON.stringify(completion({ kind: 'text', text: reply.text }, body));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) });
      response.write(whole.slice(0, whole.length / 2), () => response.destroy());
      return;
    }
    case 'flood': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const piece = Buffer.alloc(1 << 16, 0x78);
      for (let sent = 0; sent < reply.bytes && !response.destroyed; sent += piece.length) {
        if (!response.write(piece)) await drainedOrClosed(response);
      }
      response.end();
    }
  }
}

function drainedOrClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

function sendJson(response: ServerResponse, json: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(json));
}

function completion(reply: LlmReply & { readonly kind: 'text' }, body: LlmRequestBody): object {
  const { text, firstToken, finish = 'stop', usage } = reply;
  const prompt = (body.messages ?? []).reduce((sum, { content }) => sum + content.length, 0);
  const counted = { prompt_tokens: Math.ceil(prompt / 4), completion_tokens: Math.ceil(text.length / 4) };
  const top = Object.entries(firstToken ?? {}).map(([token, probability]) => ({
    token,
    logprob: Math.log(probability),
  }));
  const logprobs = body.logprobs === true && firstToken ? { content: [{ token: text, top_logprobs: top }] } : null;
  return {
    id: 'completion',
    object: 'chat.completion',
    model: body.model,
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: text }, logprobs }],
    ...(usage === null ? undefined : { usage: usage ?? counted }),
  };
}
