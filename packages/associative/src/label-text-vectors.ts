import { type BackendContext, LABEL_HIDDEN, SUBJECT_ACTIVE } from '@catchword/core';
import { type CsrMatrix, Float32List, Uint32List } from '@catchword/math';
import type { TfidfVectorizer } from '@catchword/text';

/**
 * The labels of each subject as a text: preferred and alternative ones in the project's language.
 *
 * @returns shape (nSubjects, nFeatures), rows of unit length; empty where no word of a label is a feature, and for subjects
 *   that are not to be suggested
 */
export function labelTextVectors({ vocabulary, language }: BackendContext, vectorizer: TfidfVectorizer): CsrMatrix {
  const { labels, languages, nSubjects, status } = vocabulary;
  const isOurs = languages.map((each) => each === language || each.startsWith(`${language}-`));
  const indptr = new Uint32Array(nSubjects + 1);
  const indices = new Uint32List(1 << 12);
  const values = new Float32List(1 << 12);
  for (let subject = 0; subject < nSubjects; subject++) {
    const texts: string[] = [];
    for (let k = labels.indptr[subject]; k < labels.indptr[subject + 1]; k++) {
      if (isOurs[labels.language[k]] && labels.kind[k] !== LABEL_HIDDEN) texts.push(labels.texts.get(k));
    }
    if (status[subject] === SUBJECT_ACTIVE && texts.length > 0) {
      const vector = vectorizer.transform(texts.join('\n'));
      for (let k = 0; k < vector.n; k++) {
        indices.push(vector.indices[k]);
        values.push(vector.values[k]);
      }
    }
    indptr[subject + 1] = indices.length;
  }
  return {
    nRows: nSubjects,
    nCols: vectorizer.nFeatures,
    indptr,
    indices: indices.toArray(),
    values: values.toArray(),
  };
}
