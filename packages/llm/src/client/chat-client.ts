import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest, TokenChance } from './chat-model.js';
import {
  ANSWER_FORMATS,
  type AnswerFormat,
  chatBody,
  type Dialect,
  FULL_DIALECT,
  knownDialects,
  simplerDialect,
} from './dialect.js';
import { EndpointError } from './endpoint-error.js';
import type { EndpointService } from './endpoint-service.js';
import { estimateTokens } from './token-estimate.js';

/** Characters of an answer that are looked at. */
const MOST_ANSWER_CHARACTERS = 1 << 17;
/** Dialects that are tried in one request: each of the five things may have to be done without. */
const MOST_DIALECTS = 8;

/** A chat model at an endpoint in OpenAI's form. */
export class ChatClient implements ChatModel {
  readonly name: string;
  /** Azure names its models in the URL. */
  readonly version: string | undefined;
  private readonly service: EndpointService;
  private readonly startingFormat: AnswerFormat;
  private readonly dialects: Map<string, Dialect>;
  private readonly thinkingTokens: number;

  /**
   * @param startingFormat what is asked for first, where more would only be refused
   * @param dialects what is known of services; all clients of a thread share it unless told
   * @param thinkingTokens added to what an answer may have, for models that think before it
   */
  constructor(
    service: EndpointService,
    startingFormat: AnswerFormat = 'json_schema',
    dialects = knownDialects,
    thinkingTokens = 0,
  ) {
    this.name = service.endpoint.model;
    this.version = service.endpoint.isAzure ? service.endpoint.id : undefined;
    this.service = service;
    this.startingFormat = startingFormat;
    this.dialects = dialects;
    this.thinkingTokens = thinkingTokens;
  }

  /** What is known of the service by now. */
  get dialect(): Dialect {
    const known = this.dialects.get(this.service.endpoint.id) ?? FULL_DIALECT;
    const { startingFormat } = this;
    const isStricter = ANSWER_FORMATS.indexOf(known.format) < ANSWER_FORMATS.indexOf(startingFormat);
    return isStricter ? { ...known, format: startingFormat } : known;
  }

  async chat(asked: ChatRequest, options: ChatOptions): Promise<ChatAnswer> {
    const { endpoint } = this.service;
    const request = { ...asked, mostTokens: asked.mostTokens + this.thinkingTokens };
    const promptTokens = request.messages.reduce((sum, { content }) => sum + estimateTokens(content) + 4, 0);
    const most = { promptTokens, answerTokens: request.mostTokens };
    let dialect = this.dialect;
    for (let tried = 1; ; tried++) {
      try {
        const body = chatBody(endpoint.model, request, dialect);
        const { json, tokens, seconds } = await this.service.call('chat/completions', body, most, options);
        const read = readCompletion(json, endpoint.origin);
        if (tried > 1) this.dialects.set(endpoint.id, dialect); // what was refused is not tried again
        const { promptTokens, answerTokens } = tokens;
        return { ...read, promptTokens, answerTokens, seconds, isCached: false };
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error;
        const simpler = tried < MOST_DIALECTS ? simplerDialect(dialect, request, error) : undefined;
        if (!simpler) throw error;
        dialect = simpler;
      }
    }
  }
}

interface Completion {
  readonly choices?: readonly {
    readonly finish_reason?: unknown;
    readonly message?: { readonly content?: unknown };
    readonly logprobs?: { readonly content?: readonly { readonly top_logprobs?: unknown }[] } | null;
  }[];
}

function readCompletion(json: unknown, origin: string): Pick<ChatAnswer, 'text' | 'firstToken' | 'isCutOff'> {
  const choice = (json as Completion | null)?.choices?.[0];
  const content = choice?.message?.content;
  if (typeof content !== 'string') {
    throw new EndpointError('unreadable', `${origin} answered with JSON that is no chat completion`, { status: 200 });
  }
  const firstToken = readChances(choice?.logprobs?.content?.[0]?.top_logprobs);
  return {
    text: withoutThoughts(content.slice(0, MOST_ANSWER_CHARACTERS)),
    isCutOff: choice?.finish_reason === 'length',
    ...(firstToken ? { firstToken } : undefined),
  };
}

/** What models that reason write to themselves comes first, between marks; where these are not closed, there is no answer yet. */
function withoutThoughts(text: string): string {
  const end = text.lastIndexOf('</think>');
  if (end < 0 && text.trimStart().startsWith('<think>')) return '';
  return (end < 0 ? text : text.slice(end + '</think>'.length)).trim();
}

function readChances(value: unknown): TokenChance[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const chances = value.flatMap((each: unknown) => {
    const { token, logprob } = (each ?? {}) as { token?: unknown; logprob?: unknown };
    if (typeof token !== 'string' || typeof logprob !== 'number') return [];
    const probability = Math.exp(logprob);
    return probability >= 0 && probability <= 1.001 ? [{ token, probability: Math.min(1, probability) }] : [];
  });
  return chances.length > 0 ? chances.sort((a, b) => b.probability - a.probability) : undefined;
}
