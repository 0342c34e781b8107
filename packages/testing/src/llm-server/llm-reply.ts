import type { IncomingHttpHeaders } from 'node:http';

/** A request that the loopback server was sent. */
export interface LlmRequest {
  /** From 0, over all requests of the server. */
  readonly n: number;
  /** Below the base: `chat/completions`, `rerank`, `embeddings`. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: LlmRequestBody;
}

/** What tests look at in a body; there is more in it. */
export interface LlmRequestBody {
  readonly [key: string]: unknown;
  readonly model?: string;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly query?: string;
  readonly documents?: readonly string[];
  readonly input?: readonly string[];
}

/** What the loopback server does with a request. */
export type LlmReply =
  /** A chat completion. */
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Probabilities of the first token, told where the request asks for them. */
      readonly firstToken?: Readonly<Record<string, number>>;
      readonly finish?: 'stop' | 'length';
      /** Absent: counted by characters; null: not told. */
      readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
      readonly delayMs?: number;
    }
  /** JSON of any kind, with status 200. */
  | { readonly kind: 'json'; readonly json: unknown }
  /** Text of any kind. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'silence' }
  /** Breaks the connection before an answer. */
  | { readonly kind: 'reset' }
  /** Breaks the connection in the middle of a completion of this text. */
  | { readonly kind: 'cut-off'; readonly text: string }
  /** Answers with so many bytes, without telling how many. */
  | { readonly kind: 'flood'; readonly bytes: number };

/** Decides on each request. */
export type LlmScript = (request: LlmRequest) => LlmReply | Promise<LlmReply>;
