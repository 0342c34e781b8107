import type {
  Analyzer,
  AnswerCache,
  Backend,
  Consultation,
  Document,
  Explanation,
  ModelData,
  RawParams,
  SimilarRecord,
  SubjectId,
  SuggestOptions,
  Transform,
} from '@catchword/core';
import { Family, IndexingError, OperationError, SuggestionBatch, type Vocabulary } from '@catchword/core';
import { bestSetSize, expectedF1 } from '@catchword/evaluation';
import type { CsrPattern } from '@catchword/math';
import { createAnalyzer, createTransform, transformDocument } from '@catchword/text';
import { ConceptDefinitions, openVocabulary } from '@catchword/vocabulary';
import { parseBackendParams } from './backend-params.js';
import { type BackendModules, loadBackendType } from './backend-types.js';
import type { LearntState } from './learning/learnt-records.js';
import { SuggesterLearning } from './learning/suggester-learning.js';
import { type SourceParts, SuggesterSource } from './suggester-source.js';

/** A trained project as data: a worker opens it without copying a model. */
export interface SuggesterParts {
  readonly projectId: string;
  readonly language: string;
  readonly backend: string;
  readonly backendModules: BackendModules;
  readonly params: RawParams;
  readonly analyzer: string;
  readonly transform: string;
  readonly vocabulary: ModelData;
  /** What its concepts mean; absent where the backend shows them to nobody. */
  readonly definitions?: ModelData;
  readonly model: ModelData;
  /** Shape (nSubjects): 1 where a subject may be suggested; absent where all may. Over shared memory. */
  readonly allowed: Uint8Array | undefined;
  readonly nDisallowed: number;
  /** Of an ensemble; empty for any other project. */
  readonly sources: readonly SourceParts[];
  /** Shape (nSubjects): training documents of each subject, and what the model has learnt since. */
  readonly trainFrequency: Uint32Array;
  readonly learnt: LearntState;
  /** Where answers of services are kept; absent where a backend asks none. */
  readonly answersFolder?: string;
  /** What all threads that have this project open share; absent where a backend asks no services. */
  readonly sharedState?: SharedArrayBuffer;
}

/** What a thread has open already, and whom it tells. */
export interface OpenOptions {
  /** The vocabulary of the parts. */
  readonly vocabulary?: Vocabulary;
  /** What is shared with the project's siblings; a family of its own unless told. */
  readonly family?: Family;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** What a user asks of suggestions. */
export interface SuggestionFilter {
  /** At most so many suggestions a document; `auto`: as many as have the highest expected F1, which needs calibrated scores. */
  readonly limit: number | 'auto';
  /** Suggestions with a lower score are dropped, after the limit. */
  readonly threshold: number;
  /** With `auto`: the most nevertheless. */
  readonly atMost?: number;
}

/** Candidates that an expected F1 is computed from; those further down have next to no share in it. */
export const CALIBRATED_POOL = 100;

/** An explained document: positions of the evidence are positions in `text`. */
export interface ExplainedDocument {
  /** The text as the backend read it, after the project's transforms. */
  readonly text: string;
  readonly explanations: readonly Explanation[];
}

/** One thread's way from documents to final suggestions: transforms, backend, filter. */
export class Suggester {
  private readonly parts: SuggesterParts;
  private readonly backend: Backend;
  private readonly transform: Transform;
  private readonly sources: readonly SuggesterSource[];
  /** Of the vocabulary, removed ones included. */
  readonly nSubjects: number;
  readonly learning: SuggesterLearning;

  private constructor(
    parts: SuggesterParts,
    backend: Backend,
    transform: Transform,
    sources: readonly SuggesterSource[],
    nSubjects: number,
  ) {
    this.parts = parts;
    this.backend = backend;
    this.transform = transform;
    this.sources = sources;
    this.nSubjects = nSubjects;
    this.learning = new SuggesterLearning(parts, backend, transform, sources, nSubjects);
  }

