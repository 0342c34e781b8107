import type { BackendContext } from '@catchword/core';
import { AnswerMemory } from '../client/answer-memory.js';
import type { Budget } from '../client/budget.js';
import { ChatClient } from '../client/chat-client.js';
import type { ChatAnswer, ChatModel } from '../client/chat-model.js';
import { RememberingChat } from '../client/remembering-chat.js';
import { languageName } from '../keywords/keyword-request.js';
import { openService } from '../reader/open-reader.js';
import type { ServiceParams } from '../reader/params.js';
import { shownText } from '../reader/shown-text.js';
import { type RecordReading, readRecord } from './read-record.js';
import { PROMPT_VERSION, type RecordTask, recordRequest } from './record-request.js';

const MOST_EXAMPLE_CHARACTERS = 2000;

/** How records are written. */
export interface RecordWriterOptions {
  /** As SKOS tags it. */
  readonly language: string;
  readonly instructions: string;
}

/** Has a chat model make records up, to learn from. */
export class RecordWriter {
  /** The model. */
  readonly name: string;
  private readonly chat: ChatModel;
  private readonly language: string;
  private readonly instructions: string;

  constructor(chat: ChatModel, { language, instructions }: RecordWriterOptions) {
    this.name = chat.name;
    this.chat = chat;
    this.language = languageName(language);
    this.instructions = instructions;
  }

  /** @throws {EndpointError} `misconfigured` if no model is named, or it cannot be used */
  static open(
    service: ServiceParams,
    context: Pick<BackendContext, 'projectId' | 'sharedState' | 'answers'>,
    options: RecordWriterOptions,
  ): RecordWriter {
    const memory = new AnswerMemory(service.cache ? context.answers : undefined);
    const format = service.format === 'auto' ? 'json_schema' : service.format;
    const chat = new ChatClient(openService(service, context, 0), format);
    return new RecordWriter(new RememberingChat(chat, memory, PROMPT_VERSION), options);
  }

  /**
   * @param seed another one asks for another record
   * @throws {EndpointError} if there is no answer; the signal's reason after an abort
   */
  async write(
    task: RecordTask,
    seed: number,
    options: { readonly budget: Budget; readonly signal?: AbortSignal | undefined },
  ): Promise<RecordReading> {
    const example = task.example === undefined ? undefined : shownText(task.example, MOST_EXAMPLE_CHARACTERS);
    const shown = { subjects: task.subjects, ...(example === undefined ? undefined : { example }) };
    const request = recordRequest(shown, this.language, this.instructions, seed);
    const read = (answer: ChatAnswer) => readRecord(answer.text, example);
    const isUseful = (answer: ChatAnswer) => 'text' in read(answer);
    return read(await this.chat.chat(request, { ...options, isUseful }));
  }

  async close(): Promise<void> {
    await this.chat.close?.();
  }
}
