// Runs every test of the repository and closes with one line that programs can read: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'catchword-tests-'));
const report = join(folder, 'report.json');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = spawn(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: root },
);
run.on('exit', (code) => {
  let failed = 1;
  let line = '0 passed, 1 failed';
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    // A file that could not be loaded has no failed test of its own, yet it failed.
    const broken = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
    failed = result.numFailedTests + broken.length;
    const skipped = result.numPendingTests + result.numTodoTests;
    line = `${result.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  } catch (error) {
    console.error(`The test report could not be read: ${error.message}`);
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(line);
  process.exitCode = code === 0 && failed === 0 ? 0 : 1;
});
