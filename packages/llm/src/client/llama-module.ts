import { availableParallelism } from 'node:os';
import type { JsonObject } from '@catchword/core';
import { EndpointError } from './endpoint-error.js';

/** Installed by whoever wants models in the process; it is large, and brings native libraries. */
const MODULE = 'node-llama-cpp';
const VERSION = '3.21.1';

/** What is used of that package. */
export interface LlamaModule {
  getLlama(options: { gpu: false; build: 'never'; logLevel: 'error' }): Promise<Llama>;
  readonly LlamaChatSession: new (options: {
    contextSequence: Sequence;
    systemPrompt: string;
    /** Else templates that know no system message would lose it; so it begins the first question. */
    forceAddSystemPrompt: true;
    autoDisposeSequence: false;
  }) => Session;
  readonly TokenBias: { for(model: Model): Bias };
}
export interface Llama {
  loadModel(options: { modelPath: string }): Promise<Model>;
  createGrammarForJsonSchema(schema: JsonObject): Promise<object>;
}
export interface Model {
  readonly tokenizer: object;
  createContext(options: { contextSize: { max: number }; threads: number }): Promise<Context>;
  tokenize(text: string): readonly Token[];
  detokenize(tokens: readonly Token[]): string;
  dispose(): Promise<void>;
}
interface Context {
  getSequence(): Sequence;
}
/** The number of a token, to that package. */
export type Token = number & { readonly token: unique symbol };
interface Bias {
  set(token: Token, bias: { logit: number }): this;
}
interface NextToken {
  readonly generateNext: {
    readonly probabilities: true;
    readonly options: { temperature: 1; topK: number; topP: 1; minP: 0; tokenBias: Bias };
  };
}
export interface Sequence {
  /** So many tokens have been read. */
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  /** Forgets what has been read from where it begins to differ. */
  adaptStateToTokens(tokens: readonly Token[], allowShift: false): Promise<void>;
  controlledEvaluate(
    tokens: readonly (Token | readonly [Token, NextToken])[],
  ): Promise<readonly ({ readonly next: { readonly probabilities?: ReadonlyMap<Token, number> } } | undefined)[]>;
}
type Turn =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly [] };
export interface Session {
  readonly chatWrapper: {
    generateContextState(options: { chatHistory: readonly Turn[] }): {
      readonly contextText: { tokenize(tokenizer: object): readonly Token[] };
    };
  };
  promptWithMeta(
    text: string,
    options: { grammar?: object; maxTokens: number; temperature: 0; seed: number; signal: AbortSignal },
  ): Promise<{ readonly responseText: string; readonly stopReason: string }>;
  dispose(): void;
}

/** A model that is ready to be asked. */
export interface OpenLlama {
  readonly module: LlamaModule;
  readonly llama: Llama;
  readonly model: Model;
  readonly sequence: Sequence;
}

/**
 * Opens a GGUF file with llama.cpp, on the processor.
 *
 * @param contextTokens of a question and its answer together; more takes memory
 * @throws {EndpointError} `misconfigured` where the package is not installed, or cannot read the file
 */
export async function openLlama(file: string, contextTokens: number): Promise<OpenLlama> {
  const name: string = MODULE; // not resolved by the compiler: it need not be there
  let module: LlamaModule;
  try {
    module = (await import(name)) as LlamaModule;
  } catch (cause) {
    throw new EndpointError('misconfigured', `Cannot open the model ${file}: ${MODULE} is not installed`, {
      hint: `Install it beside Catchword: npm install ${MODULE}@${VERSION}`,
      cause,
    });
  }
  try {
    const llama = await module.getLlama({ gpu: false, build: 'never', logLevel: 'error' });
    const model = await llama.loadModel({ modelPath: file });
    // llama.cpp waits in busy loops: with all processors it would starve whoever else is on the machine, itself included.
    const threads = Math.max(1, availableParallelism() - 1);
    const context = await model.createContext({ contextSize: { max: contextTokens }, threads });
    return { module, llama, model, sequence: context.getSequence() };
  } catch (cause) {
    throw new EndpointError('misconfigured', `Cannot open the model ${file}`, {
      hint: 'It has to be a GGUF file of a chat model that llama.cpp knows.',
      cause,
    });
  }
}
