import type { Command } from 'commander';
import { localTime, pythonTruth } from '../annif-table-values.js';
import { openRegistry } from '../open-registry.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import type { Session } from '../session.js';
import { formatTable } from '../table.js';

const HEADER = ['Project ID', 'Project Name', 'Vocabulary ID', 'Language', 'Trained', 'Modification time'];

export function addListProjects(program: Command, session: Session): void {
  addCommonOptions(program.command('list-projects').description('list the configured projects')).action(
    async (options: CommonOptions) => {
      const projects = (await openRegistry(options, session)).projects();
      const { projectFacts } = await import('@catchword/project');
      if (options.json) return session.results.json({ projects: projects.map(projectFacts) });
      const rows = projects.map((project) => {
        const facts = projectFacts(project);
        if (!facts.backend) {
          session.messages.warning(`Misconfigured project '${project.id}': backend setting is missing`);
        }
        return [
          facts.project_id,
          facts.name,
          facts.vocab ?? '-',
          facts.language,
          pythonTruth(facts.is_trained),
          localTime(project.modificationTime()),
        ];
      });
      await session.results.write(formatTable(HEADER, rows));
    },
  );
}
