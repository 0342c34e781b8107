import type { Document, Node, Pair, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { ParsedConfiguration, ParsedProject, ParsedValue, Setting } from './parsed-configuration.js';
import { type Place, type Problems, quote } from './problems.js';

const MAX_DEPTH = 5;

/** Reads `projects.yaml`: `projects`, a map by id, and `defaults`, which all of them inherit. */
export function readYaml(text: string, file: string, problems: Problems): ParsedConfiguration {
  const reader = new YamlReader(text, file, problems);
  const defaults = new Map<string, ParsedValue>();
  const projects: ParsedProject[] = [];
  const unreadDefaults = new Set<string>();
  for (const [section, pair] of reader.root()) {
    if (section === 'defaults') {
      const settings = reader.settings(pair, '"defaults"');
      for (const [key, value] of settings?.values ?? []) defaults.set(key, { ...value, inherited: true });
      for (const key of settings?.unread ?? []) unreadDefaults.add(key);
    } else if (section === 'projects') {
      for (const [id, pairOfId] of reader.entries(pair, '"projects" has to be a map of projects by id') ?? []) {
        const settings = reader.settings(pairOfId, `project ${quote(id)}`);
        if (settings) projects.push({ id, place: reader.place(pairOfId.key), ...settings });
      }
    } else {
      const known = 'the file holds "projects:" and, if wanted, "defaults:"';
      problems.error(reader.place(pair.key), `${quote(section)} is not known here: ${known}`);
    }
  }
  const complete = projects.map((project) => ({
    ...project,
    values: new Map([...project.values, ...[...defaults].filter(([key]) => !project.values.has(key))]),
    unread: new Set([...project.unread, ...unreadDefaults]),
  }));
  return { projects: complete, defaults, referenced: new Set() };
}

/** More levels of brackets, and more columns of indentation and dashes, are no configuration. */
const MOST_NESTED = 100;
const MOST_INDENTED = 500;

type Entry = [key: string, pair: Pair<Node, Node | null>];

class YamlReader {
  private readonly file: string;
  private readonly problems: Problems;
  private readonly counter = new LineCounter();
  private readonly document: Document.Parsed;

  constructor(text: string, file: string, problems: Problems) {
    this.file = file;
    this.problems = problems;
    const tooDeep = tooDeepAt(text);
    if (tooDeep !== undefined) problems.error({ file, line: tooDeep }, 'not valid YAML: nested too deeply');
    const readable = tooDeep === undefined ? text : '';
    this.document = parseDocument(readable, { lineCounter: this.counter, prettyErrors: false, uniqueKeys: false });
    for (const { code, message, pos } of this.document.errors) {
      const { line, col } = this.counter.linePos(pos[0]);
      const what = code === 'MULTIPLE_DOCS' ? 'a second document begins here' : message;
      problems.error({ file, line, column: col }, `not valid YAML: ${what}`);
    }
  }

  place(node: Node | null): Place {
    const start = node?.range?.[0];
    if (start === undefined) return { file: this.file };
    const { line, col } = this.counter.linePos(start);
    return { file: this.file, line, column: col };
  }

  root(): Entry[] {
    const { contents, errors } = this.document;
    if (errors.length > 0) return []; // what was made of the rest would only bring more errors
    if (contents === null || (isScalar(contents) && contents.value === null)) return [];
    if (isMap(contents)) return this.mapEntries(contents as YAMLMap<Node, Node | null>);
    this.problems.error(this.place(contents), 'the file has to begin with "projects:"');
    return [];
  }

  /** @returns none where the value is empty, undefined where it is no map */
  entries(pair: Pair<Node, Node | null>, complaint: string): Entry[] | undefined {
    const value = this.resolve(pair.value);
    if (isMap(value)) return this.mapEntries(value as YAMLMap<Node, Node | null>);
    if (value === null || (isScalar(value) && value.value === null)) return [];
    this.problems.error(this.place(pair.key), complaint);
    return undefined;
  }

  settings(pair: Pair<Node, Node | null>, owner: string): Pick<ParsedProject, 'values' | 'unread'> | undefined {
    const entries = this.entries(pair, `${owner} has to be a map of "key: value"`);
    if (!entries) return undefined;
    const values = new Map<string, ParsedValue>();
    const unread = new Set<string>();
    for (const [key, setting] of entries) {
      const place = this.place(setting.key);
      const value = this.setting(setting.value, key, place, 0);
      if (value === undefined) unread.add(key);
      else values.set(key, { value, place, inherited: false });
    }
    return { values, unread };
  }

  private setting(node: Node | null, key: string, place: Place, depth: number): Setting | undefined {
    const value = this.resolve(node);
    if (isScalar(value)) {
      if (typeof value.value === 'boolean' || typeof value.value === 'string') return value.value;
      if (typeof value.value === 'number') return value.value;
    } else if (depth < MAX_DEPTH && isSeq(value)) {
      const items = value.items.map((item) => this.setting(item as Node, key, place, depth + 1));
      return items.includes(undefined) ? undefined : (items as Setting[]);
    } else if (depth < MAX_DEPTH && isMap(value)) {
      const map = new Map<string, Setting>();
      for (const [inner, pair] of this.mapEntries(value as YAMLMap<Node, Node | null>)) {
        const item = this.setting(pair.value, inner, this.place(pair.key), depth + 1);
        if (item === undefined) return undefined;
        map.set(inner, item);
      }
      return map;
    }
    const what = value === null || (isScalar(value) && value.value === null) ? 'has no value' : 'has a value of no use';
    this.problems.error(place, `${quote(key)} ${what}: give text, a number, true or false`);
    return undefined;
  }

  private mapEntries(map: YAMLMap<Node, Node | null>): Entry[] {
    const entries: Entry[] = [];
    const lines = new Map<string, number | undefined>();
    for (const pair of map.items) {
      const key = this.resolve(pair.key);
      const place = this.place(pair.key);
      if (!isScalar(key) || !['string', 'number', 'boolean'].includes(typeof key.value)) {
        this.problems.error(place, 'this key is not a text');
        continue;
      }
      const name = key.source ?? String(key.value);
      if (name === '<<') {
        this.problems.error(place, '"<<" is not known here: settings for all projects stand under "defaults:"');
        continue;
      }
      if (lines.has(name)) {
        this.problems.error(place, `${quote(name)} is there already, in line ${lines.get(name)}`);
        continue;
      }
      lines.set(name, place.line);
      entries.push([name, pair]);
    }
    return entries;
  }

  private resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.document) ?? null) : node;
  }
}

/**
 * Finds where values nest deeper than any configuration does: the parser calls itself for each level, and a stack that
 * is nearly full can end the whole process.
 *
 * @returns the line, from 1, or undefined
 */
function tooDeepAt(text: string): number | undefined {
  let line = 1;
  let flow = 0;
  let block = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow--;
    else if (token === '-' || token === '?') block++;
    else if (token.trim() === '' && !token.includes('\n')) block += token.length; // indentation
    if (flow > MOST_NESTED || block > MOST_INDENTED) return line;
    if (token.includes('\n')) {
      line += token.split('\n').length - 1;
      block = 0;
    }
  }
  return undefined;
}
