import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BackendType, ConfigurationError } from '@catchword/core';

interface BackendEntry {
  /** Loads the package when a project needs it. */
  readonly load: () => Promise<BackendType>;
  /** What the backend's `paramHelp` names, here so that a configuration is checked without loading the package. */
  readonly paramNames: readonly string[];
  /** Of an ensemble: whether it has a model of its own, or is ready as soon as its sources are; `optional`: both. */
  readonly ensemble?: ModelNeed;
  /** True where it asks services: it is given a place for their answers, and memory that its threads share. */
  readonly asksServices?: boolean;
  /** True where it shows concepts to a model: it is given what they mean. */
  readonly showsConcepts?: boolean;
  /** True where its probabilities follow what it learns. */
  readonly calibrates?: boolean;
}

/** Whether a backend has a model of its own, works without one, or can do either. */
export type ModelNeed = 'trained' | 'untrained' | 'optional';

const LABEL_TREE_PARAMS = [
  'preset',
  'cluster_balanced',
  'cluster_k',
  'max_depth',
  'collapse_every_n_layers',
  'trees',
  'cost',
  'hard_negatives',
  'label_weight',
  'weight_threshold',
  'weight_budget',
  'beam',
  'exponent',
  'leaf_cap',
  'ngram',
  'min_df',
  'sublinear_tf',
  'title_weight',
  'char_ngram',
];

/** How a service is asked, whatever for. */
const SERVICE_PARAMS = [
  'format',
  'thinking_tokens',
  'timeout',
  'retries',
  'concurrency',
  'document_calls',
  'document_tokens',
  'document_seconds',
  'batch_calls',
  'batch_tokens',
  'batch_seconds',
  'total_calls',
  'total_tokens',
  'cache',
];

/** The backend types that come with Catchword, by name. */
const BUILT_IN: Readonly<Record<string, BackendEntry>> = {
  ensemble: {
    load: async () => (await import('@catchword/fusion')).ensemble as BackendType,
    paramNames: ['combine', 'rrf_k'],
    ensemble: 'untrained',
  },
  embedding: {
    load: async () => (await import('@catchword/llm')).embedding as BackendType,
    paramNames: [
      'model',
      'text_prefix',
      'label_prefix',
      'languages',
      'chunk_words',
      'chunks',
      'trees',
      'train_documents',
      'endpoint',
      'key_env',
      'api_version',
      'timeout',
      'retries',
      'concurrency',
      'batch_calls',
      'batch_tokens',
      'batch_seconds',
      'total_calls',
      'total_tokens',
      'cache',
    ],
    asksServices: true,
  },
  knn: {
    load: async () => (await import('@catchword/associative')).knn as BackendType,
    paramNames: [
      'k',
      'exponent',
      'idf_exponent',
      'near_duplicates',
      'ngram',
      'min_df',
      'sublinear_tf',
      'title_weight',
      'char_ngram',
    ],
  },
  fusion: {
    load: async () => (await import('@catchword/fusion')).fusion as BackendType,
    calibrates: true,
    paramNames: [
      'model',
      'sources_limit',
      'trees',
      'max_leaf_nodes',
      'learning_rate',
      'hidden_share',
      'hidden_weight',
      'untrained_factor',
      'neighbours',
      'calibrated_scores',
    ],
    ensemble: 'trained',
  },
  'label-tree': {
    load: async () => (await import('@catchword/associative')).labelTree as BackendType,
    paramNames: LABEL_TREE_PARAMS,
  },
  llm: {
    load: async () => (await import('@catchword/llm')).llm as BackendType,
    paramNames: [
      'mode',
      'candidates',
      'orders',
      'examples',
      'definition_characters',
      'text_characters',
      'instructions',
      'weight',
      'ask_below',
      'ask_share',
      'seed',
      'endpoint',
      'model',
      'key_env',
      'api_version',
      ...SERVICE_PARAMS,
    ],
    ensemble: 'optional',
    asksServices: true,
    showsConcepts: true,
  },
  llm_ensemble: {
    load: async () => (await import('@catchword/llm')).llmEnsemble as BackendType,
    paramNames: [
      'model',
      'api_base_url',
      'sources_limit',
      'llm_weight',
      'llm_exponent',
      'max_prompt_tokens',
      'system_prompt',
      'encoding',
      ...SERVICE_PARAMS,
    ],
    ensemble: 'optional',
    asksServices: true,
  },
  llm_keywords: {
    load: async () => (await import('@catchword/llm')).llmKeywords as BackendType,
    paramNames: [
      'keywords',
      'style_examples',
      'text_characters',
      'instructions',
      'trees',
      'train_documents',
      'seed',
      'embedding_model',
      'embedding_endpoint',
      'embedding_key_env',
      'embedding_text_prefix',
      'embedding_label_prefix',
      'similarity',
      'endpoint',
      'model',
      'key_env',
      'api_version',
      ...SERVICE_PARAMS,
    ],
    asksServices: true,
  },
  mllm: {
    load: async () => (await import('@catchword/lexical')).mllm as BackendType,
    paramNames: [
      'min_samples_leaf',
      'max_leaf_nodes',
      'max_samples',
      'use_hidden_labels',
      'trees',
      'learning_rate',
      'compounds',
      'least_coverage',
    ],
  },
  nn_ensemble: {
    load: async () => (await import('@catchword/fusion')).nnEnsemble as BackendType,
    paramNames: ['nodes', 'dropout_rate', 'epochs', 'lr'],
    ensemble: 'trained',
  },
  omikuji: {
    load: async () => (await import('@catchword/associative')).omikuji as BackendType,
    paramNames: LABEL_TREE_PARAMS,
  },
  pav: {
    load: async () => (await import('@catchword/fusion')).pav as BackendType,
    paramNames: ['min-docs'],
    ensemble: 'trained',
  },
  svc: {
    load: async () => (await import('@catchword/associative')).svc as BackendType,
    paramNames: ['cost', 'weight_threshold', 'ngram', 'min_df', 'sublinear_tf', 'title_weight', 'char_ngram'],
  },
  tfidf: {
    load: async () => (await import('@catchword/associative')).tfidf as BackendType,
    paramNames: [
      'idf_exponent',
      'smoothing',
      'coverage',
      'label_weight',
      'ngram',
      'min_df',
      'sublinear_tf',
      'title_weight',
      'char_ngram',
    ],
  },
};

