import type { Project } from './project.js';

/** A project as Annif's REST interface describes it. */
export interface ProjectFacts {
  readonly project_id: string;
  readonly name: string;
  readonly language: string;
  readonly backend: { readonly backend_id: string } | null;
  readonly vocab: string | null;
  readonly vocab_language: string | null;
  readonly is_trained: boolean | null;
  readonly modification_time: string | null;
}

export function projectFacts(project: Project): ProjectFacts {
  const { id, name, language, backend, vocab } = project.config;
  return {
    project_id: id,
    name,
    language,
    backend: backend ? { backend_id: backend } : null,
    vocab: vocab?.id ?? null,
    vocab_language: vocab ? (vocab.language ?? language) : null,
    is_trained: backend ? project.isTrained() : null,
    modification_time: project.modificationTime()?.toISOString() ?? null,
  };
}
