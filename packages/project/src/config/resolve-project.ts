import { dirname, resolve } from 'node:path';
import { closest } from '@catchword/core';
import { idProblem } from '@catchword/storage';
import { ANNIF_BACKENDS, COMMON_KEYS, isAnnifKey } from './known-keys.js';
import type { ParsedConfiguration, ParsedProject, ParsedValue, Setting } from './parsed-configuration.js';
import { type Place, type Problems, quote } from './problems.js';
import { ACCESS_LEVELS, type Access, type ProjectConfig } from './project-config.js';
import { parseSources, type SourceSpec } from './source-spec.js';
import { isLanguageTag, parseVocabSpec, suggestion, type VocabSpec, vocabSpecFromMap } from './vocab-spec.js';

/** What is wrong with a text of the configuration; what is worth a warning is told when it is used. */
export interface SpecCheck {
  readonly problems: readonly string[];
}

/** What a configuration is checked against; it comes from the packages that will use it. */
export interface ConfigurationChecks {
  /** The names of all backends that can be used. */
  readonly backends: readonly string[];
  /** @returns the names of a backend's parameters; undefined where they are known only after loading it */
  paramNames(backend: string): readonly string[] | undefined;
  /** @returns whether a backend is an ensemble: it has sources, and reads no text itself */
  isEnsemble?(backend: string): boolean;
  checkAnalyzer?(spec: string, language: string): SpecCheck;
  checkTransform?(spec: string, language: string): SpecCheck;
}

const TRUE = ['1', 'yes', 'true', 'on'];
const FALSE = ['0', 'no', 'false', 'off'];

/** Checks one project and brings it into its final form. */
export function resolveProject(
  project: ParsedProject,
  configuration: ParsedConfiguration,
  checks: ConfigurationChecks,
  problems: Problems,
): ProjectConfig | undefined {
  const wrongId = idProblem(project.id);
  if (wrongId) {
    problems.error(project.place, `${quote(project.id)} cannot be the id of a project: ${wrongId}`);
    return undefined;
  }
  return new ProjectReader(project, configuration, checks, problems).read();
}

class ProjectReader {
  private readonly id: string;
  private readonly values: ReadonlyMap<string, ParsedValue>;
  private readonly project: ParsedProject;
  private readonly referenced: ReadonlySet<string>;
  private readonly checks: ConfigurationChecks;
  private readonly problems: Problems;
  /** Common keys that an unknown key was probably meant to be. */
  private readonly mistyped = new Set<string>();

  constructor(
    project: ParsedProject,
    configuration: ParsedConfiguration,
    checks: ConfigurationChecks,
    problems: Problems,
  ) {
    this.project = project;
    this.id = project.id;
    this.values = project.values;
    this.referenced = configuration.referenced;
    this.checks = checks;
    this.problems = problems;
  }

  read(): ProjectConfig {
    for (const [key, { inherited }] of this.values) {
      const meant = inherited || this.referenced.has(key) ? undefined : closest(key, Object.keys(COMMON_KEYS));
      if (meant !== undefined) this.mistyped.add(meant);
    }
    const backend = this.text('backend');
    const unsupported = this.unsupportedReason(backend);
    const usable = backend !== undefined && unsupported === undefined;
    const language = this.language();
    const vocab = this.vocab();
    const analyzer = this.text('analyzer');
    const transform = this.text('transform') ?? 'pass';
    if (usable && !this.values.has('vocab')) this.missing('vocab', 'a vocabulary, for example: vocab=yso');
    const isEnsemble = usable && this.checks.isEnsemble?.(backend) === true;
    if (usable && !isEnsemble && !this.values.has('analyzer')) {
      this.missing('analyzer', 'for example: analyzer=snowball(english)');
    }
    if (usable) {
      if (analyzer !== undefined) this.check('analyzer', this.checks.checkAnalyzer?.(analyzer, language));
      if (this.values.has('transform')) this.check('transform', this.checks.checkTransform?.(transform, language));
    }
    return {
      id: this.id,
      name: this.text('name') || this.id,
      language,
      ...optional('backend', backend),
      ...optional('vocab', vocab),
      ...optional('analyzer', analyzer),
      transform,
      ...optional('limit', this.limit()),
      access: this.access(),
      allowLearn: this.flag('allow_learn'),
      ...optional('marcMapping', this.marcMapping()),
      sources: this.sources(isEnsemble),
      params: this.params(backend, usable),
      origin: this.origin(),
      ...optional('unsupported', unsupported),
    };
  }

