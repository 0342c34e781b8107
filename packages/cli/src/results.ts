import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Standard output, which holds results and nothing else. */
export class Results {
  private readonly stream: Writable & { readonly isTTY?: boolean };

  constructor(stream: Writable & { readonly isTTY?: boolean }) {
    this.stream = stream;
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** Writes text as it is, and waits where the reader is slower than we are. */
  async write(text: string | Uint8Array): Promise<void> {
    if (text.length > 0 && !this.stream.write(text)) await once(this.stream, 'drain');
  }

  async line(text = ''): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** Writes a value as indented JSON. */
  async json(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value, undefined, 2));
  }
}
