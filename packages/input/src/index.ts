export type { CsvBatch, CsvOptions, CsvRow } from './read-csv.js';
export { csvOf, readCsv } from './read-csv.js';
export type { LineBatch } from './read-lines.js';
export { fileError, linesOf, readBytes, readLines, unpacked } from './read-lines.js';
export { textOf } from './read-text.js';
