import { closest } from '@catchword/core';
import { type Problems, quote } from './problems.js';
import type { ProjectConfig } from './project-config.js';

/** Checks that sources are projects of the configuration and that no project is a source of itself by way of others. */
export function checkSources(projects: readonly ProjectConfig[], problems: Problems): void {
  const byId = new Map(projects.map((project) => [project.id, project]));
  const placeOf = (project: ProjectConfig) => project.origin.sources ?? project.origin[''] ?? { file: '' };
  for (const project of projects) {
    for (const { projectId } of project.sources) {
      if (byId.has(projectId)) continue;
      const meant = closest(projectId, byId.keys());
      const hint = meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
      problems.error(
        placeOf(project),
        `project ${quote(project.id)}: its source ${quote(projectId)} is no project${hint}`,
      );
    }
  }
  const state = new Map<string, 'open' | 'done'>();
  const visit = (project: ProjectConfig, path: readonly string[]): void => {
    if (state.get(project.id) === 'done') return;
    if (state.get(project.id) === 'open') {
      const circle = [...path.slice(path.indexOf(project.id)), project.id].map(quote).join(' → ');
      problems.error(placeOf(project), `project ${quote(project.id)} is a source of itself: ${circle}`);
      return;
    }
    state.set(project.id, 'open');
    for (const { projectId } of project.sources) {
      const source = byId.get(projectId);
      if (source) visit(source, [...path, project.id]);
    }
    state.set(project.id, 'done');
  };
  for (const project of projects) visit(project, []);
}
