import { ParamReader, type RawParams } from '@catchword/core';
import { parseServiceParams, SERVICE_PARAM_HELP, type ServiceParams, textOf } from '../reader/params.js';

/** Parameters of keywords that a language model writes. */
export interface KeywordParams {
  readonly service: ServiceParams;
  /** `keywords`: that the model is asked for, at most. */
  readonly keywords: number;
  /** `style_examples`: labels that show how headings of the vocabulary look. */
  readonly styleExamples: number;
  /** `text_characters`: the beginning of the text that is shown. */
  readonly textCharacters: number;
  readonly instructions: string;
  /** `trees`: of the judge of candidates; 0: a score is that of a fixed rule. */
  readonly trees: number;
  /** `train_documents`: so many documents, chosen by chance, are asked about in training. */
  readonly trainDocuments: number;
  readonly seed: number;
}

const DEFAULTS = { keywords: 10, styleExamples: 20, textCharacters: 3000, trees: 60, trainDocuments: 200 };

/** The parameters' names in a configuration, with a line of help each. */
export const KEYWORD_PARAM_HELP: Readonly<Record<string, string>> = {
  keywords: `keywords that the model is asked for, at most (default ${DEFAULTS.keywords})`,
  style_examples: `labels, chosen by chance, that show the model how headings look; 0 for none (default ${DEFAULTS.styleExamples})`,
  text_characters: `the beginning of the text that is shown (default ${DEFAULTS.textCharacters})`,
  instructions: 'said to the model before the rules, for example which collection this is (default none)',
  trees: `trees that judge what keywords lead to; 0 for a fixed rule, which needs no request in training (default ${DEFAULTS.trees})`,
  train_documents: `training documents, chosen by chance, that the model is asked about (default ${DEFAULTS.trainDocuments})`,
  seed: 'chooses the labels that show how headings look (default 0)',
  ...SERVICE_PARAM_HELP,
};

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseKeywordParams(raw: RawParams, problem: (key: string, message: string) => void): KeywordParams {
  const read = new ParamReader(raw, problem);
  return {
    service: parseServiceParams(raw, problem),
    keywords: read.whole('keywords', DEFAULTS.keywords, 1, 50),
    styleExamples: read.whole('style_examples', DEFAULTS.styleExamples, 0, 200),
    textCharacters: read.whole('text_characters', DEFAULTS.textCharacters, 100, 1_000_000),
    instructions: textOf(raw, 'instructions') ?? '',
    trees: read.whole('trees', DEFAULTS.trees, 0, 10_000),
    trainDocuments: read.whole('train_documents', DEFAULTS.trainDocuments, 1, 100_000),
    seed: read.whole('seed', 0, 0, 2 ** 31 - 1),
  };
}
