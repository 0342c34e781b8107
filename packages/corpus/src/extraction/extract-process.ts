import { extractText } from './extract-text.js';
import type {
  ExtractedText,
  ExtractionError,
  ExtractionLimits,
  ExtractionProblem,
  UploadedFile,
} from './extraction.js';

/** What the process is sent. */
export interface ExtractionTask {
  readonly file: UploadedFile;
  readonly limits: ExtractionLimits;
}

/** What it answers. */
export type ExtractionAnswer =
  | { readonly extracted: ExtractedText }
  | { readonly error: { readonly kind?: ExtractionProblem; readonly message: string } };

// A process of its own: whatever a file does to it, the program goes on. It is given one file after the other.
process.on('message', async (task: ExtractionTask) => {
  process.send?.(await work(task));
});
process.on('disconnect', () => process.exit());

async function work({ file, limits }: ExtractionTask): Promise<ExtractionAnswer> {
  try {
    return { extracted: await extractText(file, limits) };
  } catch (error) {
    const { kind, message } = error as Partial<ExtractionError>;
    return { error: { ...(kind ? { kind } : undefined), message: String(message) } };
  }
}
