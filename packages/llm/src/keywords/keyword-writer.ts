import { type BackendContext, LABEL_PREF, type Question, SUBJECT_ACTIVE, type Vocabulary } from '@catchword/core';
import { Random } from '@catchword/math';
import { languageRanks, RANK_EXACT } from '@catchword/vocabulary';
import type { Budget } from '../client/budget.js';
import type { ChatAnswer, ChatModel } from '../client/chat-model.js';
import { EndpointError } from '../client/endpoint-error.js';
import { openChat } from '../reader/open-reader.js';
import { shownText } from '../reader/shown-text.js';
import { keywordRequest, languageName, PROMPT_VERSION } from './keyword-request.js';
import type { KeywordParams } from './params.js';
import { readKeywords } from './read-keywords.js';

/** Longer labels do not show how headings look. */
const MOST_STYLE_CHARACTERS = 60;

/** Keywords of a text, or why there are none. */
export interface WrittenKeywords {
  readonly keywords: readonly string[];
  readonly question: Question;
  readonly failure?: EndpointError;
}

/** Has a chat model write keywords for texts. Never rejects for what the model does. */
export class KeywordWriter {
  readonly name: string;
  private readonly chat: ChatModel;
  private readonly params: KeywordParams;
  private readonly language: string;
  private readonly style: readonly string[];

  constructor(chat: ChatModel, params: KeywordParams, language: string, style: readonly string[]) {
    this.name = chat.name;
    this.chat = chat;
    this.params = params;
    this.language = languageName(language);
    this.style = style;
  }

  /** @throws {EndpointError} `misconfigured` if no model is named, or it cannot be used */
  static open(params: KeywordParams, context: BackendContext): KeywordWriter {
    const { service, seed, styleExamples } = params;
    const chat = openChat(service, context, seed, PROMPT_VERSION);
    const { vocabulary, language } = context;
    const style = styleExamples === 0 ? [] : someLabels(vocabulary, language, styleExamples, seed);
    return new KeywordWriter(chat, params, language, style);
  }

  async write(text: string, budget: Budget, signal: AbortSignal | undefined): Promise<WrittenKeywords> {
    const { instructions, keywords: most, seed, textCharacters } = this.params;
    const shown = shownText(text, textCharacters);
    if (shown === '') return { keywords: [], question: { messages: [] } };
    const { language, style } = this;
    const request = keywordRequest({ text: shown, instructions, language, style, keywords: most, seed });
    const { messages } = request;
    const isUseful = (answer: ChatAnswer) => readKeywords(answer.text, most).length > 0;
    try {
      const answer = await this.chat.chat(request, { budget, signal, isUseful });
      const keywords = readKeywords(answer.text, most);
      if (keywords.length > 0) return { keywords, question: { messages, answer: answer.text } };
      const failure = new EndpointError('unreadable', `${this.name} answered without keywords`);
      return { keywords, question: { messages, answer: answer.text, failure: failure.message }, failure };
    } catch (failure) {
      if (!(failure instanceof EndpointError)) throw failure;
      return { keywords: [], question: { messages, failure: failure.message }, failure };
    }
  }

  async close(): Promise<void> {
    await this.chat.close?.();
  }
}

/** Preferred labels of the language, chosen by chance. */
function someLabels({ labels, languages, status }: Vocabulary, language: string, n: number, seed: number): string[] {
  const ranks = languageRanks(languages, language);
  const all: number[] = [];
  for (let l = 0; l < labels.kind.length; l++) {
    if (labels.kind[l] !== LABEL_PREF || ranks[labels.language[l] as number] !== RANK_EXACT) continue;
    if (status[labels.subject[l] as number] === SUBJECT_ACTIVE) all.push(l);
  }
  const random = new Random(seed);
  const chosen: string[] = [];
  for (let tries = 0; chosen.length < Math.min(n, all.length) && tries < 20 * n; tries++) {
    const label = labels.texts.get(all[random.below(all.length)] as number);
    if (label.length <= MOST_STYLE_CHARACTERS && !chosen.includes(label)) chosen.push(label);
  }
  return chosen;
}