/** @returns whether a backend joins other projects */
export function isEnsembleBackend(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name) && BUILT_IN[name]?.ensemble !== undefined;
}

/** @returns whether a backend has a model of its own */
export function modelNeed(name: string): ModelNeed {
  return (Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]?.ensemble : undefined) ?? 'trained';
}

/** @returns whether a backend asks services such as language models */
export function asksServices(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name) && BUILT_IN[name]?.asksServices === true;
}

/** @returns whether a backend shows concepts to a model, and so is given their definitions */
export function showsConcepts(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name) && BUILT_IN[name]?.showsConcepts === true;
}

/** @returns whether a backend's probabilities follow what it learns: `Backend.assess` is there */
export function calibrates(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name) && BUILT_IN[name]?.calibrates === true;
}

/** Modules of backend types that come from elsewhere: the name of a type to the path or URL of a module that exports it. */
export type BackendModules = Readonly<Record<string, string>>;

/** @returns the names of all backend types that a project can use */
export function backendNames(modules: BackendModules = {}): string[] {
  return [...Object.keys(BUILT_IN), ...Object.keys(modules)];
}

/** @returns the names of a backend's parameters; undefined where they are known only after loading it */
export function backendParamNames(name: string): readonly string[] | undefined {
  return Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]?.paramNames : undefined;
}

/**
 * Loads a backend type.
 *
 * @throws {ConfigurationError} `configuration-invalid` if there is none of that name
 */
export async function loadBackendType(name: string, modules: BackendModules = {}): Promise<BackendType> {
  if (Object.hasOwn(modules, name)) {
    const module = modules[name] as string;
    const type = (await import(isAbsolute(module) ? pathToFileURL(module).href : module))[name];
    if (type !== undefined) return type as BackendType;
    throw new ConfigurationError('configuration-invalid', `Module ${module} exports no backend type "${name}"`);
  }
  const entry = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (!entry) {
    throw new ConfigurationError('configuration-invalid', `There is no backend "${name}"`, {
      hint: `Known backends: ${backendNames(modules).join(', ')}.`,
    });
  }
  return entry.load();
}
