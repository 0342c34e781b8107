import type { FileFormat } from '@catchword/corpus';
import { EXPLAIN, LANGUAGE, LIMIT, SUGGESTIONS, THRESHOLD } from './annif.js';

/** Schemas of files that are sent. */

/** Those of `corpus`, which is loaded when the first file comes. */
const FORMATS: readonly FileFormat[] = ['text', 'html', 'pdf', 'docx', 'odt', 'epub'];

const FILE = { type: 'string', format: 'binary', description: 'Text, HTML, PDF, DOCX, ODT or EPUB.' } as const;

export const FILE_FORM = {
  type: 'object',
  required: ['file'],
  properties: { file: FILE },
} as const;

export const SUGGEST_FILE_FORM = {
  type: 'object',
  required: ['file'],
  properties: { file: FILE, limit: LIMIT, threshold: THRESHOLD, language: LANGUAGE, explain: EXPLAIN },
} as const;

const FILE_FACTS = {
  format: { type: 'string', enum: FORMATS, description: 'Known by the content, not by the name.' },
  characters: { type: 'integer', description: 'Length of the text in UTF-16 code units.' },
  warnings: { type: 'array', items: { type: 'string' }, description: 'What was left out.' },
} as const;

export const EXTRACTED_TEXT = {
  type: 'object',
  required: ['text', 'format', 'characters', 'warnings'],
  properties: { text: { type: 'string' }, ...FILE_FACTS },
} as const;

export const FILE_SUGGESTIONS = {
  type: 'object',
  required: ['results', 'file'],
  properties: {
    ...SUGGESTIONS.properties,
    file: { type: 'object', required: ['format', 'characters', 'warnings'], properties: FILE_FACTS },
  },
} as const;
