import { InputError, SUBJECT_DEPRECATED } from '@catchword/core';
import { type CsrPattern, csrFromPairs, StringTable, transposePattern, Uint32List } from '@catchword/math';
import { findCycle } from './broader-cycle.js';
import { DefinitionCollector } from './definition-collector.js';
import { gatherStrings } from './gather-strings.js';
import { LabelCollector } from './label-collector.js';
import { buildLabelTable } from './label-table.js';
import { SKOS } from './namespaces.js';
import { NodePairs } from './node-pairs.js';
import { qualifiedName } from './qualified-name.js';
import * as predicates from './skos-predicates.js';
import type { TripleSink } from './triple-sink.js';
import { UriTable } from './uri-table.js';
import type { ParsedVocabulary } from './vocabulary-content.js';

/** In characters. A longer one is no label, and an entity that was unfolded often would make one. */
const MAX_LABEL = 1 << 16;
const MAX_NAMED = 8;

export interface CollectOptions {
  /** Gives deprecated concepts their rows after all others, so that these have the ids that Annif gives them. */
  readonly deprecatedLast: boolean;
  /**
   * For SKOS: gives a concept without labels the qualified name of its URI as label, as Annif does, and tells of
   * several preferred labels. In tables a row without labels is deprecated, and repeated rows are told of elsewhere.
   */
  readonly isSkos: boolean;
}

/** Folds the triples of a vocabulary file into typed arrays as they come; no triple is kept as an object. */
export class ConceptCollector implements TripleSink {
  nTriples = 0;
  private readonly path: string;
  private readonly nodes = new UriTable();
  private readonly labels = new LabelCollector();
  private readonly definitions = new DefinitionCollector();
  /** Nodes of concepts in the order that their types are stated. */
  private readonly concepts = new Uint32List();
  /** By node: 1 for a concept, 2 for one that is deprecated, 3 for both. */
  private marks = new Uint8Array(1 << 10);
  private readonly broader = new NodePairs();
  private readonly related = new NodePairs();
  private readonly members = new NodePairs();
  private readonly memberLists = new NodePairs();
  private readonly listFirst = new NodePairs();
  private readonly listRest = new NodePairs();
  private readonly schemes = new NodePairs();
  private readonly types = new NodePairs();
  private readonly prefixes: Record<string, string> = Object.create(null);

  constructor(path: string) {
    this.path = path;
  }

  get nConcepts(): number {
    return this.concepts.length;
  }

  resource(subject: string, predicate: string, object: string): void {
    this.nTriples++;
    const meaning = predicates.PREDICATES.get(predicate);
    if (meaning === undefined) return;
    switch (meaning) {
      case predicates.TYPE:
        if (object === `${SKOS}Concept`) this.addConcept(subject);
        else if (!object.startsWith('_:')) this.types.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.BROADER:
        this.broader.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.NARROWER:
        this.broader.push(this.nodes.intern(object), this.nodes.intern(subject));
        break;
      case predicates.RELATED:
        this.related.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.MEMBER:
        this.members.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.MEMBER_LIST:
        this.memberLists.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.LIST_FIRST:
        this.listFirst.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.LIST_REST:
        this.listRest.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.IN_SCHEME:
        this.schemes.push(this.nodes.intern(subject), this.nodes.intern(object));
        break;
      case predicates.HAS_TOP_CONCEPT:
        this.schemes.push(this.nodes.intern(object), this.nodes.intern(subject));
        break;
      case predicates.XL_PREF_LABEL:
      case predicates.XL_ALT_LABEL:
      case predicates.XL_HIDDEN_LABEL:
        this.labels.addXl(this.nodes.intern(subject), meaning, this.nodes.intern(object));
        break;
      case predicates.DEFINITION:
      case predicates.SCOPE_NOTE:
        this.definitions.link(this.nodes.intern(subject), meaning, this.nodes.intern(object));
        break;
    }
  }

  literal(subject: string, predicate: string, value: string, language: string): void {
    this.nTriples++;
    const meaning = predicates.PREDICATES.get(predicate);
    if (meaning === undefined) return;
    if (meaning <= predicates.NOTATION) this.addText(this.nodes.intern(subject), meaning, value, language);
    else if (meaning === predicates.DEPRECATED && (value === 'true' || value === '1')) {
      this.mark(this.nodes.intern(subject), 2);
    } else if (meaning >= predicates.DEFINITION) {
      this.definitions.add(this.nodes.intern(subject), meaning, value, language);
    }
  }

