import { ConfigurationError, closest, IndexingError, type RawParams } from '@catchword/core';
import { SharedBuffers } from '@catchword/storage';
import { checkAnalyzerSpec, checkTransformSpec } from '@catchword/text';
import { type BackendModules, backendNames, backendParamNames, isEnsembleBackend } from './backend-types.js';
import { type Configuration, readConfiguration, readEnvironment } from './config/index.js';
import { labelLanguages } from './label-languages.js';
import { Project, type ProjectServices } from './project.js';
import { removeStaleLock } from './stale-lock.js';
import { VocabularyStore } from './vocabulary-store.js';

export interface RegistryOptions {
  /** Configuration file or folder; else environment, else the usual names in the current folder. */
  readonly projects?: string;
  /** Where models and vocabularies are kept; else environment, else `data`. */
  readonly dataDir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Backend types that do not come with Catchword. */
  readonly backendModules?: BackendModules;
  /** Whether a model that several have open (a project, ensembles over it, several versions) is in memory once: for servers. */
  readonly shareModels?: boolean;
  readonly onWarning?: (message: string) => void;
}

/** A vocabulary that a project names or that is loaded. */
export interface VocabularyEntry {
  readonly id: string;
  readonly loaded: boolean;
  /** Languages of preferred labels, sorted; empty where it is not loaded. */
  readonly languages: readonly string[];
  /** Rows of the subject index, those of removed subjects included; absent where it is not loaded. */
  readonly nSubjects?: number;
}

/** All projects of a configuration, and the data folder with their models and vocabularies. */
export class Registry {
  readonly dataDir: string;
  readonly vocabularyStore: VocabularyStore;
  private readonly configuration: Configuration;
  private readonly services: ProjectServices;
  private readonly byId: ReadonlyMap<string, Project>;

  private constructor(configuration: Configuration, shared: Omit<ProjectServices, 'project'>) {
    const services: ProjectServices = { ...shared, project: (id) => this.project(id) };
    this.configuration = configuration;
    this.services = services;
    this.dataDir = services.dataDir;
    this.vocabularyStore = services.vocabularyStore;
    this.byId = new Map(configuration.projects.map((config) => [config.id, new Project(config, services)]));
  }

  /**
   * Reads the configuration; models and vocabularies are opened when they are needed.
   *
   * @throws {ConfigurationError} `configuration-invalid`, listing all problems
   * @throws {InputError} if the configuration cannot be read
   */
  static async open(options: RegistryOptions = {}): Promise<Registry> {
    const { backendModules = {}, onWarning = () => undefined } = options;
    const environment = readEnvironment(options.env ?? process.env);
    for (const note of environment.notes) onWarning(note);
    const projects = options.projects ?? environment.projects;
    const configuration = await readConfiguration({
      ...(projects === undefined ? undefined : { projects }),
      backends: backendNames(backendModules),
      paramNames: backendParamNames,
      isEnsemble: isEnsembleBackend,
      checkAnalyzer: checkAnalyzerSpec,
      checkTransform: checkTransformSpec,
    });
    for (const warning of configuration.warnings) onWarning(warning);
    const dataDir = options.dataDir ?? environment.dataDir ?? 'data';
    const vocabularyStore = new VocabularyStore(dataDir);
    const buffers = options.shareModels ? { buffers: new SharedBuffers() } : undefined;
    const registry = new Registry(configuration, { dataDir, vocabularyStore, backendModules, onWarning, ...buffers });
    for (const { folder } of registry.projects()) removeStaleLock(folder);
    for (const id of registry.namedVocabularyIds()) removeStaleLock(vocabularyStore.folder(id));
    return registry;
  }

  /** @returns all projects in the order of the configuration */
  projects(): Project[] {
    return [...this.byId.values()];
  }

  /**
   * @param params stand in for parameters of the configuration
   * @throws {ConfigurationError} `project-not-found`
   */
  project(id: string, params?: RawParams): Project {
    const project = this.byId.get(id);
    if (project) return params ? new Project(project.config, this.services, params) : project;
    const message = `No projects found with id '${id}'.`;
    const { source } = this.configuration;
    if (source === undefined) throw unconfigured('project-not-found', message, id, { project: id, vocab: 'my-vocab' });
    throw notFound('project-not-found', message, id, this.byId.keys(), `Configured in ${source}:`);
  }

  /** @returns the vocabularies that projects name, in their order, then further ones that are loaded */
  async vocabularies(): Promise<VocabularyEntry[]> {
    return Promise.all(this.vocabularyIds().map((id) => this.vocabularyEntry(id)));
  }

  /**
   * @returns the id, which a project names or under which a vocabulary is loaded
   * @throws {ConfigurationError} `vocabulary-not-found`; `id-invalid`
   */
  vocabularyId(id: string): string {
    this.vocabularyStore.folder(id);
    const ids = this.vocabularyIds();
    if (ids.includes(id)) return id;
    const message = `No vocabularies found with the id '${id}'.`;
    const { source } = this.configuration;
    if (source === undefined)
      throw unconfigured('vocabulary-not-found', message, id, { project: 'my-project', vocab: id });
    throw notFound('vocabulary-not-found', message, id, ids, `A project has to name it in ${source}, as its vocab.`);
  }

  private vocabularyIds(): string[] {
    return [...new Set([...this.namedVocabularyIds(), ...this.vocabularyStore.ids()])];
  }

  private namedVocabularyIds(): Set<string> {
    return new Set(this.configuration.projects.flatMap(({ vocab }) => (vocab ? [vocab.id] : [])));
  }

  private async vocabularyEntry(id: string): Promise<VocabularyEntry> {
    if (!this.vocabularyStore.exists(id)) return { id, loaded: false, languages: [] };
    try {
      const { vocabulary } = await this.vocabularyStore.open(id);
      return { id, loaded: true, languages: labelLanguages(vocabulary), nSubjects: vocabulary.nSubjects };
    } catch (error) {
      if (!IndexingError.is(error)) throw error;
      this.services.onWarning(error.message);
      return { id, loaded: false, languages: [] };
    }
  }
}

/** An error that says that there is no configuration, and what to write into one. */
function unconfigured(
  code: 'project-not-found' | 'vocabulary-not-found',
  message: string,
  id: string,
  example: { readonly project: string; readonly vocab: string },
): ConfigurationError {
  return new ConfigurationError(code, `No configuration was found. ${message}`, {
    hint:
      'Name the configuration with --projects, or write into projects.yaml, for example:\n' +
      `projects:\n  ${example.project}:\n` +
      `    { language: en, vocab: ${example.vocab}, backend: mllm, analyzer: snowball(english) }`,
    context: { id },
  });
}

/** An error that offers what may have been meant, or else lists what there is. */
function notFound(
  code: 'project-not-found' | 'vocabulary-not-found',
  message: string,
  id: string,
  known: Iterable<string>,
  otherwise: string,
): ConfigurationError {
  const ids = [...known];
  const meant = closest(id, ids);
  const listed = ids.slice(0, 10).join(', ') + (ids.length > 10 ? ', …' : '');
  const hint =
    meant === undefined
      ? `${otherwise}${listed && otherwise.endsWith(':') ? ` ${listed}` : ''}`
      : `Did you mean "${meant}"?`;
  return new ConfigurationError(code, message, { hint, context: { id } });
}
