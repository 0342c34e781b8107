import type { Command } from 'commander';
import { localTime, pythonTruth } from '../annif-table-values.js';
import { openRegistry } from '../open-registry.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import type { Session } from '../session.js';

export function addShowProject(program: Command, session: Session): void {
  addCommonOptions(
    program
      .command('show-project')
      .description('show the settings of a project, and with --json its training')
      .argument('<project-id>', 'id of the project'),
  ).action(async (projectId: string, options: CommonOptions) => {
    const project = (await openRegistry(options, session)).project(projectId);
    const { projectFacts } = await import('@catchword/project');
    const facts = projectFacts(project);
    const { config } = project;
    if (options.json) {
      const { access, analyzer, transform, params, sources } = config;
      const model = project.isTrained() ? await project.modelRecord() : undefined;
      const { model: _, ...trained } = model ?? { model: undefined };
      return session.results.json({
        ...facts,
        access,
        analyzer: analyzer ?? null,
        transform,
        params,
        ...(sources === undefined ? undefined : { sources }),
        ...(model ? { trained } : undefined),
      });
    }
    const lines: [string, string][] = [
      ['Project ID:', facts.project_id],
      ['Project Name:', facts.name],
      ['Language:', facts.language],
      ['Vocabulary:', facts.vocab ?? '-'],
      ['Vocab language:', facts.vocab_language ?? '-'],
      ['Access:', config.access],
      ['Backend:', facts.backend?.backend_id ?? '-'],
      ['Trained:', pythonTruth(facts.is_trained)],
      ['Modification time:', localTime(project.modificationTime())],
    ];
    for (const [title, value] of lines) await session.results.line(title.padEnd(19) + value);
  });
}
