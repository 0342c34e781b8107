import { ConfigurationError } from '@catchword/core';

/** What environment variables say. */
export interface Environment {
  /** Configuration file or folder. */
  readonly projects?: string;
  readonly dataDir?: string;
  /** Ids of the projects that a server loads when it starts. */
  readonly projectsInit?: RegExp;
  /** Variables that are set and have no effect. */
  readonly notes: readonly string[];
}

/**
 * Reads `CATCHWORD_PROJECTS`, `CATCHWORD_DATADIR` and `CATCHWORD_PROJECTS_INIT`, and Annif's names for them, which yield.
 *
 * An empty variable counts as one that is not set.
 *
 * @throws {ConfigurationError} `configuration-invalid` if a pattern is no regular expression
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const read = (name: string) => env[`CATCHWORD_${name}`] || env[`ANNIF_${name}`] || undefined;
  const projects = read('PROJECTS');
  const dataDir = read('DATADIR');
  const pattern = read('PROJECTS_INIT');
  const notes: string[] = [];
  for (const name of ['ANNIF_CONFIG', 'ANNIF_SETTINGS']) {
    if (env[name]) {
      notes.push(
        `${name} is set and has no effect: it names Python code; use CATCHWORD_PROJECTS and CATCHWORD_DATADIR`,
      );
    }
  }
  return {
    ...(projects === undefined ? undefined : { projects }),
    ...(dataDir === undefined ? undefined : { dataDir }),
    ...(pattern === undefined ? undefined : { projectsInit: compile(pattern, env) }),
    notes,
  };
}

/** Annif matches from the beginning of an id, not to its end (Python's re.match). */
function compile(pattern: string, env: Readonly<Record<string, string | undefined>>): RegExp {
  try {
    return new RegExp(`^(?:${pattern})`, 'u');
  } catch (cause) {
    const name = env.CATCHWORD_PROJECTS_INIT ? 'CATCHWORD_PROJECTS_INIT' : 'ANNIF_PROJECTS_INIT';
    throw new ConfigurationError(
      'configuration-invalid',
      `Cannot use ${name}: ${JSON.stringify(pattern)} is not a regular expression (${(cause as Error).message})`,
      { hint: 'For example: .* for all projects, yso-.* for some.', context: { name }, cause },
    );
  }
}
