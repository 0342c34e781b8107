import { serveTasks, transferring } from '@catchword/math';
import { createAnalyzer } from '../analyzer.js';
import { BatchTokenizer, type TokenizedBatch } from './tokenize-batch.js';

/** What a thread that tokenises is opened with. */
export interface TokenizeInit {
  readonly analyzer: string;
  readonly language: string;
  readonly charNgram: readonly [number, number] | undefined;
}

serveTasks<TokenizeInit, readonly string[], TokenizedBatch>(async (init) => {
  const analyzer = await createAnalyzer(init.analyzer, { language: init.language });
  const tokenizer = new BatchTokenizer(analyzer, init.charNgram);
  return (texts) => {
    const batch = tokenizer.tokenize(texts);
    return transferring(batch, [batch.sequence.buffer as ArrayBuffer]);
  };
});
