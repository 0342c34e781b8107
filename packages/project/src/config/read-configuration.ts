import { extname } from 'node:path';
import { checkSources } from './check-sources.js';
import { DEFAULT_NAMES, findConfigurationFiles, readConfigurationText } from './configuration-files.js';
import type { ParsedConfiguration } from './parsed-configuration.js';
import { formatProblem, type Place, Problems, quote } from './problems.js';
import type { ProjectConfig } from './project-config.js';
import { type ConfigurationChecks, checkDefaults, resolveProject } from './resolve-project.js';

/** All projects, in the order of the files and within them. */
export interface Configuration {
  /** What was read: a file or a folder; undefined where there is none. */
  readonly source?: string;
  readonly files: readonly string[];
  readonly projects: readonly ProjectConfig[];
  /** What does no harm and should be known, each with its file and line. */
  readonly warnings: readonly string[];
}

export interface ReadConfigurationOptions extends ConfigurationChecks {
  /** A file or folder; where absent, the usual names are tried. */
  readonly projects?: string;
  /** Where the usual names are looked for; the current folder by default. */
  readonly cwd?: string;
}

/**
 * Reads and checks the configuration of all projects.
 *
 * @throws {ConfigurationError} `configuration-invalid`, listing all problems of all files with file and line
 * @throws {InputError} `file-not-found`, `file-unreadable`, `encoding-invalid`
 */
export async function readConfiguration(options: ReadConfigurationOptions): Promise<Configuration> {
  const found = await findConfigurationFiles(options.projects, options.cwd ?? '.');
  if (!found) {
    const warning = `no configuration found: there is none of ${DEFAULT_NAMES.join(', ')} in the current folder`;
    return { files: [], projects: [], warnings: [warning] };
  }
  const { source, files } = found;
  const problems = new Problems();
  const projects: ProjectConfig[] = [];
  const places = new Map<string, Place>();
  for (const file of files) {
    const parsed = await parse(await readConfigurationText(file), file, problems);
    checkDefaults(parsed, options, problems);
    for (const project of parsed.projects) {
      const earlier = places.get(project.id);
      if (earlier) {
        const where = [earlier.file, earlier.line].filter((part) => part !== undefined).join(':');
        problems.error(project.place, `project ${quote(project.id)} is there already, in ${where}`);
        continue;
      }
      places.set(project.id, project.place);
      const config = resolveProject(project, parsed, options, problems);
      if (config) projects.push(config);
    }
  }
  checkSources(projects, problems);
  problems.throwIfAny();
  const warnings = problems.warnings.map(formatProblem);
  if (projects.length === 0) warnings.push(`the configuration ${source} holds no project`);
  return { source, files, projects, warnings };
}

/** Each format's library is loaded only where a file needs it. */
async function parse(text: string, file: string, problems: Problems): Promise<ParsedConfiguration> {
  switch (extname(file).toLowerCase()) {
    case '.yaml':
    case '.yml':
      return (await import('./read-yaml.js')).readYaml(text, file, problems);
    case '.toml':
      return (await import('./read-toml.js')).readToml(text, file, problems);
    default:
      return (await import('./read-ini.js')).readIni(text, file, problems);
  }
}
