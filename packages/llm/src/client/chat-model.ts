import type { JsonObject } from '@catchword/core';
import type { CallOptions } from './endpoint-service.js';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What is asked of a chat model. Equal requests are answered alike, as far as the model can. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Of the answer. */
  readonly mostTokens: number;
  /** The form that the answer has to have: a JSON Schema that a strict service accepts (all keys required, no others). */
  readonly schema?: { readonly name: string; readonly schema: JsonObject };
  /** The answer is one of these words, in lower case, and the chances of its first token are wanted. */
  readonly words?: readonly string[];
  readonly seed: number;
}

/** A token that the model considered. */
export interface TokenChance {
  readonly token: string;
  /** In [0, 1]. */
  readonly probability: number;
}

export interface ChatAnswer {
  /** As the model wrote it, without what it wrote to itself. */
  readonly text: string;
  /** Where they were asked for and the service tells, by falling probability: what the first token could have been. */
  readonly firstToken?: readonly TokenChance[];
  /** True where it ended because it became too long. */
  readonly isCutOff: boolean;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly seconds: number;
  /** True where it was at hand and nothing was asked. */
  readonly isCached: boolean;
}

/** How one chat request is made. */
export interface ChatOptions extends CallOptions {
  /** Tells whether an answer is worth keeping for the next time; absent: each is. */
  readonly isUseful?: (answer: ChatAnswer) => boolean;
}

/** A model that answers a conversation: at an endpoint, or in this process. */
export interface ChatModel {
  /** Names it, for messages and for keys of kept answers. */
  readonly name: string;
  /** Tells it from others of the same name, for keys of kept answers; absent where the name says it all. */
  readonly version?: string | undefined;
  /** @throws {EndpointError} if there is no answer that can be used; the signal's reason after an abort */
  chat(request: ChatRequest, options: ChatOptions): Promise<ChatAnswer>;
  close?(): Promise<void>;
}
