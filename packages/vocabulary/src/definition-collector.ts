import { StringTableBuilder, Uint32List } from '@catchword/math';
import type { DefinitionTable } from './concept-definitions.js';
import { gatherStrings } from './gather-strings.js';
import { DEFINITION, type SCOPE_NOTE, VALUE } from './skos-predicates.js';
import { withoutSpareSpace } from './spare-space.js';

/** In characters: what is longer is an article, and nobody is shown so much. */
const MOST_CHARACTERS = 4000;
/** `DefinitionTable.language` has two bytes for a language. */
const MAX_LANGUAGES = 1 << 16;

/** Collects definitions and scope notes by the node that has them, also those that are nodes with an rdf:value. */
export class DefinitionCollector {
  private readonly texts = new StringTableBuilder();
  private readonly nodes = new Uint32List();
  private readonly kinds = new Uint32List();
  private readonly languages_ = new Uint32List();
  private readonly linkNodes = new Uint32List();
  private readonly linkKinds = new Uint32List();
  private readonly linkTargets = new Uint32List();
  private readonly numbers = new Map<string, number>();

  /**
   * @param kind DEFINITION, SCOPE_NOTE, or VALUE for the text of a node that may be one of these
   * @param language in lower case; '' where the text has none
   */
  add(node: number, kind: number, text: string, language: string): void {
    const kept = withoutSpareSpace(text).slice(0, MOST_CHARACTERS);
    if (kept === '') return;
    let number = this.numbers.get(language);
    if (number === undefined) {
      if (this.numbers.size === MAX_LANGUAGES) return;
      number = this.numbers.size;
      this.numbers.set(Buffer.from(language).toString(), number); // a copy: the tag was cut out of a block of text
    }
    this.texts.push(kept.replace(/[\ud800-\udbff]$/, ''));
    this.nodes.push(node);
    this.kinds.push(kind);
    this.languages_.push(number);
  }

  /** @param target the node that has the text as its rdf:value */
  link(node: number, kind: number, target: number): void {
    this.linkNodes.push(node);
    this.linkKinds.push(kind);
    this.linkTargets.push(target);
  }

  /**
   * Gives each subject one text a language: its first definition there, else its first scope note.
   *
   * @returns undefined where no subject has any
   */
  finish(subjectOfNode: Int32Array, nSubjects: number): DefinitionTable | undefined {
    const found = this.textsOfSubjects(subjectOfNode);
    if (found.length === 0) return undefined;
    found.sort((a, b) => a.subject - b.subject || a.kind - b.kind); // stable: in the order of the file otherwise
    const used = new Set<number>();
    const kept: Found[] = [];
    let from = 0;
    for (const [i, each] of found.entries()) {
      if (each.subject !== found[from]?.subject) from = i;
      const isFirst = !found.slice(from, i).some(({ language }) => language === each.language);
      if (!isFirst) continue;
      kept.push(each);
      used.add(each.language);
    }
    const tags = [...this.numbers].filter(([, number]) => used.has(number));
    const languages = tags.map(([tag]) => tag).sort();
    const rank = new Map(tags.map(([tag, number]) => [number, languages.indexOf(tag)]));
    const indptr = new Uint32Array(nSubjects + 1);
    for (const { subject } of kept) indptr[subject + 1] = (indptr[subject + 1] as number) + 1;
    for (let s = 0; s < nSubjects; s++) indptr[s + 1] = (indptr[s + 1] as number) + (indptr[s] as number);
    return {
      languages,
      texts: gatherStrings(
        this.texts.build(),
        kept.map(({ text }) => text),
      ),
      language: Uint16Array.from(kept, ({ language }) => rank.get(language) as number),
      indptr,
    };
  }

  private textsOfSubjects(subjectOfNode: Int32Array): Found[] {
    const found: Found[] = [];
    const keep = (subject: number, kind: number, text: number) => {
      const rank = kind === DEFINITION ? 0 : 1;
      if (subject >= 0) found.push({ subject, kind: rank, text, language: this.languages_.data[text] as number });
    };
    const valuesOf = new Map<number, number[]>();
    for (let k = 0; k < this.nodes.length; k++) {
      const node = this.nodes.data[k] as number;
      const kind = this.kinds.data[k] as number;
      if (kind !== VALUE) keep(subjectOfNode[node] as number, kind, k);
      else valuesOf.set(node, [...(valuesOf.get(node) ?? []), k]);
    }
    for (let i = 0; i < this.linkNodes.length; i++) {
      const kind = this.linkKinds.data[i] as typeof DEFINITION | typeof SCOPE_NOTE;
      const subject = subjectOfNode[this.linkNodes.data[i] as number] as number;
      for (const text of valuesOf.get(this.linkTargets.data[i] as number) ?? []) keep(subject, kind, text);
    }
    return found;
  }
}

interface Found {
  readonly subject: number;
  /** 0 for a definition, 1 for a scope note. */
  readonly kind: number;
  readonly text: number;
  readonly language: number;
}
