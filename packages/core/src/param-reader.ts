import type { RawParams } from './backend.js';

/** Reads parameters of a configuration; a value that cannot be used is reported, and the fallback stands in for it. */
export class ParamReader {
  private readonly raw: RawParams;
  private readonly problem: (key: string, message: string) => void;

  /** @param problem as in `BackendType.parseParams` */
  constructor(raw: RawParams, problem: (key: string, message: string) => void) {
    this.raw = raw;
    this.problem = problem;
  }

  /** A number from `low` to `high`. */
  number(key: string, fallback: number, low: number, high: number): number {
    return this.inRange(key, fallback, low, high, false);
  }

  /** A whole number from `low` to `high`. */
  whole(key: string, fallback: number, low: number, high: number): number {
    return this.inRange(key, fallback, low, high, true);
  }

  /** A number from `low` to `high`; undefined for `auto`, and where nothing is set. */
  numberOrAuto(key: string, low: number, high: number): number | undefined {
    return this.isAuto(key) ? undefined : this.inRange(key, undefined, low, high, false);
  }

  /** A whole number from `low` to `high`; undefined for `auto`, and where nothing is set. */
  wholeOrAuto(key: string, low: number, high: number): number | undefined {
    return this.isAuto(key) ? undefined : this.inRange(key, undefined, low, high, true);
  }

  /**
   * Two whole numbers from `low` to `high`, written `3-5`, or one for both; undefined for 0.
   *
   * @param fallback where nothing is set; `auto` can be set as well
   */
  span(key: string, low: number, high: number, fallback?: 'auto'): readonly [number, number] | 'auto' | undefined {
    const value = this.raw[key];
    if (value === undefined) return fallback;
    if (value === 'auto') return value;
    if (String(value) === '0') return undefined;
    const [, first, last = first] = /^(\d{1,6})(?:\s*-\s*(\d{1,6}))?$/.exec(String(value).trim()) ?? [];
    const span = [Number(first), Number(last)] as const;
    if (span[0] >= low && span[1] <= high && span[0] <= span[1]) return span;
    this.problem(
      key,
      `${key} has to be 0, auto, or from ${low} to ${high} such as ${low}-${high}, not ${JSON.stringify(value)}`,
    );
    return fallback;
  }

  /** A truth value, as Annif and Python's configuration files write them. */
  truth(key: string, fallback: boolean): boolean {
    const value = this.raw[key];
    if (value === undefined) return fallback;
    const word = String(value).toLowerCase();
    if (['1', 'yes', 'true', 'on'].includes(word)) return true;
    if (['0', 'no', 'false', 'off'].includes(word)) return false;
    this.problem(key, `${key} has to be true or false, not ${JSON.stringify(value)}`);
    return fallback;
  }

  /** One of several words. */
  choice<T extends string>(key: string, fallback: T, choices: readonly T[]): T {
    const value = this.raw[key];
    if (value === undefined) return fallback;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    this.problem(key, `${key} has to be one of ${choices.join(', ')}, not ${JSON.stringify(value)}`);
    return fallback;
  }

  private isAuto(key: string): boolean {
    return this.raw[key] === undefined || this.raw[key] === 'auto';
  }

  private inRange<T extends number | undefined>(
    key: string,
    fallback: T,
    low: number,
    high: number,
    isWhole: boolean,
  ): number | T {
    const value = this.raw[key];
    if (value === undefined) return fallback;
    const parsed = typeof value === 'number' ? value : Number(value);
    const isValid =
      typeof value !== 'boolean' &&
      String(value).trim() !== '' &&
      parsed >= low &&
      parsed <= high &&
      (!isWhole || Number.isInteger(parsed));
    if (isValid) return parsed;
    const kind = isWhole ? 'whole number' : 'number';
    this.problem(key, `${key} has to be a ${kind} from ${low} to ${high}, not ${JSON.stringify(value)}`);
    return fallback;
  }
}
