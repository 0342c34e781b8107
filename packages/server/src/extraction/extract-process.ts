import { extractText } from './extract-text.js';
import type { ExtractedText, ExtractionError, ExtractionLimits, UploadedFile } from './extraction.js';

/** What the process is sent. */
export interface ExtractionTask {
  readonly file: UploadedFile;
  readonly limits: ExtractionLimits;
}

/** What it answers. */
export type ExtractionAnswer =
  | { readonly extracted: ExtractedText }
  | { readonly error: { readonly kind?: ExtractionError['kind']; readonly message: string } };

// A process of its own for one file: whatever a file does to it, the server goes on.
process.once('message', async (task: ExtractionTask) => {
  const answer = await work(task);
  process.send?.(answer, () => process.disconnect());
});

async function work({ file, limits }: ExtractionTask): Promise<ExtractionAnswer> {
  try {
    return { extracted: await extractText(file, limits) };
  } catch (error) {
    const { kind, message } = error as Partial<ExtractionError>;
    return { error: { ...(kind ? { kind } : undefined), message: String(message) } };
  }
}