  prefix(name: string, uri: string): void {
    if (uri !== '' && !uri.startsWith('_:')) this.prefixes[copyOf(name)] = copyOf(uri);
  }

  /** @returns false where the concept is known already */
  addConcept(uri: string): boolean {
    const node = this.nodes.intern(uri);
    if (!this.mark(node, 1)) return false;
    this.concepts.push(node);
    return true;
  }

  deprecate(uri: string): void {
    this.mark(this.nodes.intern(uri), 2);
  }

  /** @param kind one of the predicates PREF_LABEL to NOTATION */
  addLabel(uri: string, kind: number, text: string, language: string): void {
    this.addText(this.nodes.intern(uri), kind, text, language);
  }

  /** Makes the vocabulary; warnings count what was left out or mended. */
  finish(options: CollectOptions, warn: (message: string) => void): ParsedVocabulary {
    const { nodeOfSubject, status } = this.orderConcepts(options.deprecatedLast);
    const nSubjects = nodeOfSubject.length;
    const subjectOfNode = new Int32Array(this.nodes.length).fill(-1);
    for (let s = 0; s < nSubjects; s++) subjectOfNode[nodeOfSubject[s] as number] = s;
    const nameOf = (subject: number) => this.nodes.get(nodeOfSubject[subject] as number);
    const { languages, nWithoutLabel, ...texts } = this.labels.finish(subjectOfNode, nodeOfSubject, (s) =>
      options.isSkos ? qualifiedName(nameOf(s), this.prefixes) : undefined,
    );
    const { labels, notations, nWithTwoPrefLabels } = buildLabelTable(nSubjects, { ...texts, languages });
    if (nWithoutLabel > 0) {
      warn(
        `${this.path}: ${counted(nWithoutLabel, 'concept has', 'concepts have')} no label; the URI stands in for it`,
      );
    }
    if (nWithTwoPrefLabels > 0 && options.isSkos) {
      const have = counted(nWithTwoPrefLabels, 'concept has', 'concepts have');
      warn(`${this.path}: ${have} several preferred labels in one language; the first counts, others are alternative`);
    }
    const dropped = [...this.labels.droppedLanguages];
    if (dropped.length > 0) {
      warn(`${this.path}: labels in more than 256 languages; those in ${dropped.join(', ')} are left out`);
    }
    const broader = this.relation(this.broader, 'broader', subjectOfNode, nSubjects, warn);
    const related = this.relation(this.related, 'related', subjectOfNode, nSubjects, warn);
    const cycle = findCycle(broader);
    if (cycle) {
      const named = cycle.slice(0, MAX_NAMED).map((s) => `<${nameOf(s)}>`);
      const more = cycle.length > MAX_NAMED ? [`… (${cycle.length} concepts)`] : [];
      warn(`${this.path}: broader runs in a circle: ${[...named, ...more, named[0]].join(' > ')}`);
    }
    this.resolveMemberLists();
    const collections = this.groups(this.members.to, this.members.from, subjectOfNode, nSubjects);
    const schemes = this.groups(this.schemes.from, this.schemes.to, subjectOfNode, nSubjects);
    const types = this.groups(this.types.from, this.types.to, subjectOfNode, nSubjects);
    const definitions = this.definitions.finish(subjectOfNode, nSubjects);
    return {
      path: this.path,
      uris: gatherStrings(this.nodes.strings(), nodeOfSubject),
      notations,
      status,
      languages,
      labels,
      broader,
      narrower: transposePattern(broader),
      related,
      collections: collections.pattern,
      collectionUris: collections.uris,
      schemes: schemes.pattern,
      schemeUris: schemes.uris,
      types: types.pattern,
      typeUris: types.uris,
      prefixes: this.prefixes,
      ...(definitions ? { definitions } : undefined),
    };
  }

  /** @returns false where the node has the mark already */
  private mark(node: number, mark: number): boolean {
    if (node >= this.marks.length) {
      const grown = new Uint8Array(Math.max(node + 1, this.marks.length * 2));
      grown.set(this.marks);
      this.marks = grown;
    }
    const had = this.marks[node] as number;
    this.marks[node] = had | mark;
    return (had & mark) === 0;
  }

  private addText(node: number, kind: number, text: string, language: string): void {
    if (text.length > MAX_LABEL) {
      const uri = this.nodes.get(node);
      const problem = `a label of <${uri}> has ${text.length} characters, more than ${MAX_LABEL}`;
      throw new InputError('input-invalid', `Cannot read ${this.path}: ${problem}`, {
        hint: 'Shorten it: labels are words or phrases.',
        context: { path: this.path, uri },
      });
    }
    this.labels.add(node, kind, text, language);
  }

