import type { Analyzer, Corpus, Document, TrainOptions } from '@catchword/core';
import { OperationError } from '@catchword/core';
import {
  type CsrMatrix,
  type CsrPattern,
  contentHash,
  Float32List,
  StringIndex,
  StringTable,
  StringTableBuilder,
  ThreadPool,
  Uint32List,
} from '@catchword/math';
import { Spool } from '@catchword/storage';
import { FeatureCounter } from './feature-counter.js';
import { hashPair, NgramCounter, NgramTable } from './ngram-table.js';
import { TermNumbers } from './term-numbers.js';
import { TfidfVectorizer } from './tfidf-vectorizer.js';
import { BatchTokenizer, type TokenizedBatch } from './tokenize-batch.js';
import type { TokenizeInit } from './tokenize-worker.js';
import type { VectorSettings } from './vector-settings.js';

const WORKER = new URL('../../dist/vectors/tokenize-worker.js', import.meta.url);
/** A task is so many documents, or fewer long ones. */
const TASK_DOCS = 256;
const TASK_CHARACTERS = 200_000;
const DEFAULT_MEMORY = 256 * 2 ** 20;
/** Code units of a record's title that are kept. */
const TITLE_UNITS = 80;

/** The documents of a corpus by number: for explanations. */
export interface Records {
  /** Shape (nDocs): document ids; empty where a document has none. */
  readonly ids: StringTable;
  /** Shape (nDocs): the metadata's title, else the beginning of the text. */
  readonly titles: StringTable;
}

/** An indexed corpus as matrices. */
export interface VectorizedCorpus {
  readonly vectorizer: TfidfVectorizer;
  /** Shape (nDocs, nFeatures), rows of unit length or empty; shared memory. */
  readonly X: CsrMatrix;
  /** Shape (nDocs, nSubjects): gold subjects; shared memory. */
  readonly Y: CsrPattern;
  readonly records: Records;
  /** Shape (nDocs): `contentHash` of each text. */
  readonly hashes: Float64Array;
  /** Shape (nDocs), shared memory: what each document counts; absent where all count 1. */
  readonly weights?: Float32Array;
}

/**
 * Fits a vectorizer to a corpus and applies it, in one pass over the corpus.
 *
 * Texts are tokenised in `options.nJobs` threads and never held: what is read again are term numbers, 4 bytes a token, in
 * memory up to `options.scratch.memoryBytes` (256 MiB unless told) and in a file beyond. Peak memory is about that, 8 bytes
 * a stored value of X, 16 to 48 bytes for each different n-gram that may be frequent, and 100 bytes a document for its
 * record. The result does not depend on the number of threads.
 *
 * @throws {OperationError} `corpus-empty` without documents; `operation-failed` if no feature is left, for example because of `minDf`; `write-failed` where
 *   the file finds no room
 */
export async function vectorizeCorpus(
  corpus: Corpus,
  nSubjects: number,
  analyzer: Analyzer,
  settings: VectorSettings,
  options: TrainOptions,
): Promise<VectorizedCorpus> {
  const scratch = options.scratch ?? { memoryBytes: DEFAULT_MEMORY };
  const spool = new Spool(scratch);
  try {
    const read = await readCorpus(corpus, nSubjects, analyzer, settings, options, spool);
    options.signal?.throwIfAborted();
    if (read.Y.nRows === 0) {
      throw new OperationError('corpus-empty', `Not supported: cannot train on ${corpus.name}: it holds no documents`, {
        hint: 'Give documents that are indexed with subjects of the vocabulary, by URI.',
        context: { corpus: corpus.name },
      });
    }
    options.onProgress?.({ stage: 'counting features', done: 0, total: read.Y.nRows, unit: 'documents' });
    const { vectorizer, featureOfTerm } = fit(spool, read, settings, analyzer);
    options.signal?.throwIfAborted();
    const X = vectorsOf(spool, read.Y.nRows, vectorizer, featureOfTerm, options);
    const { Y, records, hashes, weights } = read;
    return { vectorizer, X, Y, records, hashes, ...(weights ? { weights } : undefined) };
  } finally {
    spool.dispose();
  }
}

/** What one pass over the corpus brings, besides the spool. */
interface ReadCorpus {
  readonly terms: TermNumbers;
  readonly Y: CsrPattern;
  readonly records: Records;
  readonly hashes: Float64Array;
  readonly weights: Float32Array | undefined;
}

