import type { Project, Registry, RegistryOptions } from '@catchword/project';
import type { BackendParam, CommonOptions } from './options.js';
import type { Session } from './session.js';

/** Opens the projects that the options, the environment or the current folder name. */
export async function openRegistry(
  options: CommonOptions,
  session: Session,
  more: Pick<RegistryOptions, 'shareModels' | 'onWarning'> = {},
): Promise<Registry> {
  const { Registry } = await import('@catchword/project');
  return Registry.open({
    ...(options.projects === undefined ? undefined : { projects: options.projects }),
    ...(options.dataDir === undefined ? undefined : { dataDir: options.dataDir }),
    env: session.env,
    onWarning: (message) => session.messages.warning(message),
    ...more,
  });
}

/**
 * Opens a project, with the parameters of `-b` in place of those of the configuration.
 *
 * @throws {ConfigurationError} `project-not-found`; `configuration-invalid` if the project's backend cannot be used, or a
 *   parameter is meant for another one
 */
export async function openProject(
  projectId: string,
  options: CommonOptions & { readonly backendParam?: readonly BackendParam[] },
  session: Session,
): Promise<Project> {
  const registry = await openRegistry(options, session);
  const project = registry.project(projectId);
  project.checkBackend(); // before anything is asked for that would be of no use
  const given = options.backendParam ?? [];
  if (given.length === 0) return project;
  const params: Record<string, string> = Object.create(null);
  for (const { backend, key, value, text } of given) {
    const { backend: actual } = project.config;
    if (backend !== actual) {
      const { ConfigurationError } = await import('@catchword/core');
      throw new ConfigurationError(
        'configuration-invalid',
        `Misconfigured: The backend ${backend} in CLI option "-b ${text}" not matching the project backend ${actual}.`,
        { hint: `Write: -b ${actual}.${key}=${value}` },
      );
    }
    params[key] = value;
  }
  return registry.project(projectId, params);
}
