import type { StandingEntry } from '@catchword/project';
import type { Command } from 'commander';
import { openProject } from '../open-registry.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import { count, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';
import { formatTable } from '../table.js';

const TEXT_LENGTH = 40;

/** The commands for what projects have learnt since they were trained. */
export function addJournal(program: Command, session: Session): void {
  const journal = program
    .command('journal')
    .description('list, undo, learn again or fold what a project has learnt since it was trained');
  const projectArgument = ['<project-id>', 'id of the project'] as const;

  addCommonOptions(
    journal
      .command('list')
      .description('list what was learnt, the oldest first; with --json the texts and all')
      .argument(...projectArgument),
  ).action(async (projectId: string, options: CommonOptions) => {
    const standing = await (await openProject(projectId, options, session)).learning.standing();
    if (options.json) {
      const entries = standing.map(({ entry, state }) => ({ ...entry, state, undone: state === 'undone' }));
      return session.results.json({ project_id: projectId, entries });
    }
    await session.results.write(formatTable(['Entry ID', 'Time', 'State', 'Document', 'Subjects'], standing.map(row)));
  });

  addCommonOptions(
    journal
      .command('undo')
      .description('undo entries: the project is as if they had never been learnt')
      .argument(...projectArgument)
      .argument('<entry-ids...>', 'as list shows them'),
  ).action(async (projectId: string, ids: string[], options: CommonOptions) => {
    const undone = await (await openProject(projectId, options, session)).learning.undo(ids);
    if (options.json) return session.results.json({ project_id: projectId, undone: undone.map(({ id }) => id) });
    session.messages.info(`Project ${projectId} has undone ${count(undone.length)} of what it had learnt`);
  });

  addCommonOptions(
    journal
      .command('replay')
      .description(
        'learn again what the model was not trained on since, so that calibration follows it after a training too',
      )
      .argument(...projectArgument),
  ).action(async (projectId: string, options: CommonOptions) => {
    const { messages } = session;
    const project = await openProject(projectId, options, session);
    const { abortOnInterruption } = await import('../interruption.js');
    const interruption = abortOnInterruption(messages, `Project "${projectId}" is as it was.`);
    const progress = new ProgressReport(messages);
    try {
      const n = await project.learning.replay({ signal: interruption.signal, onProgress: progress.update });
      progress.end();
      const nTrained = (await project.learning.standing()).filter(({ state }) => state === 'trained').length;
      if (options.json) return await session.results.json({ project_id: projectId, learnt: n, trained: nTrained });
      const trained = nTrained > 0 ? `, and was trained on ${count(nTrained)} since with the same subjects` : '';
      messages.info(`Project ${projectId} has learnt ${count(n)} documents again${trained}`);
    } finally {
      progress.end();
      interruption.release();
    }
  });

  addCommonOptions(
    journal
      .command('compact')
      .description('fold what was learnt into a model beside the trained one, so that opening stays quick')
      .argument(...projectArgument),
  ).action(async (projectId: string, options: CommonOptions) => {
    const n = await (await openProject(projectId, options, session)).learning.compact();
    if (options.json) return session.results.json({ project_id: projectId, folded: n });
    session.messages.info(`Folded ${count(n)} documents that project ${projectId} has learnt`);
  });

  addCommonOptions(
    journal
      .command('drop')
      .description('forget all that was learnt since the training, for good')
      .argument(...projectArgument),
  ).action(async (projectId: string, options: CommonOptions) => {
    const dropped = await (await openProject(projectId, options, session)).learning.drop();
    if (options.json) return session.results.json({ project_id: projectId, dropped });
    if (dropped) session.messages.info(`Project ${projectId} has forgotten what it had learnt since it was trained`);
    else session.messages.warning(`Project ${projectId} had learnt nothing since it was trained`);
  });
}

function row({ entry, state }: StandingEntry): string[] {
  const { id, time, document_id, text, subjects } = entry;
  const beginning = text.slice(0, TEXT_LENGTH).replace(/\s+/g, ' ');
  return [
    id,
    time.slice(0, 19).replace('T', ' '),
    state,
    document_id ?? `${beginning}${text.length > TEXT_LENGTH ? '…' : ''}`,
    subjects.map(({ uri, label }) => label ?? uri).join('; '),
  ];
}
