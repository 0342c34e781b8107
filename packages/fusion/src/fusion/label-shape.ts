import { LABEL_PREF, type Vocabulary } from '@catchword/core';

export const LABEL_SHAPE = ['labelWords', 'labelLength', 'labelQualifier', 'labels', 'broader', 'narrower', 'related'];

/**
 * What can be told of subjects without any text: the form of the preferred label, and the place in the thesaurus.
 *
 * @returns shape (nSubjects, LABEL_SHAPE.length), row-major
 */
export function labelShapes(vocabulary: Vocabulary, language: string): Float32Array {
  const { nSubjects, labels, languages, broader, narrower, related } = vocabulary;
  const nColumns = LABEL_SHAPE.length;
  const shapes = new Float32Array(nSubjects * nColumns);
  const wanted = languages.indexOf(language);
  const degree = (pattern: typeof broader, s: number) => Math.log1p(pattern.indptr[s + 1] - pattern.indptr[s]);
  for (let s = 0; s < nSubjects; s++) {
    let text = '';
    for (let k = labels.indptr[s]; k < labels.indptr[s + 1]; k++) {
      if (labels.kind[k] !== LABEL_PREF || (text !== '' && labels.language[k] !== wanted)) continue;
      text = labels.texts.get(k);
      if (labels.language[k] === wanted) break;
    }
    const row = s * nColumns;
    shapes[row] = text.split(/\s+/u).filter(Boolean).length;
    shapes[row + 1] = text.length;
    shapes[row + 2] = /\(.+\)\s*$/u.test(text) ? 1 : 0;
    shapes[row + 3] = labels.indptr[s + 1] - labels.indptr[s];
    shapes[row + 4] = degree(broader, s);
    shapes[row + 5] = degree(narrower, s);
    shapes[row + 6] = degree(related, s);
  }
  return shapes;
}
