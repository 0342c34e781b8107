import type { Place } from './problems.js';

/** A value as the file's format gives it. */
export type Setting = string | number | boolean | readonly Setting[] | ReadonlyMap<string, Setting>;

export interface ParsedValue {
  readonly value: Setting;
  readonly place: Place;
  /** From the section that all projects inherit. */
  readonly inherited: boolean;
}

/** A project as it is written, inherited values included. */
export interface ParsedProject {
  readonly id: string;
  readonly place: Place;
  /** In the order written, the inherited ones that stand first last. */
  readonly values: ReadonlyMap<string, ParsedValue>;
  /** Keys whose values could not be read, which was told. */
  readonly unread: ReadonlySet<string>;
}

/** A configuration file, whatever its format. */
export interface ParsedConfiguration {
  readonly projects: readonly ParsedProject[];
  /** What all projects inherit. */
  readonly defaults: ReadonlyMap<string, ParsedValue>;
  /** Keys that other values are made from; they need not mean anything by themselves. */
  readonly referenced: ReadonlySet<string>;
}