  static async open(parts: SuggesterParts, options: OpenOptions = {}): Promise<Suggester> {
    const { family = new Family(), onWarning } = options;
    const { buffer } = parts.vocabulary.pack;
    const vocabulary = options.vocabulary ?? family.once(buffer, 'vocabulary', () => openVocabulary(parts.vocabulary));
    const { projectId, language } = parts;
    const type = await loadBackendType(parts.backend, parts.backendModules);
    if (!type.load) throw new OperationError('not-supported', `Backend "${type.name}" has no stored models`);
    const analyzer = await sharedAnalyzer(family, parts.analyzer, language, onWarning);
    const transform = await createTransform(parts.transform, { language });
    const params = parseBackendParams(type, parts.params, projectId);
    const sources = await openSources(parts.sources, vocabulary.nSubjects, { family, onWarning });
    const context = {
      ...{ projectId, language, vocabulary, analyzer, family, sources },
      ...(parts.definitions ? { definitions: new ConceptDefinitions(parts.definitions) } : undefined),
      ...(await answersOf(parts)),
      ...(parts.sharedState ? { sharedState: parts.sharedState } : undefined),
    };
    const backend = type.load(context, parts.model, params);
    const suggester = new Suggester(parts, backend, transform, sources, vocabulary.nSubjects);
    await suggester.learning.begin(onWarning);
    return suggester;
  }

  /**
   * @param signal ends what takes long, such as asking a language model, with its reason
   * @returns a row for each document, with a confidence where scores are calibrated; documents are not modified
   * @throws {OperationError} `not-supported` for limit `auto` where they are not
   */
  async suggest(docs: readonly Document[], filter: SuggestionFilter, signal?: AbortSignal): Promise<SuggestionBatch> {
    const { limit, threshold } = filter;
    if (this.isCalibrated) return this.suggestCalibrated(docs, filter, signal);
    if (limit === 'auto') throw this.notCalibrated();
    const kept = await this.raw(docs, { limit, ...(signal ? { signal } : undefined) });
    return threshold > 0 ? kept.filter(limit, threshold) : kept;
  }

  /** True where a score is the probability that the subject is right. */
  get isCalibrated(): boolean {
    return this.backend.isCalibrated === true;
  }

  /** @throws {OperationError} `not-supported` if scores are no probabilities */
  requireCalibrated(): void {
    if (!this.isCalibrated) throw this.notCalibrated();
  }

  private notCalibrated(): OperationError {
    const message = `Not supported: limit auto needs probabilities, and the scores of backend "${this.parts.backend}" are none`;
    return new OperationError('not-supported', message, { hint: 'Use a project with backend fusion, or a number.' });
  }

  private async suggestCalibrated(
    docs: readonly Document[],
    filter: SuggestionFilter,
    signal: AbortSignal | undefined,
  ): Promise<SuggestionBatch> {
    const { limit, threshold, atMost = Number.POSITIVE_INFINITY } = filter;
    const pool = limit === 'auto' ? CALIBRATED_POOL : Math.max(limit, CALIBRATED_POOL);
    const { indptr, scores, ...raw } = await this.raw(docs, { limit: pool, ...(signal ? { signal } : undefined) });
    const sizes = Uint32Array.from({ length: docs.length }, (_, i) => {
      const [from, to] = [indptr[i] as number, indptr[i + 1] as number];
      return Math.min(limit === 'auto' ? bestSetSize(scores, from, to) : limit, to - from, atMost);
    });
    const whole = new SuggestionBatch(raw.nSubjects, indptr, raw.subjectIds, scores, raw);
    const kept = whole.filter(sizes, threshold);
    const confidence = Float32Array.from(sizes, (_, i) => {
      const size = (kept.indptr[i + 1] as number) - (kept.indptr[i] as number);
      return expectedF1(scores, indptr[i] as number, indptr[i + 1] as number, size);
    });
    return new SuggestionBatch(raw.nSubjects, kept.indptr, kept.subjectIds, kept.scores, {
      warnings: kept.warnings,
      usage: kept.usage,
      confidence,
    });
  }

  /** @returns a row for each document, of subjects that may be suggested, with the evidence that was asked for */
  async raw(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { limit } = options;
    const { allowed, nDisallowed } = this.parts;
    const transformed = docs.map((doc) => transformDocument(doc, this.transform));
    const most = Math.min(limit, this.nSubjects);
    if (!allowed) return this.backend.suggest(transformed, { ...options, limit: most });
    // Subjects that may not be suggested take places: ask for some more, and for many more where that was too few.
    for (let asked = most + Math.min(nDisallowed, 20); ; asked *= 8) {
      const raw = await this.backend.suggest(transformed, { ...options, limit: Math.min(asked, this.nSubjects) });
      const kept = raw.filter(limit, Number.NEGATIVE_INFINITY, (id) => allowed[id] === 1);
      if (asked >= this.nSubjects || !isCutShort(raw, kept, asked, limit)) return kept;
    }
  }

  get canExplain(): boolean {
    return this.backend.explain !== undefined;
  }

