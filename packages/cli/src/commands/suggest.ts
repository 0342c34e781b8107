import type { Document, SuggestionBatch } from '@catchword/core';
import type { ExplainedDocument, Project } from '@catchword/project';
import { type Command, Option } from 'commander';
import { announceStdin, checkPaths } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addDocsLimitOption,
  addJobsOption,
  addLanguageOption,
  addSuggestionOptions,
  type BackendParam,
  type CommonOptions,
  collectMetadata,
} from '../options.js';
import { ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface SuggestOptions extends CommonOptions {
  readonly limit: number | 'auto';
  readonly threshold: number;
  readonly language?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly backendParam?: readonly BackendParam[];
  readonly docsLimit?: number;
  readonly jobs: number;
  readonly explain?: boolean;
  readonly newTerms?: boolean;
}

export function addSuggest(program: Command, session: Session): void {
  const command = program
    .command('suggest')
    .description('suggest subjects for texts')
    .argument('<project-id>', 'id of the project')
    .argument('[paths...]', 'text files, each one document; without any, or as -, standard input is a document')
    .addOption(
      new Option('-D, --metadata <field=value>', 'metadata of the document on standard input (repeatable)').argParser(
        collectMetadata,
      ),
    )
    .option(
      '--explain',
      'show for each subject the words that speak for it, where they stand, and what counted for and against it',
    )
    .option('--new-terms', 'list terms that the text is about and the vocabulary seems to lack (backend llm_keywords)');
  addLanguageOption(addSuggestionOptions(command));
  addJobsOption(addDocsLimitOption(addBackendParamOption(addCommonOptions(command)))).action(
    async (projectId: string, paths: string[], options: SuggestOptions) => {
      await checkPaths(paths);
      const project = await openProject(projectId, options, session);
      const { outputLanguage } = await import('../suggestion-output.js');
      const language = await outputLanguage(project, options.language);
      const onlyStdin = paths.length === 0 || (paths.length === 1 && paths[0] === '-');
      await project.modelRecord(); // what is wrong with the model is said before a text is asked for
      if (onlyStdin || paths.includes('-')) announceStdin(session);
      const wanted = onlyStdin ? ['-'] : paths.slice(0, options.docsLimit);
      const docs = readDocuments(wanted, onlyStdin ? options.metadata : undefined, session);
      const printing = { single: onlyStdin, total: wanted.length, language };
      await printSuggestions(project, docs, printing, options, session);
    },
  );
}

async function* readDocuments(
  paths: readonly string[],
  metadata: Readonly<Record<string, string>> | undefined,
  { stdin, messages }: Session,
): AsyncGenerator<Document, void, undefined> {
  const { DocumentFiles, isExtracted, readTextFile, readTextStream } = await import('@catchword/corpus');
  const files = new DocumentFiles();
  try {
    for (const path of paths) {
      const name = path === '-' ? 'standard input' : path;
      let text: string;
      if (isExtracted(path)) {
        const extracted = await files.text(path);
        text = extracted.text;
        for (const warning of extracted.warnings) messages.warning(`${name}: ${warning}`);
      } else {
        const read = await (path === '-' ? readTextStream(stdin, name) : readTextFile(path));
        text = read.text;
        if (read.hasReplacements) messages.warning(`${name}: bytes that are not UTF-8 were replaced`);
      }
      if (text.trim() === '') messages.warning(`${name}: there is no text`);
      else if (!/[\p{L}\p{N}]/u.test(text)) messages.warning(`${name}: there are no words in the text`);
      yield metadata && Object.keys(metadata).length > 0 ? { text, metadata, path } : { text, path };
    }
  } finally {
    files.close();
  }
}

/** Writes suggestions as they come: Annif's lines, or JSON. */
async function printSuggestions(
  project: Project,
  docs: AsyncIterable<Document>,
  printing: { readonly single: boolean; readonly total: number; readonly language: string },
  options: SuggestOptions,
  session: Session,
): Promise<void> {
  const { results, messages } = session;
  const { limit, threshold, jobs } = options;
  const { single, total } = printing;
  const formatter = await createFormatter(project, printing.language, session);
  const progress = new ProgressReport(messages);
  let done = 0;
  try {
    for await (const { docs: batch, suggestions } of project.suggestStream(docs, { limit, threshold, nJobs: jobs })) {
      for (const [i, doc] of batch.entries()) {
        const ids = suggestions.row(i).map(({ subjectId }) => subjectId);
        const explained = options.explain ? await project.explain(doc, ids) : undefined;
        const newTerms = options.newTerms ? await project.newTerms(doc) : undefined;
        if (!options.json) {
          const lines = formatter.lines(suggestions, i, explained);
          if (!single) lines.unshift(`Suggestions for ${doc.path}`);
          if (newTerms) lines.push(...newTerms.map((term) => `new term: ${term}`));
          await results.write(lines.map((line) => `${line}\n`).join(''));
        } else if (single) {
          await results.json({
            results: formatter.objects(suggestions, i, explained),
            ...confidenceOf(suggestions, i),
            ...(newTerms ? { new_terms: newTerms } : undefined),
          });
        } else {
          const found = {
            results: formatter.objects(suggestions, i, explained),
            ...confidenceOf(suggestions, i),
            ...(newTerms ? { new_terms: newTerms } : undefined),
          };
          const row = JSON.stringify({ path: doc.path, ...found });
          await results.write(`${done === 0 ? '[' : ','}\n${row}`);
        }
        done++;
      }
      if (!results.isTerminal && total > 1) progress.update({ stage: 'suggesting', done, total, unit: 'documents' });
    }
    if (options.json && !single) await results.write(done === 0 ? '[]\n' : '\n]\n');
  } finally {
    progress.end();
  }
}

/** The expected F1 of a document's suggestions, where the project's scores are probabilities. */
function confidenceOf({ confidence }: SuggestionBatch, row: number): { readonly confidence?: number } {
  return confidence ? { confidence: confidence[row] as number } : {};
}

/** Turns a row of suggestions into what is printed. */
interface Formatter {
  lines(batch: SuggestionBatch, row: number, explained: ExplainedDocument | undefined): string[];
  objects(batch: SuggestionBatch, row: number, explained: ExplainedDocument | undefined): object[];
}

async function createFormatter(project: Project, language: string, { results, env }: Session): Promise<Formatter> {
  const { suggestedSubjects } = await import('../suggestion-output.js');
  const { evidencePlaces, explanationLines } = await import('../explanation-output.js');
  const { suggestionLines } = await import('@catchword/corpus');
  const { LabelledSubjects } = await import('@catchword/project');
  const subjects = new LabelledSubjects((await project.vocabulary()).vocabulary);
  const coloured = results.isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  const emphasise = (words: string) => (coloured ? `\x1b[1m${words}\x1b[0m` : `[${words}]`);
  return {
    lines: (batch, row, explained) =>
      suggestionLines(batch, row, { subjects, language }).flatMap((line, k) => {
        const explanation = explained?.explanations[k];
        return explained && explanation ? [line, ...explanationLines(explained.text, explanation, emphasise)] : [line];
      }),
    objects: (batch, row, explained) =>
      suggestedSubjects(subjects, batch, row, language).map((subject, k) => {
        const explanation = explained?.explanations[k];
        if (!explained || !explanation) return subject;
        const evidence = evidencePlaces(explained.text, explanation);
        const { contributions, scale, records, sources } = explanation;
        return { ...subject, explanation: { evidence, contributions, scale, records, sources } };
      }),
  };
}
