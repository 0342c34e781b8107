export type { LineBatch } from './read-lines.js';
export { fileError, linesOf, readBytes, readLines, unpacked } from './read-lines.js';
