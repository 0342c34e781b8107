import type { BackendContext, ModelData } from '@catchword/core';
import { LabelTreeModel } from '@catchword/learners';
import type { TfidfVectorizer } from '@catchword/text';
import { modelData, readStoredModel, vectorizerFacts } from '../stored-model.js';

/** What a trained label tree needs to suggest. */
export interface StoredTrees {
  readonly vectorizer: TfidfVectorizer;
  readonly fingerprint: string;
  readonly trees: LabelTreeModel;
}

/** The model as data. */
export function saveTrees({ vectorizer, fingerprint, trees }: StoredTrees): ModelData {
  const meta = { ...vectorizerFacts(vectorizer, fingerprint), nSubjects: trees.nLabels };
  return modelData(meta, { vectors: vectorizer.toArrays(), trees: trees.toArrays() });
}

/**
 * Opens a model: arrays are views.
 *
 * @param backend the name of its type
 * @throws {ModelError} if the data is not a model of this type, or knows more subjects than the vocabulary has
 */
export function loadTrees(backend: string, context: BackendContext, data: ModelData): StoredTrees {
  return readStoredModel(backend, context, data, (stored) => {
    const trees = LabelTreeModel.fromArrays(stored.part('trees'));
    const { vectorizer, fingerprint } = stored.vectorizer(context);
    if (vectorizer.nFeatures !== trees.nFeatures || trees.nLabels !== stored.count('nSubjects')) {
      throw new RangeError(
        `its trees know ${trees.nFeatures} features and ${trees.nLabels} subjects, its facts ${vectorizer.nFeatures} and ${stored.count('nSubjects')}`,
      );
    }
    return { vectorizer, fingerprint, trees };
  });
}