  /** Notes an error where the name means nothing anywhere; what Annif has and Catchword has not waits until it is used. */
  private unsupportedReason(backend: string | undefined): string | undefined {
    if (backend === undefined) {
      return `Misconfigured project '${this.id}': backend setting is missing`;
    }
    const { backends } = this.checks;
    if (backends.includes(backend)) return undefined;
    if (Object.hasOwn(ANNIF_BACKENDS, backend)) {
      return `Cannot use project '${this.id}': Catchword has no backend '${backend}' yet (it has: ${backends.join(', ')})`;
    }
    const known = [...backends, ...Object.keys(ANNIF_BACKENDS)];
    const list = ` (there is: ${backends.join(', ')})`;
    this.errorAt('backend', `there is no backend ${quote(backend)}${suggestion(backend, known) || list}`);
    return `There is no backend '${backend}'`;
  }

  private language(): string {
    const language = this.text('language');
    if (language === undefined) {
      if (!this.values.has('language')) this.missing('language', 'the language of the texts, for example: language=en');
      return '';
    }
    if (!isLanguageTag(language)) this.errorAt('language', `${quote(language)} is not a language tag such as en or sv`);
    return language;
  }

  private vocab(): VocabSpec | undefined {
    const parsed = this.values.get('vocab');
    const problem = (message: string) => this.errorAt('vocab', message);
    if (parsed?.value instanceof Map) return vocabSpecFromMap(parsed.value, problem);
    const text = this.text('vocab');
    return text === undefined ? undefined : parseVocabSpec(text, problem);
  }

  /** Relative paths start where the configuration lies. */
  private marcMapping(): string | undefined {
    const path = this.text('marc_mapping');
    return path === undefined ? undefined : resolve(dirname(this.values.get('marc_mapping')?.place.file ?? ''), path);
  }

  /** Other backends have no use for sources, which they may inherit. */
  private sources(isEnsemble: boolean): readonly SourceSpec[] {
    if (!isEnsemble) return [];
    const sources = parseSources(this.text('sources') ?? '', (message) => this.errorAt('sources', message));
    if (sources.length === 0) this.missing('sources', 'the projects that it joins, for example: sources=mllm:1,tree:2');
    return sources;
  }

  private limit(): number | undefined {
    const text = this.text('limit');
    if (text === undefined) return undefined;
    const limit = Number(text);
    if (/^[0-9]+$/.test(text) && Number.isSafeInteger(limit) && limit > 0) return limit;
    this.errorAt('limit', `${quote(text)} is not a limit: a whole number above 0 is wanted`);
    return undefined;
  }

  private access(): Access {
    const text = this.text('access');
    const level = text === undefined ? 'public' : ACCESS_LEVELS.find((name) => name === text.toLowerCase());
    if (level) return level;
    const wanted = `${quote(text ?? '')} is no level of access: public, hidden or private is wanted`;
    this.errorAt('access', `${wanted}${suggestion(text ?? '', ACCESS_LEVELS)}`);
    return 'private';
  }

