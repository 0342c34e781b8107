import { basename, dirname, extname, join } from 'node:path';
import type { Document, SubjectId, SubjectIndex, SuggestionBatch } from '@catchword/core';
import { floatRepr, toFixedEven } from '@catchword/math';

const BEYOND_ASCII = /[\u007f-\uffff]/;

/** How subjects are written. What was made of a subject is kept with the object: give the same one for all lines. */
export interface IndexOutputOptions {
  readonly subjects: SubjectIndex;
  /** The language of labels. */
  readonly language: string;
}

/**
 * Writes one row of the batch in the layout of `suggest`: `<URI>`, label, notation where there is one, score with four
 * decimals, separated by tabs.
 *
 * @returns a line for each suggestion, without line ends
 */
export function suggestionLines(batch: SuggestionBatch, row: number, options: IndexOutputOptions): string[] {
  const { subjects, language } = options;
  return batch.row(row).map(({ subjectId, score }) => {
    const names = [subjects.label(subjectId, language), subjects.notation(subjectId)].filter((name) => name);
    return `<${subjects.uri(subjectId)}>\t${names.join('\t')}\t${toFixedEven(score, 4)}`;
  });
}

/**
 * Writes a document and its suggestions as a JSON line, as `annif index` does: the keys text, document_id, metadata,
 * subjects, results in this order, those without a value left out; everything beyond ASCII escaped. Where scores are
 * probabilities a last key that Annif has not, confidence, is the expected F1 of the results.
 *
 * @param includeDocument false: only document_id and results
 * @returns the line without its end
 */
export function indexLine(
  document: Document,
  batch: SuggestionBatch,
  row: number,
  options: IndexOutputOptions,
  includeDocument = true,
): string {
  const parts: string[] = [];
  const { text, documentId, metadata = {}, subjects: gold = [] } = document;
  if (includeDocument) parts.push(`"text": ${asciiJson(text)}`);
  if (documentId) parts.push(`"document_id": ${asciiJson(documentId)}`);
  if (includeDocument) {
    const fields = Object.entries(metadata).map(([name, value]) => `${asciiJson(name)}: ${asciiJson(value)}`);
    if (fields.length > 0) parts.push(`"metadata": {${fields.join(', ')}}`);
    if (gold.length > 0) parts.push(`"subjects": [${gold.map((id) => `{${subjectFields(id, options)}}`).join(', ')}]`);
  }
  let results = '';
  for (let k = batch.indptr[row] as number; k < (batch.indptr[row + 1] as number); k++) {
    const separator = results === '' ? '' : ', ';
    results +=
      separator + resultBeginning(batch.subjectIds[k] as number, options) + floatRepr(batch.scores[k] as number);
    results += '}';
  }
  parts.push(`"results": [${results}]`);
  if (batch.confidence) parts.push(`"confidence": ${floatRepr(batch.confidence[row] as number)}`);
  return `{${parts.join(', ')}}`;
}

function subjectFields(id: SubjectId, { subjects, language }: IndexOutputOptions): string {
  return `"uri": ${asciiJson(subjects.uri(id))}, "label": ${asciiJson(subjects.label(id, language) ?? null)}`;
}

/** Per options what stands before the score of a subject: most subjects are suggested again and again. */
const beginnings = new WeakMap<IndexOutputOptions, Map<SubjectId, string>>();
/** About 3 MiB. */
const MOST_BEGINNINGS = 1 << 14;

function resultBeginning(id: SubjectId, options: IndexOutputOptions): string {
  const known = beginnings.get(options) ?? new Map<SubjectId, string>();
  if (known.size === 0) beginnings.set(options, known);
  let beginning = known.get(id);
  if (beginning === undefined) {
    if (known.size === MOST_BEGINNINGS) known.clear();
    const notation = asciiJson(options.subjects.notation(id) ?? null);
    // Joined by the platform, so that one flat string is kept.
    beginning = ['{', subjectFields(id, options), ', "notation": ', notation, ', "score": '].join('');
    known.set(id, beginning);
  }
  return beginning;
}

/** @returns the file beside a document's file that `index` writes: `doc.txt` or `doc.txt.gz` and `.annif` give `doc.annif` */
export function documentResultPath(path: string, suffix: string): string {
  const unpacked = withoutGz(path);
  return join(dirname(path), basename(unpacked, extname(unpacked)) + suffix);
}

/**
 * @param ending what the name ends with
 * @returns the file beside a corpus file that `index` writes: `a.tsv.gz` and `.annif` give `a.annif.jsonl`
 */
export function corpusResultPath(path: string, suffix: string, gzip: boolean, ending = '.jsonl'): string {
  const whole = suffix.endsWith(ending) ? suffix : `${suffix}${ending}`;
  return `${documentResultPath(path, whole)}${gzip ? '.gz' : ''}`;
}

function withoutGz(path: string): string {
  return path.endsWith('.gz') ? path.slice(0, -'.gz'.length) : path;
}

function asciiJson(value: string | null): string {
  const json = JSON.stringify(value);
  if (!BEYOND_ASCII.test(json)) return json;
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
