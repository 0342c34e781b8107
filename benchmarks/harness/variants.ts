import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figure, markdownTable } from './markdown-table.js';
import { cacheFolder } from './places.js';
import { ResultLines, round, thisMachine } from './result-lines.js';
import { median, spread } from './statistics.js';

/** Figures of one run by name, such as `docsPerSecond`; every variant of a benchmark has the same. */
export type Figures = Readonly<Record<string, number>>;

interface VariantLine {
  readonly variant: string;
  readonly round: number;
  readonly figures: Figures;
}

/**
 * Runs a benchmark of several variants: each in a fresh process, their order reversed each round, five rounds or
 * `--repeat N`; then prints a table of the medians, each with half its spread.
 *
 * @param module `import.meta.url` of the benchmark, which is started again with `--variant NAME`
 * @param variants measure and return figures, to which the peak of resident memory is added; a variant whose data is not
 *   there throws `Skipped`
 * @param prepare makes files that the variants read; in a process that measures nothing, lest it count in their memory
 */
export async function runVariants(
  module: string,
  variants: Readonly<Record<string, () => Promise<Figures> | Figures>>,
  prepare?: () => Promise<void> | void,
): Promise<void> {
  const { values } = parseArgs({ options: { variant: { type: 'string' }, repeat: { type: 'string', default: '5' } } });
  if (values.variant !== undefined) {
    await measureHere(variants, values.variant);
    return;
  }
  await prepare?.();
  const program = fileURLToPath(module);
  const name = program
    .replace(/^.*[/\\]dist[/\\]/, '')
    .replace(/\.bench\.js$/, '')
    .replaceAll(/[/\\]/g, '-');
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const results = new ResultLines<VariantLine | { readonly machine: object }>(
    join(cacheFolder('results'), `${name}-${stamp}.jsonl`),
  );
  results.add({ machine: thisMachine() });
  const measured = new Map<string, Figures[]>();
  for (let nRound = 1; nRound <= Number(values.repeat); nRound++) {
    const names = Object.keys(variants);
    if (nRound % 2 === 0) names.reverse();
    for (const variant of names) {
      const stdout = execFileSync(process.execPath, [program, '--variant', variant], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const figures = JSON.parse(stdout) as Figures | { readonly skipped: string };
      if (typeof (figures as { skipped?: unknown }).skipped === 'string') {
        if (nRound === 1) console.error(`${variant}: skipped, ${(figures as { readonly skipped: string }).skipped}`);
        continue;
      }
      results.add({ variant, round: nRound, figures: figures as Figures });
      measured.set(variant, [...(measured.get(variant) ?? []), figures as Figures]);
    }
  }
  console.log(`\n${variantTable(Object.keys(variants), measured)}`);
}

/** Thrown by a variant that cannot be measured here. */
export class Skipped extends Error {}

async function measureHere(
  variants: Readonly<Record<string, () => Promise<Figures> | Figures>>,
  name: string,
): Promise<void> {
  const variant = variants[name];
  if (!variant) throw new RangeError(`there is no variant ${name}`);
  try {
    const figures = await variant();
    console.log(JSON.stringify({ ...figures, peakRssMiB: peakRssMiB() }));
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    console.log(JSON.stringify({ skipped: error.message }));
  }
}

/** A child's getrusage begins with its parent's peak, so Linux is asked for this process's own. */
function peakRssMiB(): number {
  if (process.platform !== 'linux') return round(process.resourceUsage().maxRSS / 1024, 1);
  const kiB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return round(Number(kiB) / 1024, 1);
}

function variantTable(variants: readonly string[], measured: ReadonlyMap<string, readonly Figures[]>): string {
  const first = [...measured.values()][0]?.[0];
  if (!first) return 'Nothing was measured.';
  const names = Object.keys(first);
  const rows = variants.flatMap((variant) => {
    const runs = measured.get(variant);
    if (!runs) return [];
    return [[variant, ...names.map((name) => cell(runs.map((run) => run[name] ?? Number.NaN)))]];
  });
  return markdownTable(['variant', ...names], rows);
}

function cell(values: readonly number[]): string {
  const middle = median(values);
  const decimals = values.every(Number.isInteger) || middle >= 100 ? 0 : middle >= 1 ? 1 : 4;
  const deviation = middle === 0 ? '0' : figure(spread(values) * 50, 0);
  return figure(middle, decimals) + (deviation === '0' ? '' : ` ±${deviation} %`);
}

/** @returns the result of the work, and the seconds it took */
export async function timed<T>(work: () => Promise<T> | T): Promise<{ readonly result: T; readonly seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1000 };
}
