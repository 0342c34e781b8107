import type { Document } from '@catchword/core';
import { type DocumentReader, type Place, placeName } from './document-reader.js';

const PROPERTIES: ReadonlySet<string> = new Set([
  'text',
  'document_id',
  'metadata',
  'subjects',
  'results',
  'confidence',
  'decisions',
  'weight',
]);

/**
 * Makes a document of a JSON object: `text`, `document_id`, `metadata` (strings by name), `subjects` (objects with
 * `uri` or `label`), `weight` (what it counts in training, above 0 and up to 1). What is no such object is counted as invalid, with a warning.
 *
 * Where there are `decisions`, as people take them when they look through suggestions, those subjects are the document's that
 * were accepted or added, and none where nothing was.
 *
 * Departs from Annif's schema in one point: further properties do not make a document invalid. `results`, which `index`
 * writes, is passed over in silence, others with a warning.
 *
 * @returns undefined for what is no document or not wanted
 */
export function jsonDocument(
  value: unknown,
  place: Place,
  reader: DocumentReader,
  path: string | undefined,
): Document | undefined {
  const line = place.line ?? 0;
  const invalid = (what: string): undefined => reader.invalid(`JSON validation failed: ${what}`, place);
  if (!isObject(value)) return invalid('not an object');
  const { text, document_id: documentId, decisions } = value;
  const subjects = decisions === undefined ? (value.subjects ?? []) : decided(decisions);
  if (text !== undefined && typeof text !== 'string') return invalid('"text" is not a string');
  if (documentId !== undefined && typeof documentId !== 'string') return invalid('"document_id" is not a string');
  if (subjects === undefined) return invalid('"decisions" is not a list of objects with "uri" and "action"');
  if (!Array.isArray(subjects)) return invalid('"subjects" is not a list');
  if (text === undefined && value.metadata === undefined) return invalid('neither "text" nor "metadata" is there');

  const { weight = 1 } = value;
  if (typeof weight !== 'number' || !(weight > 0 && weight <= 1))
    return invalid('"weight" is not a number above 0 and up to 1');

  let metadata: Record<string, string> | undefined;
  if (value.metadata !== undefined) {
    if (!isObject(value.metadata)) return invalid('"metadata" is not an object');
    metadata = Object.create(null) as Record<string, string>;
    for (const [name, field] of Object.entries(value.metadata)) {
      if (typeof field !== 'string') return invalid(`"metadata" has a value that is not a string: "${name}"`);
      metadata[name] = field;
    }
  }
  for (const [i, subject] of subjects.entries()) {
    const { uri, label } = isObject(subject) ? subject : {};
    if (typeof uri === 'string') reader.uri(uri, place.path, line);
    else if (uri === undefined && typeof label === 'string') reader.label(label, place.path, line);
    else return invalid(`"subjects" has an entry with neither "uri" nor "label" as a string: number ${i + 1}`);
  }
  for (const name of Object.keys(value)) {
    if (PROPERTIES.has(name)) continue;
    reader.warn('unknown properties', name, () => `Unknown property "${name}" is passed over (${placeName(place)})`);
  }
  return reader.document({ text: text ?? '', documentId, metadata, path, weight: weight === 1 ? undefined : weight });
}

/** @returns what was accepted or added; undefined for what are no decisions */
function decided(decisions: unknown): readonly { readonly uri: string }[] | undefined {
  if (!Array.isArray(decisions)) return undefined;
  const subjects: { readonly uri: string }[] = [];
  for (const decision of decisions) {
    const { uri, action } = isObject(decision) ? decision : {};
    if (typeof uri !== 'string') return undefined;
    if (action === 'accepted' || action === 'added') subjects.push({ uri });
    else if (action !== 'rejected') return undefined;
  }
  return subjects;
}

/** The object's own properties; a property that is not there is undefined, whatever its name. */
function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
