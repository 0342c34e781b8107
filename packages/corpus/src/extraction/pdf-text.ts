import { ExtractionError, type ExtractionLimits } from './extraction.js';
import { tidyLines } from './markup-text.js';

/**
 * Reads the text layer of a PDF, page by page; nothing of it is run.
 *
 * @throws {ExtractionError} `protected` where a password is wanted, `damaged`
 */
export async function pdfText(
  bytes: Uint8Array,
  limits: ExtractionLimits,
): Promise<{ text: string; warnings: string[] }> {
  const { getDocumentProxy } = await import('unpdf');
  const warnings: string[] = [];
  try {
    const pdf = await getDocumentProxy(new Uint8Array(bytes), { isEvalSupported: false, verbosity: 0 });
    const nPages = Math.min(pdf.numPages, limits.maxPages);
    if (nPages < pdf.numPages) warnings.push(`Of ${pdf.numPages} pages the first ${nPages} were read`);
    const pages: string[] = [];
    let nCharacters = 0;
    for (let i = 1; i <= nPages && nCharacters <= limits.maxCharacters; i++) {
      const page = await pdf.getPage(i);
      const { items } = await page.getTextContent();
      const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
      nCharacters += text.length;
      pages.push(text);
      page.cleanup();
    }
    const text = tidyLines(pages.join('\n\n'));
    if (text === '') warnings.push('The file has no text, perhaps only images of pages');
    return { text, warnings };
  } catch (cause) {
    const { name, message } = cause as Error;
    if (name === 'PasswordException')
      throw new ExtractionError('protected', 'The file is protected by a password', cause);
    throw new ExtractionError('damaged', `The file is damaged: ${String(message).slice(0, 200)}`, cause);
  }
}