async function readCorpus(
  corpus: Corpus,
  nSubjects: number,
  analyzer: Analyzer,
  settings: VectorSettings,
  options: TrainOptions,
  spool: Spool,
): Promise<ReadCorpus> {
  const { signal, onProgress } = options;
  const terms = new TermNumbers();
  const ids = new StringTableBuilder();
  const titles = new StringTableBuilder();
  const goldEnds = new Uint32List();
  const gold = new Uint32List();
  goldEnds.push(0);
  const weights = new Float32List();
  let areWeighted = false;
  const hashes: number[] = [];
  const note = (doc: Document): void => {
    ids.push(doc.documentId ?? '');
    titles.push(recordTitle(doc));
    hashes.push(contentHash(doc.text));
    for (const id of [...new Set(doc.subjects ?? [])].sort((a, b) => a - b)) gold.push(id);
    goldEnds.push(gold.length);
    weights.push(doc.weight ?? 1);
    if (doc.weight !== undefined) areWeighted = true;
  };
  let done = 0;
  const take = (batch: TokenizedBatch, nDocs: number): void => {
    terms.take(batch, spool);
    done += nDocs;
    onProgress?.({ stage: 'reading documents', done, unit: 'documents' });
    signal?.throwIfAborted();
  };
  if (options.nJobs > 1) {
    const init: TokenizeInit = {
      analyzer: analyzer.spec,
      language: analyzer.language,
      charNgram: settings.charNgram,
    };
    const pool = new ThreadPool({ module: WORKER, nThreads: options.nJobs, init });
    const lengths: number[] = [];
    const tasks = async function* () {
      for await (const texts of textBatches(corpus, note)) {
        lengths.push(texts.length);
        yield texts;
      }
    };
    try {
      for await (const batch of pool.map<string[], TokenizedBatch>(tasks())) take(batch, lengths.shift() ?? 0);
    } finally {
      await pool.close();
    }
  } else {
    const tokenizer = new BatchTokenizer(analyzer, settings.charNgram);
    for await (const texts of textBatches(corpus, note)) take(tokenizer.tokenize(texts), texts.length);
  }
  const Y = {
    nRows: goldEnds.length - 1,
    nCols: nSubjects,
    indptr: shared(goldEnds.toArray()),
    indices: shared(gold.toArray()),
  };
  return {
    ...{ terms, Y, records: { ids: ids.build(), titles: titles.build() }, hashes: Float64Array.from(hashes) },
    weights: areWeighted ? sharedFloats(weights.toArray()) : undefined,
  };
}

