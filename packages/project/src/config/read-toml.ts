import { parse, TomlError } from 'smol-toml';
import type { ParsedConfiguration, ParsedProject, ParsedValue, Setting } from './parsed-configuration.js';
import { type Place, type Problems, quote } from './problems.js';

/** Reads `projects.toml`: a table for each project, and no defaults, as Annif has it. */
export function readToml(text: string, file: string, problems: Problems): ParsedConfiguration {
  const projects: ParsedProject[] = [];
  const lines = locateKeys(text);
  const at = (...path: string[]): Place => {
    const line = lines.get(JSON.stringify(path)) ?? lines.get(JSON.stringify(path.slice(0, 1)));
    return line === undefined ? { file } : { file, line };
  };
  let document: Record<string, unknown> = {};
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = error.message.replace(/^Invalid TOML document: /, '').split('\n', 1)[0];
    problems.error({ file, line: error.line, column: error.column }, `not valid TOML: ${message}`);
  }
  for (const [id, table] of Object.entries(document)) {
    if (!isTable(table)) {
      problems.error(at(id), `${quote(id)} stands outside of a [project] table`);
      continue;
    }
    const values = new Map<string, ParsedValue>();
    const unread = new Set<string>();
    for (const [key, raw] of Object.entries(table)) {
      const place = at(id, key);
      const value = toSetting(raw);
      if (value === undefined) {
        unread.add(key);
        problems.error(place, `the value of ${quote(key)} is neither text, a number, true nor false`);
      } else values.set(key, { value, place, inherited: false });
    }
    projects.push({ id, place: at(id), values, unread });
  }
  return { projects, defaults: new Map(), referenced: new Set() };
}

function toSetting(value: unknown): Setting | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) {
    const items = value.map(toSetting);
    return items.includes(undefined) ? undefined : (items as Setting[]);
  }
  if (!isTable(value)) return undefined;
  const map = new Map<string, Setting>();
  for (const [key, item] of Object.entries(value)) {
    const setting = toSetting(item);
    if (setting === undefined) return undefined;
    map.set(key, setting);
  }
  return map;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

const KEY = String.raw`(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`;
const HEADING = new RegExp(String.raw`^\s*\[\s*(${KEY})\s*(?:\.\s*(${KEY})\s*)?`);
const ASSIGNMENT = new RegExp(String.raw`^\s*(${KEY})\s*(?:\.\s*(${KEY})\s*)?[=.]`);

/**
 * The parser tells no lines of what it has read, so they are looked for: good enough for messages, never trusted for values.
 *
 * @returns the line of each path of one or two keys, the path as JSON
 */
function locateKeys(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const note = (path: readonly string[], line: number) => {
    const key = JSON.stringify(path);
    if (!lines.has(key)) lines.set(key, line);
  };
  let table: string | undefined;
  let open: string | undefined; // the quotes that end a text of several lines
  text.split('\n').forEach((content, i) => {
    if (open) {
      if (content.includes(open)) open = undefined;
      return;
    }
    const [, first, second] = HEADING.exec(content) ?? ASSIGNMENT.exec(content) ?? [];
    const isHeading = HEADING.test(content);
    if (first !== undefined) {
      const path = [first, second].filter((key) => key !== undefined).map(unquote);
      if (isHeading) table = path[0];
      if (isHeading || table === undefined)
        path.forEach((_, n) => {
          note(path.slice(0, n + 1), i + 1);
        });
      else note([table, path[0] as string], i + 1);
    }
    const quotes = /"""|'''/.exec(content)?.[0];
    if (quotes && content.split(quotes).length % 2 === 0) open = quotes;
  });
  return lines;
}

function unquote(key: string): string {
  if (key.startsWith("'")) return key.slice(1, -1);
  if (!key.startsWith('"')) return key;
  try {
    return JSON.parse(key) as string;
  } catch {
    return key.slice(1, -1); // an escape that only TOML knows: its line will not be found
  }
}
