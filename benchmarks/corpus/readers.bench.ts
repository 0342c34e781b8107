// How many documents a second come out of each corpus format, in how much memory?
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCorpus } from '@catchword/corpus';
import { openVocabulary, readVocabulary, updateVocabulary } from '@catchword/vocabulary';
import { documentLines, firstDocuments } from '../harness/document-files.js';
import { cacheFolder, dataFile } from '../harness/places.js';
import { round } from '../harness/result-lines.js';
import { runVariants, Skipped, timed } from '../harness/variants.js';

const FORMATS = ['tsv', 'tsv.gz', 'csv', 'jsonl', 'folder'];
const N_DOCS = 10_000;
const TRAIN = 'eurlex57k/train.tsv.gz';
const VOCABULARY = 'eurlex57k/eurovoc-en.ttl.gz';

interface SourceDocument {
  readonly id: string;
  readonly text: string;
  readonly uris: readonly string[];
}

/** How the same documents are written in each format. */
const WRITERS: Readonly<Record<string, (docs: readonly SourceDocument[], path: string) => void>> = {
  tsv: (docs, path) => writeFileSync(path, docs.map(({ text, uris }) => `${text}\t${uris.join(' ')}\n`).join('')),
  csv: (docs, path) => {
    const rows = docs.map(({ id, text, uris }) => `${id},"${text.replaceAll('"', '""')}",${uris.join(' ')}\n`);
    writeFileSync(path, `document_id,text,subject_uris\n${rows.join('')}`);
  },
  jsonl: (docs, path) => {
    const lines = docs.map(({ id, text, uris }) =>
      JSON.stringify({ document_id: id, text, subjects: uris.map((uri) => ({ uri: uri.slice(1, -1) })) }),
    );
    writeFileSync(path, `${lines.join('\n')}\n`);
  },
  folder: (docs, path) => {
    mkdirSync(path, { recursive: true });
    for (const { id, text, uris } of docs) {
      writeFileSync(join(path, `${id}.txt`), text);
      writeFileSync(join(path, `${id}.tsv`), uris.map((uri) => `${uri}\n`).join(''));
    }
  },
};

/** @returns the path of the corpus in the format, made where it is missing; undefined without the source */
function corpusPath(format: string): string | undefined {
  const source = dataFile(TRAIN);
  if (source === undefined) return undefined;
  const gzipped = firstDocuments(source, N_DOCS);
  if (format === 'tsv.gz') return gzipped;
  const path = join(cacheFolder('documents', 'formats'), `eurlex57k.${format}`);
  if (!existsSync(path)) {
    const docs = documentLines(gzipped).map((line, i): SourceDocument => {
      const [text = '', uris = ''] = line.split('\t');
      return { id: String(i).padStart(6, '0'), text, uris: uris.split(' ').filter((uri) => uri !== '') };
    });
    WRITERS[format]?.(docs, `${path}.part`);
    renameSync(`${path}.part`, path);
  }
  return path;
}

async function measure(format: string) {
  const vocabularyFile = dataFile(VOCABULARY);
  const path = corpusPath(format);
  if (vocabularyFile === undefined || path === undefined) throw new Skipped(`there is no ${TRAIN}`);
  const parsed = updateVocabulary(undefined, await readVocabulary(vocabularyFile)).vocabulary;
  const vocabulary = openVocabulary(parsed.toModelData());
  const corpus = openCorpus([path], { subjects: vocabulary, language: 'en' });
  let nDocs = 0;
  let nCharacters = 0;
  let nSubjects = 0;
  const { seconds } = await timed(async () => {
    for await (const { text, subjects = [] } of corpus.documents()) {
      nDocs++;
      nCharacters += text.length;
      nSubjects += subjects.length;
    }
  });
  return {
    documents: nDocs,
    subjects: nSubjects,
    docsPerSecond: round(nDocs / seconds, 0),
    megaCharsPerSecond: round(nCharacters / seconds / 1e6, 1),
  };
}

await runVariants(import.meta.url, Object.fromEntries(FORMATS.map((format) => [format, () => measure(format)])), () =>
  FORMATS.forEach((format) => void corpusPath(format)),
);
