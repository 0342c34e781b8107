import type { Document } from '@catchword/core';
import { type MarcMapping, type MarcPlace, type MarcRecord, type MarcStream, RecordMapper } from '@catchword/marc';
import type { DocumentReader } from './document-reader.js';

/**
 * Reads documents of a file of MARC records. A record that cannot be read is counted, the first ones with a warning; every
 * other one is a document, also one without text.
 *
 * A heading is a gold subject where one of its URIs is in the vocabulary, or, where `$2` says that it is of the vocabulary, its
 * label; headings of other vocabularies are passed over.
 */
export async function* readMarcCorpus(
  stream: MarcStream,
  path: string,
  mapping: MarcMapping,
  reader: DocumentReader,
): AsyncGenerator<Document[], void, undefined> {
  const mapper = new RecordMapper(mapping);
  let nContradictions = 0;
  for await (const pieces of stream.pieces) {
    const documents: Document[] = [];
    for (const piece of pieces) {
      if (reader.isFull) break;
      if (piece.kind === 'broken') {
        const { number, offset } = piece.place;
        reader.invalid(`Skipping broken record ${number} at byte ${offset}: ${piece.problem}`, { path });
      } else if (piece.kind === 'record') {
        const { layout } = piece.record;
        if (layout.format === 'iso2709' && layout.contradictsLeader && nContradictions++ === 0) {
          reader.warn('leaders', path, () => {
            return `Record ${piece.place.number} says that it is MARC-8 and is UTF-8; it is read as UTF-8 (${path})`;
          });
        }
        const document = marcDocument(piece.record, piece.place, path, mapper, reader);
        if (document) documents.push(document);
      }
    }
    if (documents.length > 0) yield documents;
    if (reader.isFull) return;
  }
  reader.endSource(path, 'a file of MARC records', 'Look at it with a MARC editor, or fetch it again.');
}

function marcDocument(
  record: MarcRecord,
  place: MarcPlace,
  path: string,
  mapper: RecordMapper,
  reader: DocumentReader,
): Document | undefined {
  const { text, documentId, metadata, headings } = mapper.map(record);
  for (const { uris, label, isOfSource } of headings) {
    const known = uris.find((uri) => reader.knows(uri));
    const [first] = uris;
    if (known !== undefined) reader.uri(known, path, 0);
    else if (isOfSource && label !== '') reader.label(label, path, 0);
    else if (isOfSource && first !== undefined) reader.uri(first, path, 0);
  }
  return reader.document({ text, documentId: documentId ?? `${place.number}`, metadata });
}
