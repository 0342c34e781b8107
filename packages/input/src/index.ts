export type { PeekedBytes } from './peeked.js';
export { peeked } from './peeked.js';
export type { CsvBatch, CsvOptions, CsvRow } from './read-csv.js';
export { csvOf, readCsv } from './read-csv.js';
export type { LineBatch } from './read-lines.js';
export { fileError, linesOf, readBytes, readLines, unpacked } from './read-lines.js';
export { textOf } from './read-text.js';
export type { ParseXml, XmlHandlers } from './xml-parser.js';
export { loadXmlParser, localName, XmlError } from './xml-parser.js';
