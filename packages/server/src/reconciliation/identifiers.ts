import { SUBJECT_REMOVED, type SubjectId, type Vocabulary } from '@catchword/core';

/** How concepts are called in the reconciliation API: short where their URIs have one beginning, as `p123`. */
export class Identifiers {
  /** What all URIs begin with, up to the last `/` or `#`; empty where they have nothing in common. */
  readonly namespace: string;
  private readonly vocabulary: Vocabulary;

  /** Reads all URIs once. */
  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
    let common: string | undefined;
    for (let id = 0; id < vocabulary.nSubjects && common !== ''; id++) {
      if (vocabulary.status[id] === SUBJECT_REMOVED) continue;
      const uri = vocabulary.uri(id);
      if (common !== undefined && uri.startsWith(common)) continue;
      common = namespaceOf(commonStart(common ?? uri, uri));
    }
    this.namespace = common !== undefined && common.length > 'https://'.length ? common : '';
  }

  of(id: SubjectId): string {
    return this.vocabulary.uri(id).slice(this.namespace.length);
  }

  /** @param identifier as `of` gives it, or a whole URI; @returns -1 where there is no such concept */
  find(identifier: string): SubjectId {
    const { vocabulary, namespace } = this;
    const whole = vocabulary.idOfUri(identifier);
    return whole >= 0 ? whole : vocabulary.idOfUri(namespace + identifier);
  }
}

function commonStart(a: string, b: string): string {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return a.slice(0, i);
}

function namespaceOf(start: string): string {
  return start.slice(0, Math.max(start.lastIndexOf('/'), start.lastIndexOf('#')) + 1);
}
