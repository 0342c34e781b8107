import type { ExtractedText, Extractor, ExtractorOptions, UploadedFile } from '@catchword/corpus';

/** Texts of files for a server; what gets them is loaded when the first file comes. */
export class TextExtraction {
  private readonly options: Partial<ExtractorOptions>;
  private extractor: Promise<Extractor> | undefined;

  /** @param options what is to differ from the defaults */
  constructor(options: Partial<ExtractorOptions>) {
    this.options = options;
  }

  /** @throws as `Extractor.extract` */
  async extract(file: UploadedFile, signal: AbortSignal): Promise<ExtractedText> {
    this.extractor ??= this.open();
    return (await this.extractor).extract(file, signal);
  }

  /** Kills what is under way. */
  async stop(): Promise<void> {
    (await this.extractor)?.stop();
  }

  private async open(): Promise<Extractor> {
    const { DEFAULT_EXTRACTOR, Extractor } = await import('@catchword/corpus');
    return new Extractor({ ...DEFAULT_EXTRACTOR, ...this.options });
  }
}
