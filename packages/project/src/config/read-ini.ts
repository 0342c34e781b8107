import type { ParsedConfiguration, ParsedProject, ParsedValue } from './parsed-configuration.js';
import { type Place, type Problems, quote } from './problems.js';

const DEFAULT_SECTION = 'DEFAULT';
const MAX_DEPTH = 10;

interface Option {
  readonly lines: string[];
  readonly place: Place;
}

interface Section {
  readonly name: string;
  readonly place: Place;
  readonly options: Map<string, Option>;
}

/**
 * Reads Annif's `projects.cfg` as Python's ConfigParser does: keys with their case, `=` or `:`, comments only as whole lines,
 * values that go on in indented lines, `[DEFAULT]`, and interpolation of `%(name)s` and `%%`.
 *
 * Where ConfigParser stops at the first error, all are collected. Names are looked up in the project, then in `[DEFAULT]`.
 *
 * @see CPython 3.11, configparser.py: RawConfigParser._read, BasicInterpolation
 */
export function readIni(text: string, file: string, problems: Problems): ParsedConfiguration {
  const { sections, defaults } = readSections(text, file, problems);
  const referenced = new Set<string>();
  const projects: ParsedProject[] = [];
  for (const section of sections.values()) {
    const lookUp = (name: string) => section.options.get(name) ?? defaults.options.get(name);
    const values = new Map<string, ParsedValue>();
    const unread = new Set<string>();
    const add = (options: ReadonlyMap<string, Option>, inherited: boolean) => {
      for (const [key, option] of options) {
        if (values.has(key) || unread.has(key)) continue;
        const value = interpolate(key, option, lookUp, referenced, problems);
        if (value === undefined) unread.add(key);
        else values.set(key, { value, place: option.place, inherited });
      }
    };
    add(section.options, false);
    add(defaults.options, true);
    projects.push({ id: section.name, place: section.place, values, unread });
  }
  const inheritable = new Map<string, ParsedValue>();
  for (const [key, option] of defaults.options) {
    inheritable.set(key, { value: joined(option), place: option.place, inherited: true });
  }
  return { projects, defaults: inheritable, referenced };
}

function readSections(text: string, file: string, problems: Problems) {
  const sections = new Map<string, Section>();
  const defaults: Section = { name: DEFAULT_SECTION, place: { file }, options: new Map() };
  let section: Section | undefined;
  let option: Option | undefined;
  let indent = 0;
  let homeless = false;
  let line = 0;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    line++;
    const place = { file, line };
    const content = raw.trim();
    if (content.startsWith('#') || content.startsWith(';')) continue;
    if (content === '') {
      option?.lines.push('');
      continue;
    }
    const newIndent = raw.length - raw.trimStart().length;
    if (option && newIndent > indent) {
      option.lines.push(content);
      continue;
    }
    indent = newIndent;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (header !== undefined) {
      option = undefined;
      homeless = false;
      const known = sections.get(header);
      if (known) problems.error(place, `project ${quote(header)} is there already, in line ${known.place.line}`);
      section = header === DEFAULT_SECTION ? defaults : { name: header, place, options: new Map() };
      if (!known && section !== defaults) sections.set(header, section);
      continue;
    }
    if (!section) {
      if (!homeless) problems.error(place, `${quote(content)} stands before the first [project] heading`);
      homeless = true;
      continue;
    }
    option = readOption(content, place, section, problems) ?? option;
  }
  return { sections, defaults };
}

function readOption(content: string, place: Place, section: Section, problems: Problems): Option | undefined {
  const delimiter = content.search(/[=:]/);
  const key = content.slice(0, Math.max(delimiter, 0)).trimEnd();
  if (key === '') {
    problems.error(place, `${quote(content)} is neither a [project] heading nor "key=value"`);
    return undefined;
  }
  const option: Option = { lines: [content.slice(delimiter + 1).trim()], place };
  const known = section.options.get(key);
  if (known) {
    problems.error(place, `[${section.name}] sets ${quote(key)} twice, first in line ${known.place.line}`);
  } else {
    section.options.set(key, option);
  }
  return option;
}

function joined(option: Option): string {
  return option.lines.join('\n').trimEnd();
}

function interpolate(
  key: string,
  option: Option,
  lookUp: (name: string) => Option | undefined,
  referenced: Set<string>,
  problems: Problems,
): string | undefined {
  const expand = (text: string, depth: number): string => {
    if (!text.includes('%')) return text;
    if (depth > MAX_DEPTH) throw new InterpolationError('refers to itself, or through too many others');
    let result = '';
    for (let i = 0; i < text.length; ) {
      const percent = text.indexOf('%', i);
      if (percent < 0) return result + text.slice(i);
      result += text.slice(i, percent);
      if (text[percent + 1] === '%') {
        result += '%';
        i = percent + 2;
        continue;
      }
      const name = /^%\(([^)]+)\)s/.exec(text.slice(percent))?.[1];
      if (name === undefined) throw new InterpolationError('holds a lone "%": write "%%" for the character itself');
      const other = lookUp(name);
      if (!other) throw new InterpolationError(`refers to %(${name})s, which neither the project nor [DEFAULT] sets`);
      referenced.add(name);
      result += expand(joined(other), depth + 1);
      i = percent + name.length + 4;
    }
    return result;
  };
  try {
    return expand(joined(option), 1);
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error;
    problems.error(option.place, `the value of ${quote(key)} ${error.message}`);
    return undefined;
  }
}

class InterpolationError extends Error {}
