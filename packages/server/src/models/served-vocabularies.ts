import type { Vocabulary } from '@catchword/core';
import type { ServingThreads, StoredVocabulary } from '@catchword/project';
import { type ConceptDefinitions, LabelSearch } from '@catchword/vocabulary';
import { Problem } from '../problem.js';
import type { ServedProjects } from './served-projects.js';

/** A vocabulary that can be searched. */
export interface ServedVocabulary {
  readonly id: string;
  readonly vocabulary: Vocabulary;
  /** What its labels are searched with; built at the first use, in a thread. */
  search(): Promise<LabelSearch>;
  /** What its concepts mean; read at the first use. */
  definitions(): Promise<ConceptDefinitions | undefined>;
}

/** The vocabularies of the projects that are served, each in its newest version. */
export class ServedVocabularies {
  private readonly projects: ServedProjects;
  private readonly threads: ServingThreads;
  private readonly searches = new WeakMap<Vocabulary, Promise<LabelSearch>>();

  constructor(projects: ServedProjects, threads: ServingThreads) {
    this.projects = projects;
    this.threads = threads;
  }

  /** @throws {Problem} 404 where no served project names it, or it was never loaded; else as `VocabularyStore.open` */
  async open(id: string): Promise<ServedVocabulary> {
    const { projects } = this;
    const isNamed = projects.ids().some((project) => projects.project(project).config.vocab?.id === id);
    if (!isNamed || !projects.registry.vocabularyStore.exists(id)) {
      throw new Problem(404, `Vocabulary '${id.slice(0, 100)}' not found`, {
        title: 'Vocabulary not found',
        hint: isNamed ? `Whoever runs the server loads it with: catchword load-vocab ${id} FILE` : undefined,
      });
    }
    return this.view(id, await projects.vocabulary(id));
  }

  /** The same for a vocabulary that is open. */
  view(id: string, stored: Pick<StoredVocabulary, 'vocabulary' | 'definitions'>): ServedVocabulary {
    const { vocabulary } = stored;
    return { id, vocabulary, search: () => this.searchOf(vocabulary), definitions: () => stored.definitions() };
  }

  private searchOf(vocabulary: Vocabulary): Promise<LabelSearch> {
    let search = this.searches.get(vocabulary);
    if (!search) {
      search = this.threads.indexLabels(vocabulary).then((arrays) => LabelSearch.open(vocabulary, arrays));
      this.searches.set(vocabulary, search);
      search.catch(() => this.searches.delete(vocabulary)); // the next one who asks tries again
    }
    return search;
  }
}
