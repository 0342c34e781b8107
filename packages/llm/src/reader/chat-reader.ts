import type { Question } from '@catchword/core';
import { contentHash, Random } from '@catchword/math';
import type { ChatAnswer, ChatModel, ChatRequest, TokenChance } from '../client/chat-model.js';
import { EndpointError } from '../client/endpoint-error.js';
import type { CandidateReader, CandidateReading, ReadingTask } from './candidate-reader.js';
import type { LlmParams } from './params.js';
import { gradesRequest, orderRequest, type PromptParts, yesNoRequest } from './prompt.js';
import { readGrades, readOrder } from './read-answer.js';

/** Less than this for both words together means that the model wanted to say something else. */
const LEAST_YES_OR_NO = 0.05;

/** Has a chat model read: one question for all candidates, or one for each. */
export class ChatReader implements CandidateReader {
  readonly name: string;
  private readonly chat: ChatModel;
  private readonly params: Pick<LlmParams, 'mode' | 'orders' | 'bestGrade' | 'instructions' | 'seed'>;

  constructor(chat: ChatModel, params: ChatReader['params']) {
    this.name = chat.name;
    this.chat = chat;
    this.params = params;
  }

  async read(task: ReadingTask): Promise<CandidateReading> {
    return this.params.mode === 'yes-no' ? this.readOneByOne(task) : this.readTogether(task);
  }

  async close(): Promise<void> {
    await this.chat.close?.();
  }

  /** Each question shows the candidates in an order of its own, so that none gains by its place. */
  private async readTogether(task: ReadingTask): Promise<CandidateReading> {
    const { mode, orders, bestGrade, seed, instructions } = this.params;
    const { text, examples, candidates } = task;
    const n = candidates.length;
    const sums = new Float64Array(n);
    const counts = new Uint8Array(n);
    const questions: Question[] = [];
    let failure: EndpointError | undefined;
    for (let k = 0; k < orders; k++) {
      const order = Uint32Array.from(candidates, (_, i) => i);
      new Random(contentHash(`${seed} ${k} ${text}`)).shuffle(order);
      const shown = Array.from(order, (i) => candidates[i] as string);
      const parts: PromptParts = { text, examples, instructions, candidates: shown };
      const request = mode === 'listwise' ? orderRequest(parts, seed) : gradesRequest(parts, bestGrade, seed);
      const read = (answer: ChatAnswer) =>
        mode === 'listwise' ? readOrder(answer.text, n) : readGrades(answer.text, n, bestGrade);
      const isUseful = (answer: ChatAnswer) => read(answer).values.some((value) => !Number.isNaN(value));
      const asked = await this.ask(task, request, isUseful);
      questions.push(asked.question);
      failure ??= asked.failure;
      if (!asked.answer) break; // the next question would fare no better
      const { values } = read(asked.answer);
      for (const [place, i] of order.entries()) {
        const value = values[place] as number;
        if (Number.isNaN(value)) continue;
        sums[i] = (sums[i] as number) + value;
        counts[i] = (counts[i] as number) + 1;
      }
    }
    const values = Float64Array.from(sums, (sum, i) => (counts[i] === 0 ? Number.NaN : sum / (counts[i] as number)));
    return { values, questions, ...(failure ? { failure } : undefined) };
  }

  private async readOneByOne(task: ReadingTask): Promise<CandidateReading> {
    const { seed, instructions } = this.params;
    const { text, examples, candidates } = task;
    const parts: PromptParts = { text, examples, instructions, candidates };
    const asked = await Promise.all(
      candidates.map((candidate) =>
        this.ask(task, yesNoRequest(parts, candidate, seed), (answer) => !Number.isNaN(yesShare(answer))),
      ),
    );
    const failure = asked.find((each) => each.failure)?.failure;
    return {
      values: Float64Array.from(asked, ({ answer }) => (answer ? yesShare(answer) : Number.NaN)),
      questions: asked.map(({ question }) => question),
      ...(failure ? { failure } : undefined),
    };
  }

  private async ask(
    { budget, signal }: ReadingTask,
    request: ChatRequest,
    isUseful: (answer: ChatAnswer) => boolean,
  ): Promise<{ question: Question; answer?: ChatAnswer; failure?: EndpointError }> {
    const { messages } = request;
    try {
      const answer = await this.chat.chat(request, { budget, signal, isUseful });
      if (isUseful(answer)) return { question: { messages, answer: answer.text }, answer };
      const failure = new EndpointError('unreadable', `${this.name} answered without a grade that could be read`);
      return { question: { messages, answer: answer.text, failure: failure.message }, failure };
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      return { question: { messages, failure: error.message }, failure: error };
    }
  }
}

/** @returns how much of yes and no together is yes; NaN where the model said neither */
export function yesShare({ text, firstToken }: Pick<ChatAnswer, 'text' | 'firstToken'>): number {
  if (firstToken) {
    const sum = (words: readonly string[]) =>
      firstToken.reduce((total, chance) => total + (words.includes(wordOf(chance)) ? chance.probability : 0), 0);
    const yes = sum(['yes', 'ye', 'y']);
    const no = sum(['no', 'n']);
    if (yes + no >= LEAST_YES_OR_NO) return yes / (yes + no);
  }
  if (/^\W*yes\b/i.test(text)) return 1;
  return /^\W*no\b/i.test(text) ? 0 : Number.NaN;
}

/** Tokens may begin with a mark for the space before them. */
function wordOf({ token }: TokenChance): string {
  return token.replace(/[^a-z]/gi, '').toLowerCase();
}
