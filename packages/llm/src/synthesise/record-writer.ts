import type { BackendContext } from '@catchword/core';
import type { Budget } from '../client/budget.js';
import type { ChatAnswer, ChatModel } from '../client/chat-model.js';
import { languageName } from '../keywords/keyword-request.js';
import { openChat } from '../reader/open-reader.js';
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
    return new RecordWriter(openChat(service, context, 0, PROMPT_VERSION), options);
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
