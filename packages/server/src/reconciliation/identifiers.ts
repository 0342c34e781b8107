import { SUBJECT_REMOVED, type SubjectId, type Vocabulary } from '@catchword/core';

/** The share of the URIs that have to begin alike for ids to be short. */
const SHORT_SHARE = 0.9;

/**
 * How concepts are called in the reconciliation API: short where their URIs have one beginning, as `p123`. The few of another
 * beginning are called by their whole URIs, so that they change nothing for the others.
 */
export class Identifiers {
  /** What nearly all URIs begin with, up to a `/` or `#`; empty where they have nothing in common. */
  readonly namespace: string;
  private readonly vocabulary: Vocabulary;
  /** What most URIs begin with, the longest first: ids may be older than the vocabulary, when another one was the namespace. */
  private readonly beginnings: readonly string[];

  /** Reads all URIs once. */
  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
    const { counts, nUris } = countBeginnings(vocabulary);
    const common = [...counts].filter(([beginning, n]) => 2 * n > nUris && beginning.length > 'https://'.length);
    common.sort(([a], [b]) => b.length - a.length);
    this.beginnings = common.map(([beginning]) => beginning);
    this.namespace = common.find(([, n]) => n >= SHORT_SHARE * nUris)?.[0] ?? '';
  }

  of(id: SubjectId): string {
    const uri = this.vocabulary.uri(id);
    return uri.startsWith(this.namespace) ? uri.slice(this.namespace.length) : uri;
  }

  /** @param identifier as `of` gives it, or gave it once, or a whole URI; @returns -1 where there is no such concept */
  find(identifier: string): SubjectId {
    const { vocabulary, beginnings } = this;
    const whole = vocabulary.idOfUri(identifier);
    if (whole >= 0) return whole;
    for (const beginning of beginnings) {
      const id = vocabulary.idOfUri(beginning + identifier);
      if (id >= 0) return id;
    }
    return -1;
  }
}

/** How many URIs have each beginning that ends with a `/` or `#`. */
function countBeginnings(vocabulary: Vocabulary): { readonly counts: Map<string, number>; readonly nUris: number } {
  const namespaces = new Map<string, number>();
  let nUris = 0;
  let last = '';
  for (let id = 0; id < vocabulary.nSubjects; id++) {
    if (vocabulary.status[id] === SUBJECT_REMOVED) continue;
    const uri = vocabulary.uri(id);
    const end = endOfNamespace(uri, uri.length - 1);
    if (end !== last.length || !uri.startsWith(last)) last = uri.slice(0, end);
    namespaces.set(last, (namespaces.get(last) ?? 0) + 1);
    nUris++;
  }
  const counts = new Map<string, number>();
  for (const [namespace, n] of namespaces) {
    for (let end = namespace.length; end > 0; end = endOfNamespace(namespace, end - 1)) {
      const beginning = namespace.slice(0, end);
      counts.set(beginning, (counts.get(beginning) ?? 0) + n);
    }
  }
  return { counts, nUris };
}

/** @returns one past the last `/` or `#` before `before`; 0 where there is none */
function endOfNamespace(uri: string, before: number): number {
  if (before <= 0) return 0;
  return Math.max(uri.lastIndexOf('/', before - 1), uri.lastIndexOf('#', before - 1)) + 1;
}
