/** In falling order of weight, as the option `--verbosity` names them. */
export const VERBOSITIES = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'] as const;

export type Verbosity = (typeof VERBOSITIES)[number];

/** What a program needs of a stream that messages go to. */
export interface MessageStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const COLOURS = { red: 31, yellow: 33, cyan: 36 } as const;

/**
 * Everything that is said on standard error: log lines, and on a terminal one line that is rewritten while work goes on.
 *
 * Information stands bare, other levels are prefixed (`warning: …`). The same line is never said twice.
 */
export class Messages {
  verbosity: Verbosity = 'INFO';
  private readonly stream: MessageStream;
  private readonly coloured: boolean;
  private readonly said = new Set<string>();
  private status = '';

  constructor(stream: MessageStream, env: NodeJS.ProcessEnv) {
    this.stream = stream;
    this.coloured = this.isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  shows(level: Verbosity): boolean {
    return VERBOSITIES.indexOf(level) <= VERBOSITIES.indexOf(this.verbosity);
  }

  info(text: string): void {
    this.say('INFO', text);
  }

  warning(text: string): void {
    this.say('WARNING', text, this.paint('yellow', 'warning:'));
  }

  debug(text: string): void {
    this.say('DEBUG', text, 'debug:');
  }

  /** An error that ends the command. It is shown at every verbosity; lines that were said as warnings are not repeated. */
  error(message: string, hint: string | undefined): void {
    const news = message.split('\n').filter((line, i) => i === 0 || !this.said.has(`WARNING ${line.trim()}`));
    this.line(`${this.paint('red', 'Error:')} ${printable(news.join('\n'))}`);
    if (hint) this.line(`${this.paint('cyan', 'Hint:')} ${printable(hint)}`);
  }

  /** A line as it is, at every verbosity. */
  line(text: string): void {
    this.clearStatus();
    this.stream.write(`${text}\n`);
  }

  /** Shows or replaces the line that is rewritten; does nothing where there is no terminal. */
  setStatus(text: string): void {
    if (!this.isTerminal || !this.shows('INFO')) return;
    const width = (this.stream.columns || 80) - 1; // 0 where the terminal does not tell
    this.status = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    this.stream.write(`\r\x1b[K${this.status}`);
  }

  clearStatus(): void {
    if (this.status === '') return;
    this.status = '';
    this.stream.write('\r\x1b[K');
  }

  private say(level: Verbosity, text: string, prefix = ''): void {
    const key = `${level} ${text}`;
    if (!this.shows(level) || this.said.has(key)) return;
    this.said.add(key);
    this.line(prefix === '' ? printable(text) : `${prefix} ${printable(text)}`);
  }

  private paint(colour: keyof typeof COLOURS, text: string): string {
    return this.coloured ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
  }
}

/** Control characters of file names and texts must not steer the terminal; line ends are ours. */
function printable(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, (control) =>
    control === '\t' ? ' ' : `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
