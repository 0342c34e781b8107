export { convertedRecord, MARCXML_BEGINNING, MARCXML_END } from './convert-record.js';
export type { FieldSpec } from './field-spec.js';
export { parseFieldSpec, specValues } from './field-spec.js';
export { fieldLine, headingDiff } from './heading-diff.js';
export type { HeadedRecord, Heading, HeadingChange, HeadingOrigin } from './headings.js';
export { headedRecord, headingTags } from './headings.js';
export type { Iso2709Layout, MarcEncoding } from './iso2709-record.js';
export type { MappedRecord, StatedHeading } from './map-record.js';
export { RecordMapper } from './map-record.js';
export type { Dialect, HeadingRules, MarcMapping, SubjectFields } from './marc-mapping.js';
export { DEFAULT_MARC_MAPPING, DIALECTS, HEADING_TAGS, parseMarcMapping } from './marc-mapping.js';
export type { MarcStream } from './marc-pieces.js';
export { MARC_HEAD_BYTES, marcFormatOf, openMarc } from './marc-pieces.js';
export type {
  MarcField,
  MarcFormat,
  MarcPiece,
  MarcPlace,
  MarcRecord,
  MarcSubfield,
  NewField,
  RecordPiece,
} from './marc-record.js';
export { firstSubfield, MARC_FORMATS, subfieldValues } from './marc-record.js';
export { decodeMarc8, encodeMarc8, Marc8Error } from './marc8.js';
export type { MarcxmlLayout } from './marcxml-record.js';
export { readMarcxml } from './marcxml-record.js';
export { MOST_FIELD_BYTES, MOST_RECORD_BYTES } from './splice.js';
export type { HeadingSource, WriteMarcOptions } from './write-records.js';
export { writeMarc } from './write-records.js';
export type { MarcWriteReport } from './write-report.js';
export { describeMarcWrite, emptyMarcWriteReport } from './write-report.js';
