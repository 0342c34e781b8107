// Does the server keep to its OpenAPI document, whatever is sent, and does Annif's own client work with it?
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython } from '../harness/annif.js';
import { Catchword } from '../harness/indexing-program.js';
import { cacheFolder, ROOT } from '../harness/places.js';
import { runProgram } from '../harness/run-program.js';
import { ServerProcess } from './server-process.js';

const HELP = `Sends generated requests, valid and invalid, to Catchword's server, and all calls of annif-client.

npm run bench:contract -- [options]
  --examples N   cases for each operation and way of generating them (default 500)`;

const { values: options } = parseArgs({
  options: { examples: { type: 'string', default: '500' }, help: { type: 'boolean', default: false } },
});

const PORT = 5873;
const PROJECT = 'sample-en';
const CONFIGURATION = `[${PROJECT}]\nlanguage=en\nbackend=mllm\nvocab=sample\nanalyzer=snowball(english)\n`;
/** What a schema cannot say, such as that a URI is one of the vocabulary, is 400 for requests that keep to it. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
];

/** Answers to what breaks the schema; an address without end is told by the headers' limit. */
const REJECTIONS = [400, 401, 403, 404, 405, 406, 413, 415, 422, 431];

/** @returns the folder of programs of a virtual environment, or why there is none */
async function environment(): Promise<string | { readonly missing: string }> {
  const requirements = join(ROOT, 'benchmarks/server/requirements.txt');
  const folder = cacheFolder('contract');
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const complete = join(folder, `complete-${version}`);
  const programs = join(folder, 'venv/bin');
  if (existsSync(complete)) return programs;
  const python = await findPython();
  if (python === undefined) return { missing: 'there is no Python 3.10 to 3.12 on this machine' };
  try {
    await runProgram(python, ['-m', 'venv', '--clear', join(folder, 'venv')]);
    await runProgram(join(programs, 'python'), ['-m', 'pip', 'install', '-q', '-r', requirements]);
  } catch (error) {
    return { missing: `its packages could not be installed: ${(error as Error).message}` };
  }
  writeFileSync(complete, '');
  return programs;
}

/** Runs a program to its end and shows what it says. @returns its exit code */
function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', cwd: cacheFolder('contract') });
    child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const programs = await environment();
  if (typeof programs !== 'string')
    return console.log(`skipped: schemathesis and annif-client, since ${programs.missing}`);
  const program = new Catchword('contract', CONFIGURATION);
  await program.loadVocabulary('sample', join(ROOT, 'vocabularies/sample/sample.ttl'), true);
  await program.train(PROJECT, join(ROOT, 'corpora/sample/train.tsv'));
  const { server } = await ServerProcess.start(PORT, program.serverCommand(PORT));
  try {
    const calls = join(ROOT, 'benchmarks/server/annif_client_calls.py');
    const client = await run(join(programs, 'python'), [calls, `${server.url}/v1/`, PROJECT]);
    const settings = join(cacheFolder('contract'), 'schemathesis.toml');
    writeFileSync(settings, `[checks]\nnegative_data_rejection.expected-statuses = [${REJECTIONS.join(', ')}]\n`);
    const generated = await run(join(programs, 'st'), [
      '--config-file',
      settings,
      'run',
      `${server.url}/v1/openapi.json`,
      ...['--phases', 'coverage,fuzzing', '-n', options.examples, '--checks', CHECKS.join(',')],
      ...['--seed', '1', '--request-timeout', '30', '--suppress-health-check', 'all'],
    ]);
    console.log('memory', server.memory());
    process.exitCode = client === 0 && generated === 0 ? 0 : 1;
  } finally {
    await server.stop();
  }
}

await main();
