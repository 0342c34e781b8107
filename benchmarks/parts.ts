// Runs the benchmarks of single packages one after the other; arguments are passed on to each.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

for (const part of ['text/analyzers', 'corpus/readers', 'evaluation/evaluator', 'storage/model-folder']) {
  console.log(`\n${part}`);
  const program = fileURLToPath(new URL(`${part}.bench.js`, import.meta.url));
  execFileSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
}
