import { type AnswerMemory, answerKey } from './answer-memory.js';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest } from './chat-model.js';

/** Raised when answers that are kept would mean something else. */
const KEY_VERSION = 2;

/** Asks a model, unless it was asked the same before. Answers of no use, and those that were cut off, are not kept. */
export class RememberingChat implements ChatModel {
  readonly name: string;
  private readonly model: ChatModel;
  private readonly memory: AnswerMemory;
  private readonly promptVersion: string;

  /** @param promptVersion changed when equal prompts are read in another way than before */
  constructor(model: ChatModel, memory: AnswerMemory, promptVersion: string) {
    this.name = model.name;
    this.model = model;
    this.memory = memory;
    this.promptVersion = promptVersion;
  }

  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatAnswer> {
    const { budget, isUseful = () => true } = options;
    const { messages, mostTokens, schema, words, seed } = request;
    // Messages hold the text and the candidates in their order.
    const key = answerKey([
      KEY_VERSION,
      this.name,
      this.model.version ?? null,
      this.promptVersion,
      messages,
      mostTokens,
      schema ?? null,
      words ?? null,
      seed,
    ]);
    const kept = readKept(await this.memory.get(key));
    if (kept && isUseful(kept)) {
      budget.noteCached();
      return kept;
    }
    const answer = await this.model.chat(request, options);
    if (!answer.isCutOff && isUseful(answer)) await this.memory.put(key, JSON.stringify(answer));
    return answer;
  }

  async close(): Promise<void> {
    await this.model.close?.();
  }
}

/** @returns undefined for what was not written here */
function readKept(text: string | undefined): ChatAnswer | undefined {
  if (text === undefined) return undefined;
  try {
    const { text: answer, firstToken, promptTokens, answerTokens, seconds } = JSON.parse(text);
    if (typeof answer !== 'string') return undefined;
    const costs = [promptTokens, answerTokens, seconds].map((cost) => (typeof cost === 'number' ? cost : 0));
    const [p = 0, a = 0, s = 0] = costs;
    const chances = Array.isArray(firstToken) ? { firstToken } : undefined;
    return { text: answer, ...chances, isCutOff: false, promptTokens: p, answerTokens: a, seconds: s, isCached: true };
  } catch {
    return undefined;
  }
}
