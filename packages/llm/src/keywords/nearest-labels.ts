import { type BackendContext, LABEL_PREF, type SubjectId } from '@catchword/core';
import type { Budget } from '../client/budget.js';
import { EndpointError } from '../client/endpoint-error.js';
import { CodeScan } from '../embedding/code-scan.js';
import { type CurrentLabels, currentLabels } from '../embedding/current-labels.js';
import type { GroupEmbedder } from '../embedding/group-embedder.js';
import type { LabelVectors } from '../embedding/label-vectors.js';
import type { EmbeddingParams } from '../embedding/params.js';
import type { LabelMatch } from './label-lookup.js';

/** What keywords are near to in meaning. */
export interface NearMatches {
  /** By keyword; none where nothing is near enough. */
  readonly matches: ReadonlyMap<string, readonly LabelMatch[]>;
  /** Why some keywords were not compared. */
  readonly warnings: readonly string[];
}

/** How near a label has to be, and how that is found out. */
export interface NearnessParams {
  readonly embedding: EmbeddingParams;
  /** The least cosine of a keyword and a label. */
  readonly similarity: number;
}

interface OpenLabels {
  readonly labels: CurrentLabels;
  readonly scan: CodeScan;
}

/** Finds the labels that are nearest in meaning to keywords which no label matches. */
export class NearestLabels {
  private readonly context: BackendContext;
  private readonly params: NearnessParams;
  private readonly vectors: LabelVectors;
  private readonly embedder: GroupEmbedder;
  private readonly closing = new AbortController();
  private opened: Promise<OpenLabels> | undefined;

  constructor(context: BackendContext, params: NearnessParams, vectors: LabelVectors, embedder: GroupEmbedder) {
    this.context = context;
    this.params = params;
    this.vectors = vectors;
    this.embedder = embedder;
  }

  /**
   * Compares keywords with all labels, all of them in few requests. Where the service fails, nothing is near, and a warning says so.
   *
   * @param budget pays for it
   * @throws the signal's reason after an abort
   */
  async find(keywords: readonly string[], budget: Budget, signal: AbortSignal | undefined): Promise<NearMatches> {
    const distinct = [...new Set(keywords)];
    if (distinct.length === 0) return { matches: new Map(), warnings: [] };
    const stop = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    try {
      const { labels, scan } = await this.open(budget);
      const { textPrefix } = this.params.embedding;
      const vectors = await this.embedder.embed(
        distinct.map((keyword) => [textPrefix + keyword]),
        { budget, signal: stop },
      );
      const matches = new Map<string, readonly LabelMatch[]>();
      for (const [k, keyword] of distinct.entries()) {
        const query = vectors[k];
        if (!query || query.n === 0) continue;
        if (query.dimensions !== labels.rows.dimensions) {
          throw new EndpointError(
            'unreadable',
            `${this.vectors.modelName} gives vectors of ${query.dimensions} dimensions, and gave the labels ${labels.rows.dimensions}`,
            {
              hint: `The service has another model of that name now. Train the project again: catchword train ${this.context.projectId} <corpus>`,
            },
          );
        }
        const dots = scan.dots(query);
        const near = this.nearest(labels, dots, query.scales[0] as number);
        if (near.length > 0) matches.set(keyword, near);
      }
      return { matches, warnings: labels.warnings };
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      const warning = `"${this.context.projectId}" found no labels that are near in meaning to some keywords: ${error.message}`;
      return { matches: new Map(), warnings: [warning] };
    }
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the project was closed'));
    await this.embedder.embedder.close?.();
  }

  private open(budget: Budget): Promise<OpenLabels> {
    if (this.opened) return this.opened;
    const { context, params, vectors, embedder } = this;
    const { signal } = this.closing;
    const languages = params.embedding.languages ?? [context.language];
    const opened = currentLabels(context, languages, vectors, embedder, { budget, signal }).then((labels) => ({
      ...{ labels, scan: new CodeScan(labels.rows) },
    }));
    opened.catch(() => {
      this.opened = undefined; // the next one tries again
    });
    this.opened = opened;
    return opened;
  }

  /** @returns the subjects that have the nearest label, by ascending subject; none where it is too far */
  private nearest({ texts, rowOf, rows }: CurrentLabels, dots: Int32Array, scale: number): LabelMatch[] {
    let best = -1;
    let most = 0;
    for (let row = 0; row < rows.n; row++) {
      const cosine = (dots[row] as number) * scale * (rows.scales[row] as number);
      if (cosine > most && cosine >= this.params.similarity) {
        best = row;
        most = cosine;
      }
    }
    const found = new Map<SubjectId, LabelMatch>();
    if (best < 0) return [];
    const { labels } = this.context.vocabulary;
    for (const [i, row] of rowOf.entries()) {
      if (row !== best) continue;
      const label = texts.labels[i] as number;
      const subjectId = labels.subject[label] as number;
      const isPref = labels.kind[label] === LABEL_PREF;
      if (found.has(subjectId) && !isPref) continue;
      found.set(subjectId, { subjectId, label, kind: 'meaning', coverage: Math.min(1, most), isPref });
    }
    return [...found.values()].sort((a, b) => a.subjectId - b.subjectId);
  }
}
