import type { Command } from 'commander';
import { checkPaths } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addLanguageOption,
  type BackendParam,
  type CommonOptions,
  nonNegativeInteger,
} from '../options.js';
import type { Session } from '../session.js';
import { addSynthesise } from './llm-synthesise.js';

interface TryOptions extends CommonOptions {
  readonly limit: number;
  readonly language?: string;
  readonly backendParam?: readonly BackendParam[];
}

/** The commands about language models. */
export function addLlm(program: Command, session: Session): void {
  const llm = program.command('llm').description('work with language models: try, synthesise');
  addSynthesise(llm, session);
  const command = llm
    .command('try')
    .description('show for one text what a language model is asked and answers, what that costs and what it changes')
    .argument('<project-id>', 'id of a project with backend llm')
    .argument('<path>', 'a text file; - is standard input')
    .option('-l, --limit <n>', 'at most so many subjects', nonNegativeInteger, 10);
  addLanguageOption(addBackendParamOption(addCommonOptions(command))).action(
    async (projectId: string, path: string, options: TryOptions) => {
      await checkPaths([path]);
      const project = await openProject(projectId, options, session);
      const { outputLanguage } = await import('../suggestion-output.js');
      const { consultationJson, consultationLines } = await import('../consultation-output.js');
      const { LabelledSubjects } = await import('@catchword/project');
      const { readTextFile, readTextStream } = await import('@catchword/corpus');
      const language = await outputLanguage(project, options.language);
      const { text } = await (path === '-' ? readTextStream(session.stdin, 'standard input') : readTextFile(path));
      try {
        const consultation = await project.consult({ text }, options.limit);
        const subjects = new LabelledSubjects((await project.vocabulary()).vocabulary);
        if (options.json) return await session.results.json(consultationJson(consultation, subjects, language));
        for (const line of consultationLines(consultation, subjects, language)) await session.results.line(line);
      } finally {
        await project.close();
      }
    },
  );
}