  /** Whether it compares documents with training records. */
  get findsSimilar(): boolean {
    return this.backend.similar !== undefined;
  }

  /** @returns training records like the document; none where the backend keeps none */
  async similar(doc: Document, n: number): Promise<readonly SimilarRecord[]> {
    return (await this.backend.similar?.(transformDocument(doc, this.transform), n)) ?? [];
  }

  /** @returns as `Backend.assignments`; undefined where the backend keeps no records */
  assignments(): CsrPattern | undefined {
    return this.backend.assignments?.();
  }

  /** Whether it keeps the subjects of its training records. */
  get keepsAssignments(): boolean {
    return this.backend.assignments !== undefined;
  }

  /** @throws {OperationError} `not-supported` if the backend asks no language model */
  async consult(doc: Document, limit: number): Promise<Consultation> {
    if (!this.backend.consult) {
      throw new OperationError('not-supported', `Backend "${this.parts.backend}" asks no language model`, {
        hint: 'Name a project with backend llm.',
      });
    }
    return this.backend.consult(transformDocument(doc, this.transform), { limit });
  }

  /** Whether the backend, or one of a source, tells which terms the vocabulary seems to lack. */
  get findsNewTerms(): boolean {
    return this.backend.newTerms !== undefined || this.sources.some((source) => source.findsNewTerms);
  }

  /** @returns terms that the document is about and the vocabulary seems to lack, each once */
  async newTerms(doc: Document): Promise<readonly string[]> {
    const transformed = transformDocument(doc, this.transform);
    const terms = new Set(await this.backend.newTerms?.(transformed));
    for (const source of this.sources) for (const term of await source.newTerms(transformed)) terms.add(term);
    return [...terms];
  }

  /** @throws {OperationError} `not-supported` if the backend cannot explain */
  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<ExplainedDocument> {
    if (!this.backend.explain) {
      throw new OperationError('not-supported', `Backend "${this.parts.backend}" does not explain its suggestions`);
    }
    const transformed = transformDocument(doc, this.transform);
    return { text: transformed.text, explanations: await this.backend.explain(transformed, subjectIds) };
  }

  async close(): Promise<void> {
    await this.backend.close?.();
    for (const source of this.sources) await source.close();
  }
}

/** Threads that ask no services need not load what keeps answers. */
async function answersOf({ answersFolder }: SuggesterParts): Promise<{ answers?: AnswerCache }> {
  if (answersFolder === undefined) return {};
  const { AnswerFolder } = await import('@catchword/storage');
  return { answers: new AnswerFolder(answersFolder) };
}

/** Analyzers are made once in a family: a text is analysed once for all projects with the same one. */
function sharedAnalyzer(
  family: Family,
  spec: string,
  language: string,
  onWarning: ((message: string) => void) | undefined,
): Promise<Analyzer> {
  return family.once(family, `analyzer ${language} ${spec}`, () =>
    createAnalyzer(spec, { language, ...(onWarning ? { onWarning } : undefined) }),
  );
}

/** Opens the sources of an ensemble; one that cannot be opened is there nevertheless: the ensemble says that it is left out. */
export async function openSources(
  all: readonly SourceParts[],
  nSubjects: number,
  options: Omit<OpenOptions, 'vocabulary'> = {},
): Promise<SuggesterSource[]> {
  const { family = new Family(), onWarning } = options;
  const sources: SuggesterSource[] = [];
  for (const source of all) {
    if ('failure' in source.parts) {
      const { failure, ...details } = source.parts;
      const error = new OperationError('operation-failed', failure, {
        ...details,
        context: { projectId: source.projectId },
      });
      sources.push(new SuggesterSource(source, nSubjects, undefined, error));
      continue;
    }
    try {
      const suggester = await Suggester.open(source.parts, { family, onWarning });
      sources.push(new SuggesterSource(source, nSubjects, suggester));
    } catch (failure) {
      if (!IndexingError.is(failure)) throw failure;
      sources.push(new SuggesterSource(source, nSubjects, undefined, failure));
    }
  }
  return sources;
}

/** True where a row had all that was asked for and yet keeps fewer than the limit. */
function isCutShort(raw: SuggestionBatch, kept: SuggestionBatch, asked: number, limit: number): boolean {
  const rowLength = (batch: SuggestionBatch, i: number) =>
    (batch.indptr[i + 1] as number) - (batch.indptr[i] as number);
  for (let i = 0; i < raw.nDocs; i++) {
    if (rowLength(raw, i) >= asked && rowLength(kept, i) < limit) return true;
  }
  return false;
}
