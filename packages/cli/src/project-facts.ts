import type { Project } from '@catchword/project';

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

/** Writes a truth as Annif's tables do: `True`, `False`, `None`. */
export function pythonTruth(value: boolean | null): string {
  if (value === null) return 'None';
  return value ? 'True' : 'False';
}

/** @returns local time as `YYYY-MM-DD HH:MM:SS`, or `-` */
export function localTime(time: Date | undefined): string {
  if (!time) return '-';
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
