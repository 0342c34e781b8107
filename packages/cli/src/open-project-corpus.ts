import { existsSync } from 'node:fs';
import type { OpenCorpus } from '@catchword/corpus';
import type { MarcMapping } from '@catchword/marc';
import type { Project } from '@catchword/project';
import type { Session } from './session.js';

/** A corpus with the project's subjects looked up. */
export interface ProjectCorpus {
  readonly corpus: OpenCorpus;
  /** Says what the latest pass came upon, one line for each kind. */
  describe(): void;
}

/**
 * Opens the paths of a command as one corpus; all of them must exist.
 *
 * @throws {InputError} `file-not-found`
 */
export async function openProjectCorpus(
  project: Project,
  paths: readonly string[],
  session: Session,
  options: {
    readonly requireSubjects: boolean;
    readonly docsLimit?: number | undefined;
    /** The file of the mapping. */
    readonly marcMapping?: string | undefined;
  },
): Promise<ProjectCorpus> {
  const { messages } = session;
  await checkPaths(paths);
  const marcMapping = await marcMappingOf(options.marcMapping);
  const { vocabulary, language, allowed } = await project.vocabulary();
  if (paths.length === 0) messages.warning('Reading empty file');
  if (paths.includes('-')) announceStdin(session);
  const { SUBJECT_DEPRECATED, SUBJECT_REMOVED } = await import('@catchword/core');
  const whyExcluded = (id: number) => {
    const status = vocabulary.status[id];
    if (status === SUBJECT_DEPRECATED) return 'is deprecated';
    return status === SUBJECT_REMOVED ? 'was removed from the vocabulary' : 'is left out by the rules of the project';
  };
  const { openCorpus, describeReport } = await import('@catchword/corpus');
  const corpus = openCorpus(paths, {
    subjects: vocabulary,
    language,
    requireSubjects: options.requireSubjects,
    isExcluded: (id) => allowed[id] === 0,
    whyExcluded,
    docsLimit: options.docsLimit,
    marcMapping,
    onWarning: (message) => messages.warning(message),
    stdin: session.stdin,
  });
  return {
    corpus,
    describe() {
      for (const sentence of describeReport(corpus.report(), options.requireSubjects)) messages.warning(sentence);
    },
  };
}

/** @returns the mapping of a file; undefined where none is named */
export async function marcMappingOf(path: string | undefined): Promise<MarcMapping | undefined> {
  return path === undefined ? undefined : (await import('@catchword/project')).readMarcMapping(path);
}

/** @throws {InputError} `file-not-found` for the first path that does not exist */
export async function checkPaths(paths: readonly string[]): Promise<void> {
  const missing = paths.find((path) => path !== '-' && !existsSync(path));
  if (missing === undefined) return;
  const { InputError } = await import('@catchword/core');
  throw new InputError('file-not-found', `Path '${missing}' does not exist.`, {
    hint: 'Check the path; relative paths start at the current folder.',
    context: { path: missing },
  });
}

/** Says on a terminal that the program waits for text, since it would look stuck. */
export function announceStdin(session: Session): void {
  if (session.stdin.isTTY) {
    session.messages.line(
      'Reading from the terminal: type or paste the text, then end it with Ctrl-D on a line of its own.',
    );
  }
}