  private flag(key: string): boolean {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined || FALSE.includes(text)) return false;
    if (!TRUE.includes(text)) this.errorAt(key, `${quote(text)} is neither true nor false`);
    return TRUE.includes(text);
  }

  /** What is inherited and means nothing here is meant for others. */
  private params(backend: string | undefined, usable: boolean): ProjectConfig['params'] {
    const annif =
      backend !== undefined && Object.hasOwn(ANNIF_BACKENDS, backend) ? (ANNIF_BACKENDS[backend] ?? []) : [];
    const names = usable && backend !== undefined ? this.checks.paramNames(backend) : annif;
    const params: Record<string, string | number | boolean> = Object.create(null);
    for (const [key, { value, inherited }] of this.values) {
      if (Object.hasOwn(COMMON_KEYS, key)) continue;
      if (names && !names.includes(key)) {
        if (inherited || this.referenced.has(key)) continue;
        this.unknownKey(key, backend, usable, names);
        if (usable) continue;
      }
      if (typeof value === 'object') this.errorAt(key, `${quote(key)} has to be a single text, number, true or false`);
      else params[key] = value;
    }
    return params;
  }

  /** An error where the project could be used but for it; a warning where Annif knows the key, or the project waits anyway. */
  private unknownKey(key: string, backend: string | undefined, usable: boolean, names: readonly string[]): void {
    if (isAnnifKey(key)) {
      if (usable) this.warnAt(key, `${quote(key)} has no effect on backend ${backend}`);
      return;
    }
    const message = `unknown key ${quote(key)}${suggestion(key, [...Object.keys(COMMON_KEYS), ...names])}`;
    if (usable) this.errorAt(key, message);
    else this.warnAt(key, message);
  }

  /** Lists of texts may stand where Annif wants commas. */
  private text(key: string): string | undefined {
    const value = this.values.get(key)?.value;
    if (value === undefined) return undefined;
    const text = asText(value);
    if (text === undefined) this.errorAt(key, `${quote(key)} has to be a text`);
    else if (text === '' && key !== 'name' && key !== 'sources') this.errorAt(key, `${quote(key)} has no value`);
    return text || undefined;
  }

  private check(key: string, result: SpecCheck | undefined): void {
    for (const message of result?.problems ?? []) this.errorAt(key, message);
  }

  private origin(): Record<string, Place> {
    const origin: Record<string, Place> = Object.create(null);
    origin[''] = this.project.place;
    for (const [key, { place }] of this.values) origin[key] = place;
    return origin;
  }

  private missing(key: string, what: string): void {
    if (this.mistyped.has(key) || this.project.unread.has(key)) return; // told already
    this.problems.error(this.project.place, `project ${quote(this.id)} has no "${key}" (${what})`);
  }

  private errorAt(key: string, message: string): void {
    this.problems.error(this.values.get(key)?.place ?? this.project.place, this.about(key, message));
  }

  private warnAt(key: string, message: string): void {
    this.problems.warn(this.values.get(key)?.place ?? this.project.place, this.about(key, message));
  }

  /** What is inherited is told once, not for each heir. */
  private about(key: string, message: string): string {
    return this.values.get(key)?.inherited ? message : `project ${quote(this.id)}: ${message}`;
  }
}

/** Looks for mistyped keys among those that all projects inherit; a key that nothing needs may be meant for later. */
export function checkDefaults(
  configuration: ParsedConfiguration,
  checks: ConfigurationChecks,
  problems: Problems,
): void {
  const known = new Set([
    ...Object.keys(COMMON_KEYS),
    ...checks.backends.flatMap((name) => checks.paramNames(name) ?? []),
  ]);
  for (const [key, { place }] of configuration.defaults) {
    if (known.has(key) || isAnnifKey(key) || configuration.referenced.has(key)) continue;
    const meant = suggestion(key, known);
    if (meant) problems.error(place, `unknown key ${quote(key)}${meant}`);
    else problems.warn(place, `unknown key ${quote(key)}, and nothing refers to it`);
  }
}

function asText(value: Setting): string | undefined {
  if (Array.isArray(value)) {
    const items = (value as readonly Setting[]).map((item) => (typeof item === 'object' ? undefined : String(item)));
    return items.includes(undefined) ? undefined : items.join(',');
  }
  return typeof value === 'object'
    ? undefined
    : String(value)
        .trim()
        .replace(/\s*\n\s*/g, ' ');
}

function optional<K extends string, V>(key: K, value: V | undefined): { [k in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [k in K]?: V };
}
