import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest, TokenChance } from './chat-model.js';
import { EndpointError } from './endpoint-error.js';
import { type OpenLlama, openLlama, type Session, type Token } from './llama-module.js';
import { estimateTokens } from './token-estimate.js';

/** Before the file of a model for this process. */
export const GGUF_PREFIX = 'gguf:';

/** Tokens of a question and its answer together. */
const CONTEXT_TOKENS = 8192;
/** Read at a time, so that a timeout is noticed. */
const BLOCK_TOKENS = 256;
/** Added to the logits of words that an answer is one of, so that nothing else has a chance; their ratios stay. */
const ONLY_THESE = 100;

/** @returns what is wrong with the file of a model, or undefined */
export function modelFileProblem(file: string): string | undefined {
  if (isAbsolute(file)) return undefined;
  return `model has to name a file from the root, such as ${GGUF_PREFIX}/srv/models/small.gguf, not ${JSON.stringify(file)}`;
}

/**
 * A chat model in this process: a GGUF file, run by llama.cpp on the processor. Nothing is sent anywhere, nothing is downloaded,
 * and the form of an answer is enforced, by a grammar or by its words. One question at a time, of those that wait the one that
 * begins most like the last; each thread that asks has the model open.
 */
export class GgufChat implements ChatModel {
  readonly name: string;
  /** Another file may come to stand in its place. */
  readonly version: string | undefined;
  private readonly file: string;
  private readonly timeoutMs: number;
  private opened: Promise<OpenLlama> | undefined;
  private readonly waiting: Waiting[] = [];
  private working: Promise<void> | undefined;
  /** The question that was read last. */
  private last = '';

  /** @param file absolute @param timeoutMs of one answer */
  constructor(file: string, timeoutMs: number) {
    this.file = file;
    this.name = `${GGUF_PREFIX}${file}`;
    this.version = versionOf(file);
    this.timeoutMs = timeoutMs;
  }

  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatAnswer> {
    return new Promise((resolve, reject) => {
      const text = request.messages.map(({ content }) => content).join('\n');
      this.waiting.push({ text, resolve, reject, ask: () => this.answer(request, options) });
      this.working ??= this.work();
    });
  }

  async close(): Promise<void> {
    await this.working;
    const opened = await this.opened?.catch(() => undefined);
    this.opened = undefined;
    await opened?.model.dispose();
  }

  /** What has been read of a text need not be read again for the next question about it, so that comes next. */
  private async work(): Promise<void> {
    for (let next = this.takeNext(); next; next = this.takeNext()) {
      this.last = next.text;
      await next.ask().then(next.resolve, next.reject);
    }
    this.working = undefined;
  }

  private takeNext(): Waiting | undefined {
    let best = 0;
    let most = -1;
    for (const [i, { text }] of this.waiting.entries()) {
      const shared = sharedBeginning(text, this.last);
      if (shared <= most) continue;
      best = i;
      most = shared;
    }
    return this.waiting.splice(best, 1)[0];
  }

  private async answer(request: ChatRequest, { budget, signal }: ChatOptions): Promise<ChatAnswer> {
    signal?.throwIfAborted();
    this.opened ??= openLlama(this.file, CONTEXT_TOKENS);
    const { module, model, sequence } = await this.opened;
    const [system, user] = ['system', 'user'].map((role) =>
      request.messages.flatMap((each) => (each.role === role ? [each.content] : [])).join('\n\n'),
    ) as [string, string];
    const promptTokens = model.tokenize(`${system}${user}`).length;
    if (promptTokens + request.mostTokens > CONTEXT_TOKENS) {
      throw new EndpointError(
        'too-large',
        `${this.name} takes ${CONTEXT_TOKENS} tokens, the question has ${promptTokens}`,
        { hint: 'Set a smaller text_characters.' },
      );
    }
    const most = { promptTokens, answerTokens: request.mostTokens };
    budget.reserve(most);
    let answerTokens = 0;
    const started = performance.now();
    const timeout = AbortSignal.timeout(
      Math.max(1, Math.floor(Math.min(this.timeoutMs, budget.remainingMs(), 2 ** 31 - 1))),
    );
    let session: Session | undefined;
    try {
      session = new module.LlamaChatSession({
        ...{ contextSequence: sequence, systemPrompt: system, forceAddSystemPrompt: true, autoDisposeSequence: false },
      });
      const stop = signal ? AbortSignal.any([signal, timeout]) : timeout;
      const answer = request.words
        ? await this.oneWord(session, system, user, request.words, stop)
        : await this.written(session, user, request, stop);
      answerTokens = model.tokenize(answer.text).length || estimateTokens(answer.text);
      const seconds = (performance.now() - started) / 1000;
      return { ...answer, promptTokens, answerTokens, seconds, isCached: false };
    } catch (cause) {
      signal?.throwIfAborted();
      if (timeout.aborted) throw new EndpointError('timed-out', `${this.name} gave no answer in time`, { cause });
      throw new EndpointError('server-failed', `${this.name} gave no answer`, { cause });
    } finally {
      session?.dispose();
      budget.settle(most, { promptTokens, answerTokens }, (performance.now() - started) / 1000);
    }
  }

