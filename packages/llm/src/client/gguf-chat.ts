import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import type { JsonObject } from '@catchword/core';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest } from './chat-model.js';
import { EndpointError } from './endpoint-error.js';
import { estimateTokens } from './token-estimate.js';

/** Before the file of a model for this process. */
export const GGUF_PREFIX = 'gguf:';

/** Installed by whoever wants models in the process; it is large, and brings native libraries. */
const MODULE = 'node-llama-cpp';
const VERSION = '3.21.1';
/** Tokens of a question and its answer together; more takes memory. */
const CONTEXT_TOKENS = 8192;

/** What is used of that package. */
interface LlamaModule {
  getLlama(options: { gpu: false; build: 'never'; logLevel: 'error' }): Promise<Llama>;
  readonly LlamaChatSession: new (options: {
    contextSequence: Sequence;
    systemPrompt: string;
    autoDisposeSequence: false;
  }) => Session;
}
interface Llama {
  loadModel(options: { modelPath: string }): Promise<Model>;
  createGrammarForJsonSchema(schema: JsonObject): Promise<object>;
}
interface Model {
  createContext(options: { contextSize: { max: number }; threads: number }): Promise<Context>;
  tokenize(text: string): readonly unknown[];
  dispose(): Promise<void>;
}
interface Context {
  getSequence(): Sequence;
}
interface Sequence {
  clearHistory(): Promise<void>;
}
interface Session {
  promptWithMeta(
    text: string,
    options: { grammar?: object; maxTokens: number; temperature: 0; seed: number; signal: AbortSignal },
  ): Promise<{ readonly responseText: string; readonly stopReason: string }>;
  dispose(): void;
}

interface Opened {
  readonly module: LlamaModule;
  readonly llama: Llama;
  readonly model: Model;
  /** What has been read; a question begins anew. */
  readonly sequence: Sequence;
}

/** @returns what is wrong with the file of a model, or undefined */
export function modelFileProblem(file: string): string | undefined {
  if (isAbsolute(file)) return undefined;
  return `model has to name a file from the root, such as ${GGUF_PREFIX}/srv/models/small.gguf, not ${JSON.stringify(file)}`;
}

/**
 * A chat model in this process: a GGUF file, run by llama.cpp on the processor. Nothing is sent anywhere, nothing is downloaded,
 * and the form of an answer is enforced by a grammar. One question at a time; each thread that asks has the model open.
 */
export class GgufChat implements ChatModel {
  readonly name: string;
  private readonly file: string;
  private readonly timeoutMs: number;
  private opened: Promise<Opened> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /** @param file absolute @param timeoutMs of one answer */
  constructor(file: string, timeoutMs: number) {
    this.file = file;
    this.name = `${GGUF_PREFIX}${file}`;
    this.timeoutMs = timeoutMs;
  }

  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatAnswer> {
    const turn = this.last.then(() => this.answer(request, options));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.last;
    const opened = await this.opened?.catch(() => undefined);
    this.opened = undefined;
    await opened?.model.dispose();
  }

  private async answer(request: ChatRequest, { budget, signal }: ChatOptions): Promise<ChatAnswer> {
    signal?.throwIfAborted();
    this.opened ??= this.open();
    const { module, llama, model, sequence } = await this.opened;
    const [system, user] = ['system', 'user'].map((role) =>
      request.messages.flatMap((each) => (each.role === role ? [each.content] : [])).join('\n\n'),
    ) as [string, string];
    const promptTokens = model.tokenize(`${system}${user}`).length;
    if (promptTokens + request.mostTokens > CONTEXT_TOKENS) {
      throw new EndpointError(
        'too-large',
        `${this.name} takes ${CONTEXT_TOKENS} tokens, the question has ${promptTokens}`,
        {
          hint: 'Set a smaller text_characters.',
        },
      );
    }
    const grammar = request.schema ? await llama.createGrammarForJsonSchema(request.schema.schema) : undefined;
    const most = { promptTokens, answerTokens: request.mostTokens };
    budget.reserve(most);
    let answerTokens = 0;
    const started = performance.now();
    const timeout = AbortSignal.timeout(
      Math.max(1, Math.floor(Math.min(this.timeoutMs, budget.remainingMs(), 2 ** 31 - 1))),
    );
    let session: Session | undefined;
    try {
      await sequence.clearHistory();
      session = new module.LlamaChatSession({
        ...{ contextSequence: sequence, systemPrompt: system, autoDisposeSequence: false as const },
      });
      const { responseText: text, stopReason } = await session.promptWithMeta(user, {
        ...(grammar ? { grammar } : undefined),
        ...{ maxTokens: request.mostTokens, temperature: 0, seed: request.seed },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      answerTokens = model.tokenize(text).length || estimateTokens(text);
      const seconds = (performance.now() - started) / 1000;
      return { text, isCutOff: stopReason === 'maxTokens', promptTokens, answerTokens, seconds, isCached: false };
    } catch (cause) {
      signal?.throwIfAborted();
      if (timeout.aborted) throw new EndpointError('timed-out', `${this.name} gave no answer in time`, { cause });
      throw new EndpointError('server-failed', `${this.name} gave no answer`, { cause });
    } finally {
      session?.dispose();
      budget.settle(most, { promptTokens, answerTokens }, (performance.now() - started) / 1000);
    }
  }

  private async open(): Promise<Opened> {
    const name: string = MODULE; // not resolved by the compiler: it need not be there
    let module: LlamaModule;
    try {
      module = (await import(name)) as LlamaModule;
    } catch (cause) {
      throw new EndpointError('misconfigured', `Cannot open the model ${this.file}: ${MODULE} is not installed`, {
        hint: `Install it beside Catchword: npm install ${MODULE}@${VERSION}`,
        cause,
      });
    }
    try {
      const llama = await module.getLlama({ gpu: false, build: 'never', logLevel: 'error' });
      const model = await llama.loadModel({ modelPath: this.file });
      // llama.cpp waits in busy loops: with all processors it would starve whoever else is on the machine, itself included.
      const threads = Math.max(1, availableParallelism() - 1);
      const context = await model.createContext({ contextSize: { max: CONTEXT_TOKENS }, threads });
      return { module, llama, model, sequence: context.getSequence() };
    } catch (cause) {
      throw new EndpointError('misconfigured', `Cannot open the model ${this.file}`, {
        hint: 'It has to be a GGUF file of a chat model that llama.cpp knows.',
        cause,
      });
    }
  }
}
