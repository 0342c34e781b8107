import type { Command } from 'commander';
import { openRegistry } from '../open-registry.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import type { Session } from '../session.js';

export function addClear(program: Command, session: Session): void {
  addCommonOptions(
    program
      .command('clear')
      .description('remove the trained model of a project')
      .argument('<project-id>', 'id of the project'),
  ).action(async (projectId: string, options: CommonOptions) => {
    const project = (await openRegistry(options, session)).project(projectId);
    const removed = await project.clear();
    if (removed) session.messages.info(`Removed model data for project ${projectId}.`);
    else session.messages.warning(`No model data to remove for project ${projectId}.`);
    if ((await project.learning.journalSize()) > 0) {
      session.messages.info(
        `What it has learnt since its training is kept; forget it with: catchword journal drop ${projectId}`,
      );
    }
    if (options.json) await session.results.json({ project_id: projectId, removed });
  });
}
