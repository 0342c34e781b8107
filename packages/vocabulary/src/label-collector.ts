import { StringTableBuilder, Uint32List } from '@catchword/math';
import type { CollectedTexts } from './label-table.js';
import { HIDDEN_LABEL, LITERAL_FORM, NOTATION, PREF_LABEL, RDFS_LABEL, XL_PREF_LABEL } from './skos-predicates.js';
import { withoutSpareSpace } from './spare-space.js';

/** `LabelTable.language` has a byte for a language. */
const MAX_LANGUAGES = 256;

/** Collects the texts of a vocabulary file (labels, forms of SKOS-XL labels, notations) by the node that has them. */
export class LabelCollector {
  /** Languages beyond those that a vocabulary can number: their labels are left out. */
  readonly droppedLanguages = new Set<string>();
  private readonly texts = new StringTableBuilder();
  private readonly nodes = new Uint32List(1 << 10);
  /** Kind and language of a text: kind * MAX_LANGUAGES + language. */
  private readonly codes = new Uint32List(1 << 10);
  private readonly xlNodes = new Uint32List();
  private readonly xlKinds = new Uint32List();
  private readonly xlLabels = new Uint32List();
  private readonly languageNumbers = new Map<string, number>();
  private readonly languages: string[] = [];

  /**
   * @param kind one of the predicates PREF_LABEL to NOTATION
   * @param language in lower case; '' where the text has none
   */
  add(node: number, kind: number, text: string, language: string): void {
    const kept = withoutSpareSpace(text);
    if (kept === '') return;
    const number = this.numberOf(kind === NOTATION ? '' : language);
    if (number < 0) return;
    this.texts.push(kept);
    this.nodes.push(node);
    this.codes.push(kind * MAX_LANGUAGES + number);
  }

  /** Notes that a node has a SKOS-XL label; the label has its text as a literal form. */
  addXl(node: number, predicate: number, label: number): void {
    this.xlNodes.push(node);
    this.xlKinds.push(PREF_LABEL + predicate - XL_PREF_LABEL);
    this.xlLabels.push(label);
  }

  /**
   * Hands over the texts of subjects; SKOS-XL labels are resolved.
   *
   * @param subjectOfNode the subject's number, or -1 for a node that is no concept
   * @param nodeOfSubject its inverse
   * @param fallback the label, without language, of a subject that has none at all; undefined leaves it without
   */
  finish(
    subjectOfNode: Int32Array,
    nodeOfSubject: Uint32Array,
    fallback: (subject: number) => string | undefined,
  ): CollectedTexts & { readonly nWithoutLabel: number } {
    this.resolveXlLabels(subjectOfNode);
    const labelled = new Uint8Array(nodeOfSubject.length);
    for (let k = 0; k < this.nodes.length; k++) {
      const s = subjectOfNode[this.nodes.data[k] as number] as number;
      if (s >= 0 && this.kindOf(k) <= RDFS_LABEL) labelled[s] = 1;
    }
    let nWithoutLabel = 0;
    for (let s = 0; s < labelled.length; s++) {
      const text = labelled[s] === 1 ? undefined : fallback(s);
      if (text === undefined) continue;
      this.add(nodeOfSubject[s] as number, PREF_LABEL, text, '');
      nWithoutLabel++;
    }
    const n = this.nodes.length;
    const subject = new Int32Array(n);
    const kind = new Uint8Array(n);
    const used = new Uint8Array(MAX_LANGUAGES);
    for (let k = 0; k < n; k++) {
      kind[k] = this.kindOf(k);
      subject[k] = subjectOfNode[this.nodes.data[k] as number] as number;
      if ((subject[k] as number) >= 0 && (kind[k] as number) <= RDFS_LABEL) used[this.languageOf(k)] = 1;
    }
    const languages = this.languages.filter((_, number) => used[number] === 1).sort();
    const rank = this.languages.map((tag) => Math.max(0, languages.indexOf(tag)));
    const language = new Uint8Array(n);
    for (let k = 0; k < n; k++) language[k] = rank[this.languageOf(k)] as number;
    return { texts: this.texts.build(), subject, kind, language, languages, nWithoutLabel };
  }

  private kindOf(k: number): number {
    return Math.floor((this.codes.data[k] as number) / MAX_LANGUAGES);
  }

  private languageOf(k: number): number {
    return (this.codes.data[k] as number) % MAX_LANGUAGES;
  }

  private numberOf(language: string): number {
    const known = this.languageNumbers.get(language);
    if (known !== undefined) return known;
    const tag = Buffer.from(language).toString(); // a copy: the tag was cut out of a block of text
    if (this.languages.length === MAX_LANGUAGES) {
      this.droppedLanguages.add(tag);
      return -1;
    }
    this.languageNumbers.set(tag, this.languages.length);
    return this.languages.push(tag) - 1;
  }

  /** Gives the literal forms of SKOS-XL labels to the concepts that have the labels. */
  private resolveXlLabels(subjectOfNode: Int32Array): void {
    if (this.xlNodes.length === 0) return;
    const firstForm = new Int32Array(subjectOfNode.length).fill(-1);
    const nForms = this.nodes.length;
    const nextForm = new Int32Array(nForms);
    for (let k = nForms - 1; k >= 0; k--) {
      if (this.kindOf(k) !== LITERAL_FORM) continue;
      const node = this.nodes.data[k] as number;
      nextForm[k] = firstForm[node] as number;
      firstForm[node] = k;
    }
    const texts = this.texts.build();
    for (let i = 0; i < this.xlNodes.length; i++) {
      const node = this.xlNodes.data[i] as number;
      if (subjectOfNode[node] === -1) continue;
      for (let k = firstForm[this.xlLabels.data[i] as number] as number; k >= 0; k = nextForm[k] as number) {
        this.texts.push(texts.get(k));
        this.nodes.push(node);
        this.codes.push(Math.min(this.xlKinds.data[i] as number, HIDDEN_LABEL) * MAX_LANGUAGES + this.languageOf(k));
      }
    }
  }
}
