import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCorpus } from '@catchword/corpus';
import { type CsrMatrix, type CsrPattern, packArrays, viewArrays } from '@catchword/math';
import { createAnalyzer, vectorizeCorpus } from '@catchword/text';
import { readVocabulary, updateVocabulary } from '@catchword/vocabulary';
import { cacheFolder, dataFile } from '../harness/places.js';

/** A collection as label trees see it. */
export interface VectorSet {
  readonly name: string;
  readonly vocabulary: string;
  readonly language: string;
  readonly analyzer: string;
  readonly minDf: number;
  readonly train: string;
  readonly test: string;
}

export const VECTOR_SETS: readonly VectorSet[] = [
  {
    name: 'eurlex57k',
    vocabulary: 'eurlex57k/eurovoc-en.ttl.gz',
    language: 'en',
    analyzer: 'snowball(english)',
    minDf: 5,
    train: 'eurlex57k/train.tsv.gz',
    test: 'eurlex57k/test.tsv.gz',
  },
  {
    name: 'tibkat-gnd-de',
    vocabulary: 'tibkat-gnd/gnd.ttl.gz',
    language: 'de',
    analyzer: 'snowball(german)',
    minDf: 2,
    train: 'tibkat-gnd/train.de.tsv.gz',
    test: 'tibkat-gnd/test.de.tsv.gz',
  },
  {
    name: 'yso-finna-en',
    vocabulary: 'yso-finna/yso.ttl.gz',
    language: 'en',
    analyzer: 'snowball(english)',
    minDf: 2,
    train: 'yso-finna/train.en.tsv.gz',
    test: 'yso-finna/test.en.tsv.gz',
  },
];

/** Features and gold labels of documents. */
export interface Split {
  readonly X: CsrMatrix;
  readonly Y: CsrPattern;
}

/**
 * Makes the vectors of a set below the cache, where they are not there yet: as arrays, and in the format of the XMC repository.
 *
 * @returns the folder; undefined where the collection is not there
 */
export async function prepareVectors(set: VectorSet): Promise<string | undefined> {
  const [vocabularyFile, trainFile, testFile] = [set.vocabulary, set.train, set.test].map(dataFile);
  if (!vocabularyFile || !trainFile || !testFile) return undefined;
  const folder = cacheFolder('vectors', set.name);
  if (existsSync(join(folder, 'complete'))) return folder;
  const { vocabulary } = updateVocabulary(undefined, await readVocabulary(vocabularyFile));
  const { language } = set;
  const analyzer = await createAnalyzer(set.analyzer, { language });
  const settings = { ngram: 2, minDf: set.minDf, sublinearTf: false, titleWeight: 1 };
  const open = (file: string) => openCorpus([file], { subjects: vocabulary, language });
  const options = { nJobs: 1, seed: 0 };
  const { nSubjects } = vocabulary;
  const { X, Y, vectorizer } = await vectorizeCorpus(open(trainFile), nSubjects, analyzer, settings, options);
  writeSplit(folder, 'train', { X, Y });
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  const goldPtr = [0];
  const gold: number[] = [];
  for await (const { text, subjects = [] } of open(testFile).documents()) {
    const vector = vectorizer.transform(text);
    for (let k = 0; k < vector.n; k++) {
      indices.push(vector.indices[k] as number);
      values.push(vector.values[k] as number);
    }
    indptr.push(indices.length);
    gold.push(...[...new Set(subjects)].sort((a, b) => a - b));
    goldPtr.push(gold.length);
  }
  const nRows = indptr.length - 1;
  writeSplit(folder, 'test', {
    X: {
      nRows,
      nCols: X.nCols,
      indptr: Uint32Array.from(indptr),
      indices: Uint32Array.from(indices),
      values: Float32Array.from(values),
    },
    Y: { nRows, nCols: nSubjects, indptr: Uint32Array.from(goldPtr), indices: Uint32Array.from(gold) },
  });
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

/** Reads a split that `prepareVectors` wrote; its arrays lie in shared memory. */
export function readSplit(folder: string, split: 'train' | 'test'): Split {
  const bytes = readFileSync(join(folder, `${split}.bin`));
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  const places = JSON.parse(readFileSync(join(folder, `${split}.json`), 'utf8'));
  const arrays = viewArrays({ buffer, places }) as Record<string, Uint32Array>;
  const [nRows = 0, nFeatures = 0, nLabels = 0] = arrays.shape as Uint32Array;
  const { xIndptr, xIndices, xValues, yIndptr, yIndices } = arrays as unknown as Record<
    string,
    Uint32Array<ArrayBuffer>
  >;
  return {
    X: {
      nRows,
      nCols: nFeatures,
      indptr: xIndptr as Uint32Array,
      indices: xIndices as Uint32Array,
      values: xValues as unknown as Float32Array,
    },
    Y: { nRows, nCols: nLabels, indptr: yIndptr as Uint32Array, indices: yIndices as Uint32Array },
  };
}

function writeSplit(folder: string, name: string, { X, Y }: Split): void {
  const pack = packArrays({
    shape: Uint32Array.of(X.nRows, X.nCols, Y.nCols),
    xIndptr: X.indptr,
    xIndices: X.indices,
    xValues: X.values,
    yIndptr: Y.indptr,
    yIndices: Y.indices,
  });
  writeFileSync(join(folder, `${name}.bin`), new Uint8Array(pack.buffer));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(pack.places));
  const lines: string[] = [];
  for (let i = 0; i < X.nRows; i++) {
    if (name === 'train' && X.indptr[i] === X.indptr[i + 1]) continue; // Omikuji reads no file with rows without features
    const labels = Y.indices.subarray(Y.indptr[i], Y.indptr[i + 1]).join(',');
    const features: string[] = [];
    for (let e = X.indptr[i] as number; e < (X.indptr[i + 1] as number); e++) {
      features.push(`${X.indices[e]}:${(X.values[e] as number).toPrecision(7)}`);
    }
    lines.push(`${labels} ${features.join(' ')}`);
  }
  writeFileSync(join(folder, `${name}.xmc`), `${lines.length} ${X.nCols} ${Y.nCols}\n${lines.join('\n')}\n`);
}
