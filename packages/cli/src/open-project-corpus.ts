import { existsSync } from 'node:fs';
import type { OpenCorpus, OpenCorpusOptions } from '@catchword/corpus';
import type { MarcMapping } from '@catchword/marc';
import type { Project } from '@catchword/project';
import type { Session } from './session.js';

/** A corpus with the project's subjects looked up. */
export interface ProjectCorpus {
  readonly corpus: OpenCorpus;
  /** Says what the latest pass came upon, one line for each kind. */
  describe(): void;
}

export interface ProjectCorpusOptions extends Pick<OpenCorpusOptions, 'isWanted' | 'onPassedOver' | 'onUnreadable'> {
  readonly requireSubjects: boolean;
  readonly docsLimit?: number | undefined;
  /** The file of the mapping. */
  readonly marcMapping?: string | undefined;
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
  options: ProjectCorpusOptions,
): Promise<ProjectCorpus> {
  await checkPaths(paths);
  const open = await corpusOpener(project, session, options.marcMapping);
  return open(paths, options);
}

/**
 * Looks the project's vocabulary up once, for corpora that are opened later.
 *
 * @param marcMappingPath in place of the project's
 */
export async function corpusOpener(
  project: Project,
  session: Session,
  marcMappingPath?: string,
): Promise<(paths: readonly string[], options: ProjectCorpusOptions) => ProjectCorpus> {
  const { messages } = session;
  const marcMapping = await marcMappingOf(marcMappingPath ?? project.config.marcMapping);
  const { vocabulary, language, allowed } = await project.vocabulary();
  const { SUBJECT_DEPRECATED, SUBJECT_REMOVED } = await import('@catchword/core');
  const whyExcluded = (id: number) => {
    const status = vocabulary.status[id];
    if (status === SUBJECT_DEPRECATED) return 'is deprecated';
    return status === SUBJECT_REMOVED ? 'was removed from the vocabulary' : 'is left out by the rules of the project';
  };
  const { openCorpus, describeReport } = await import('@catchword/corpus');
  return (paths, { requireSubjects, docsLimit, isWanted, onPassedOver, onUnreadable }) => {
    if (paths.length === 0) messages.warning('Reading empty file');
    if (paths.includes('-')) announceStdin(session);
    const corpus = openCorpus(paths, {
      subjects: vocabulary,
      language,
      requireSubjects,
      isExcluded: (id) => allowed[id] === 0,
      whyExcluded,
      docsLimit,
      marcMapping,
      onWarning: (message) => messages.warning(message),
      ...(paths.includes('-') ? { stdin: session.stdin } : undefined),
      ...(isWanted ? { isWanted } : undefined),
      ...(onPassedOver ? { onPassedOver } : undefined),
      ...(onUnreadable ? { onUnreadable } : undefined),
    });
    return {
      corpus,
      describe() {
        for (const sentence of describeReport(corpus.report(), requireSubjects)) messages.warning(sentence);
      },
    };
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