  private orderConcepts(deprecatedLast: boolean): { nodeOfSubject: Uint32Array; status: Uint8Array } {
    const concepts = this.concepts.toArray();
    const isDeprecated = (node: number) => ((this.marks[node] as number) & 2) !== 0;
    let nodeOfSubject = concepts;
    if (deprecatedLast) {
      const last = concepts.filter(isDeprecated);
      nodeOfSubject = new Uint32Array(concepts.length);
      nodeOfSubject.set(concepts.filter((node) => !isDeprecated(node)));
      nodeOfSubject.set(last, concepts.length - last.length);
    }
    return { nodeOfSubject, status: Uint8Array.from(nodeOfSubject, (n) => (isDeprecated(n) ? SUBJECT_DEPRECATED : 0)) };
  }

  /** @param name `broader` or `related`; the latter holds in both directions */
  private relation(
    pairs: NodePairs,
    name: 'broader' | 'related',
    subjectOfNode: Int32Array,
    nSubjects: number,
    warn: (message: string) => void,
  ): CsrPattern {
    const rows = new Uint32List(pairs.length);
    const cols = new Uint32List(pairs.length);
    let nUnknown = 0;
    let unknown = '';
    let nLoops = 0;
    for (let i = 0; i < pairs.length; i++) {
      const from = pairs.from.data[i] as number;
      const to = pairs.to.data[i] as number;
      const row = subjectOfNode[from] as number;
      const col = subjectOfNode[to] as number;
      if (row >= 0 && row === col) nLoops++;
      else if (row >= 0 && col >= 0) {
        rows.push(row);
        cols.push(col);
        if (name !== 'related') continue;
        rows.push(col);
        cols.push(row);
      } else if (row >= 0 || col >= 0) {
        if (nUnknown++ === 0) unknown = this.nodes.get(row >= 0 ? to : from);
      }
    }
    if (nUnknown > 0) {
      const lead = counted(nUnknown, `${name} relation leads`, `${name} relations lead`);
      warn(`${this.path}: ${lead} to what is no concept here, for example <${unknown}>; left out`);
    }
    if (nLoops > 0) {
      const lead = counted(nLoops, `${name} relation leads`, `${name} relations lead`);
      warn(`${this.path}: ${lead} from a concept to itself; left out`);
    }
    return csrFromPairs(nSubjects, nSubjects, rows.toArray(), cols.toArray());
  }

  /** Makes members of what the lists of ordered collections hold. */
  private resolveMemberLists(): void {
    if (this.memberLists.length === 0) return;
    const first = new Map<number, number>();
    for (let i = 0; i < this.listFirst.length; i++) {
      first.set(this.listFirst.from.data[i] as number, this.listFirst.to.data[i] as number);
    }
    const rest = new Map<number, number>();
    for (let i = 0; i < this.listRest.length; i++) {
      rest.set(this.listRest.from.data[i] as number, this.listRest.to.data[i] as number);
    }
    for (let i = 0; i < this.memberLists.length; i++) {
      const collection = this.memberLists.from.data[i] as number;
      const visited = new Set<number>();
      let cell: number | undefined = this.memberLists.to.data[i] as number;
      while (cell !== undefined && !visited.has(cell)) {
        visited.add(cell);
        const member = first.get(cell);
        if (member !== undefined) this.members.push(collection, member);
        cell = rest.get(cell);
      }
    }
  }

  /** Numbers what concepts belong to, in order of first appearance. */
  private groups(concepts: Uint32List, groups: Uint32List, subjectOfNode: Int32Array, nSubjects: number) {
    const rows = new Uint32List();
    const cols = new Uint32List();
    const numbers = new Map<number, number>();
    const uris: string[] = [];
    for (let i = 0; i < concepts.length; i++) {
      const row = subjectOfNode[concepts.data[i] as number] as number;
      if (row < 0) continue;
      const node = groups.data[i] as number;
      let number = numbers.get(node);
      if (number === undefined) {
        number = uris.length;
        numbers.set(node, number);
        const uri = this.nodes.get(node);
        uris.push(uri.startsWith('_:') ? `_:${number}` : uri); // names of blank nodes differ from run to run
      }
      rows.push(row);
      cols.push(number);
    }
    return {
      pattern: csrFromPairs(nSubjects, uris.length, rows.toArray(), cols.toArray()),
      uris: StringTable.from(uris),
    };
  }
}

function counted(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** @returns the same text without the block that it was cut out of */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