function sharedFloats(array: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

async function* textBatches(corpus: Corpus, note: (doc: Document) => void): AsyncGenerator<string[]> {
  let texts: string[] = [];
  let characters = 0;
  for await (const doc of corpus.documents()) {
    note(doc);
    texts.push(doc.text);
    characters += doc.text.length;
    if (texts.length < TASK_DOCS && characters < TASK_CHARACTERS) continue;
    yield texts;
    texts = [];
    characters = 0;
  }
  if (texts.length > 0) yield texts;
}

/** @returns what a record is called: its metadata's title, else the beginning of its first line, 80 code units at most */
export function recordTitle({ text, metadata }: Document): string {
  const title = metadata?.title ?? text;
  const line = /^\s*([^\n]*)/u.exec(title.slice(0, 4 * TITLE_UNITS))?.[1] ?? '';
  if (line.length <= TITLE_UNITS) return line.trim();
  return `${line
    .slice(0, TITLE_UNITS)
    .replace(/[\ud800-\udbff]$/u, '')
    .trim()}…`;
}

/** Finds the features: terms that enough documents have, then their n-grams, each length by a pass over the spool. */
function fit(
  spool: Spool,
  { terms, Y }: ReadCorpus,
  settings: VectorSettings,
  analyzer: Analyzer,
): { vectorizer: TfidfVectorizer; featureOfTerm: Int32Array } {
  const { minDf, ngram } = settings;
  const nDocs = Y.nRows;
  const { words, documentFrequency, featureOfTerm } = terms.frequent(minDf);
  if (words.length === 0) {
    throw new OperationError('operation-failed', `No term occurs in ${minDf} or more of the ${nDocs} documents`, {
      hint: minDf > 1 ? 'Set a lower min_df, or train on more documents.' : 'Check that the documents have text.',
      context: { minDf, nDocs },
    });
  }
  const nWords = words.length;
  const frequency = new Uint32List(nWords);
  for (const df of documentFrequency) frequency.push(df);
  const prefixes = new Uint32List();
  const lasts = new Uint32List();
  for (let length = 2; length <= ngram; length++) {
    const shorter = new NgramTable(prefixes.toArray(), lasts.toArray());
    const found = ngramsOfLength(length, spool, featureOfTerm, nWords, shorter, minDf);
    for (const prefix of found.prefixes) prefixes.push(prefix);
    for (const last of found.lasts) lasts.push(last);
    for (const df of found.counts) frequency.push(df);
    if (found.prefixes.length === 0) break;
  }
  const idf = new Float32Array(frequency.length);
  for (let f = 0; f < idf.length; f++) idf[f] = Math.log((1 + nDocs) / (1 + frequency.data[f])) + 1;
  const data = {
    words: StringIndex.build(StringTable.from(words)),
    ngrams: new NgramTable(prefixes.toArray(), lasts.toArray()),
    idf,
  };
  return { vectorizer: new TfidfVectorizer(settings, data, analyzer), featureOfTerm };
}

/** The pairs of a frequent n-gram of `length - 1` terms and a frequent term that enough documents have. */
function ngramsOfLength(
  length: number,
  spool: Spool,
  featureOfTerm: Int32Array,
  nWords: number,
  shorter: NgramTable,
  minDf: number,
): { prefixes: Uint32Array; lasts: Uint32Array; counts: Uint32Array } {
  const ending = new Int32Array(length);
  const walk = (visit: (prefix: number, last: number, doc: number) => void): void => {
    let doc = 0;
    for (const { sequence, begin, nTerms } of documentsOf(spool)) {
      doc++;
      ending.fill(-1);
      for (let k = begin; k < begin + nTerms; k++) {
        const feature = featureOfTerm[sequence[k]];
        if (feature < 0) {
          ending.fill(-1);
          continue;
        }
        const prefix = ending[length - 1];
        if (prefix >= 0) visit(prefix, feature, doc);
        for (let n = length - 1; n > 1; n--) {
          const before = ending[n - 1];
          const pair = before < 0 ? -1 : shorter.find(before, feature);
          ending[n] = pair < 0 ? -1 : nWords + pair;
        }
        ending[1] = feature;
      }
    }
  };
  const counter = new NgramCounter();
  if (minDf < 2) {
    walk((prefix, last, doc) => counter.count(prefix, last, doc));
  } else {
    // Most pairs occur once: a first pass counts in small cells that pairs share, so that few are kept in full.
    let nCells = 1 << 16;
    while (nCells < spool.length && nCells < 1 << 26) nCells *= 2;
    const cells = new Uint8Array(nCells);
    const most = Math.min(minDf, 255);
    walk((prefix, last) => {
      const cell = hashPair(prefix, last) & (nCells - 1);
      if (cells[cell] < most) cells[cell] = cells[cell] + 1;
    });
    walk((prefix, last, doc) => {
      if (cells[hashPair(prefix, last) & (nCells - 1)] >= most) counter.count(prefix, last, doc);
    });
  }
  return counter.frequent(minDf);
}

function vectorsOf(
  spool: Spool,
  nDocs: number,
  vectorizer: TfidfVectorizer,
  featureOfTerm: Int32Array,
  options: TrainOptions,
): CsrMatrix {
  const { settings, data, nFeatures } = vectorizer;
  const counter = new FeatureCounter(settings.ngram, data.words.table.length, data.ngrams);
  // Room for the most there can be: memory that is not written to is address space only.
  let most = 0;
  for (const { nTerms, nGrams } of documentsOf(spool)) most += Math.min(nTerms * settings.ngram + nGrams, nFeatures);
  const indptr = new Uint32Array(new SharedArrayBuffer(4 * (nDocs + 1)));
  const indices = new Uint32Array(new SharedArrayBuffer(4 * most));
  const values = new Float32Array(new SharedArrayBuffer(4 * most));
  let nnz = 0;
  let doc = 0;
  for (const { sequence, begin, nTerms, nTitle, nGrams } of documentsOf(spool)) {
    counter.begin();
    for (let k = begin; k < begin + nTerms; k++) {
      const weight = k < begin + nTitle ? settings.titleWeight : 1;
      counter.addTerm(featureOfTerm[sequence[k]], weight);
    }
    for (let k = begin + nTerms + 1; k < begin + nTerms + 1 + nGrams; k++) {
      const feature = featureOfTerm[sequence[k]];
      if (feature >= 0) counter.count(feature, 1);
    }
    const n = counter.finish(data.idf, settings.sublinearTf);
    indices.set(counter.indices.subarray(0, n), nnz);
    values.set(counter.values.subarray(0, n), nnz);
    nnz += n;
    indptr[++doc] = nnz;
    if (doc % 4096 === 0) {
      options.onProgress?.({ stage: 'computing vectors', done: doc, total: nDocs, unit: 'documents' });
    }
  }
  return { nRows: nDocs, nCols: nFeatures, indptr, indices: indices.subarray(0, nnz), values: values.subarray(0, nnz) };
}

/** A document in the spool; `sequence` is valid until the next document is asked for. */
interface SpooledDocument {
  readonly sequence: Uint32Array;
  /** The document's terms are `sequence[begin..begin + nTerms)`, its character n-grams stand after their number. */
  readonly begin: number;
  readonly nTerms: number;
  readonly nTitle: number;
  readonly nGrams: number;
}

/** Reads the documents of a spool, which end anywhere in its chunks. */
function* documentsOf(spool: Spool): Generator<SpooledDocument, void, undefined> {
  let rest = new Uint32Array(0);
  for (const chunk of spool.chunks()) {
    let data: Uint32Array = chunk;
    if (rest.length > 0) {
      data = new Uint32Array(rest.length + chunk.length);
      data.set(rest);
      data.set(chunk, rest.length);
    }
    let at = 0;
    for (;;) {
      if (at + 2 > data.length) break;
      const nTerms = data[at];
      const gramHead = at + 2 + nTerms;
      if (gramHead + 1 > data.length) break;
      const nGrams = data[gramHead];
      if (gramHead + 1 + nGrams > data.length) break;
      yield { sequence: data, begin: at + 2, nTerms, nTitle: data[at + 1], nGrams };
      at = gramHead + 1 + nGrams;
    }
    rest = data.slice(at);
  }
}

function shared(array: Uint32Array): Uint32Array {
  const copy = new Uint32Array(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}
