import type { Backend, Document, Explanation, ModelData, RawParams, SubjectId, Transform } from '@catchword/core';
import { OperationError, type SuggestionBatch, type Vocabulary } from '@catchword/core';
import { createAnalyzer, createTransform, transformDocument } from '@catchword/text';
import { openVocabulary } from '@catchword/vocabulary';
import { parseBackendParams } from './backend-params.js';
import { type BackendModules, loadBackendType } from './backend-types.js';

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
  readonly model: ModelData;
  /** Shape (nSubjects): 1 where a subject may be suggested; absent where all may. Over shared memory. */
  readonly allowed: Uint8Array | undefined;
  readonly nDisallowed: number;
}

/** What a user asks of suggestions. */
export interface SuggestionFilter {
  /** At most so many suggestions a document. */
  readonly limit: number;
  /** Suggestions with a lower score are dropped, after the limit. */
  readonly threshold: number;
}

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
  /** Of the vocabulary, removed ones included. */
  readonly nSubjects: number;

  private constructor(parts: SuggesterParts, backend: Backend, transform: Transform, nSubjects: number) {
    this.parts = parts;
    this.backend = backend;
    this.transform = transform;
    this.nSubjects = nSubjects;
  }

  /** @param vocabulary the one of `parts`, where it is open already */
  static async open(
    parts: SuggesterParts,
    vocabulary: Vocabulary = openVocabulary(parts.vocabulary),
    onWarning?: (message: string) => void,
  ): Promise<Suggester> {
    const { projectId, language } = parts;
    const type = await loadBackendType(parts.backend, parts.backendModules);
    if (!type.load) throw new OperationError('not-supported', `Backend "${type.name}" has no stored models`);
    const analyzer = await createAnalyzer(parts.analyzer, { language, ...(onWarning ? { onWarning } : undefined) });
    const transform = await createTransform(parts.transform, { language });
    const params = parseBackendParams(type, parts.params, projectId);
    const backend = type.load({ projectId, language, vocabulary, analyzer }, parts.model, params);
    return new Suggester(parts, backend, transform, vocabulary.nSubjects);
  }

  /** @returns a row for each document; documents are not modified */
  async suggest(docs: readonly Document[], { limit, threshold }: SuggestionFilter): Promise<SuggestionBatch> {
    const { allowed, nDisallowed } = this.parts;
    const transformed = docs.map((doc) => transformDocument(doc, this.transform));
    const most = Math.min(limit, this.nSubjects);
    if (!allowed) return (await this.backend.suggest(transformed, { limit: most })).filter(limit, threshold);
    // Subjects that may not be suggested take places: ask for some more, and for many more where that was too few.
    for (let asked = most + Math.min(nDisallowed, 20); ; asked *= 8) {
      const raw = await this.backend.suggest(transformed, { limit: Math.min(asked, this.nSubjects) });
      const kept = raw.filter(limit, Number.NEGATIVE_INFINITY, (id) => allowed[id] === 1);
      if (asked >= this.nSubjects || !isCutShort(raw, kept, asked, limit)) return kept.filter(limit, threshold);
    }
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
  }
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