  private async written(session: Session, user: string, request: ChatRequest, signal: AbortSignal) {
    const { llama, sequence } = await (this.opened as Promise<OpenLlama>);
    const grammar = request.schema ? await llama.createGrammarForJsonSchema(request.schema.schema) : undefined;
    await sequence.clearHistory();
    const { responseText: text, stopReason } = await session.promptWithMeta(user, {
      ...(grammar ? { grammar } : undefined),
      ...{ maxTokens: request.mostTokens, temperature: 0, seed: request.seed, signal },
    });
    return { text, isCutOff: stopReason === 'maxTokens' };
  }

  /** Reads the question, as far as it is not that of the last time, and looks at what could come next. */
  private async oneWord(session: Session, system: string, user: string, words: readonly string[], signal: AbortSignal) {
    const { module, model, sequence } = await (this.opened as Promise<OpenLlama>);
    const { contextText } = session.chatWrapper.generateContextState({
      chatHistory: [
        { type: 'system', text: system },
        { type: 'user', text: user },
        { type: 'model', response: [] },
      ],
    });
    const tokens = contextText.tokenize(model.tokenizer);
    await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
    for (let from = sequence.nextTokenIndex; from < tokens.length - 1; from = sequence.nextTokenIndex) {
      signal.throwIfAborted();
      await sequence.controlledEvaluate(tokens.slice(from, Math.min(from + BLOCK_TOKENS, tokens.length - 1)));
    }
    signal.throwIfAborted();
    const firstTokens = new Set(words.flatMap(formsOf).map((form) => model.tokenize(form)[0] as Token));
    const tokenBias = module.TokenBias.for(model);
    for (const token of firstTokens) tokenBias.set(token, { logit: ONLY_THESE });
    const options = { temperature: 1, topK: firstTokens.size, topP: 1, minP: 0, tokenBias } as const;
    const last = tokens.at(-1) as Token;
    const read = await sequence.controlledEvaluate([[last, { generateNext: { probabilities: true, options } }]]);
    const firstToken: TokenChance[] = [...(read.at(-1)?.next.probabilities ?? [])]
      .filter(([token]) => firstTokens.has(token))
      .map(([token, probability]) => ({ token: model.detokenize([token]), probability: Math.min(1, probability) }))
      .sort((a, b) => b.probability - a.probability);
    return { text: firstToken[0]?.token.trim() ?? '', firstToken, isCutOff: false };
  }
}

/** A question that waits for its turn. */
interface Waiting {
  readonly text: string;
  readonly ask: () => Promise<ChatAnswer>;
  readonly resolve: (answer: ChatAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

/** @returns how many characters two texts begin with alike */
function sharedBeginning(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let n = 0;
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n++;
  return n;
}

/** @returns undefined for a file that cannot be looked at; opening it says why */
function versionOf(file: string): string | undefined {
  try {
    const { size, mtimeMs } = statSync(file);
    return `${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

/** A word as an answer may begin with it. */
function formsOf(word: string): string[] {
  const capital = word.slice(0, 1).toUpperCase() + word.slice(1);
  return [word, capital, ` ${word}`, ` ${capital}`];
}
