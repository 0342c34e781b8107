import { join } from 'node:path';
import { ConfigurationError } from '@catchword/core';

/** The kinds of things in a data folder; each has a folder of its own there. */
export type DataKind = 'projects' | 'vocabs';

const MAX_LENGTH = 100;
/** Windows reserves these as names of devices, with any extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** @returns why a text cannot be the id of a project or vocabulary, or undefined where it can */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'it is empty';
  if (id.length > MAX_LENGTH) return `it has ${id.length} characters, ${MAX_LENGTH} are allowed`;
  if (!/^[A-Za-z0-9_.-]*$/.test(id)) return 'only letters A to Z, digits, "_", "." and "-" are allowed';
  if (/^\.+$/.test(id)) return 'it stands for another folder';
  if (id.endsWith('.')) return 'it ends with "."';
  if (id.startsWith('-')) return 'it begins with "-", so a command would take it for an option';
  if (DEVICE_NAME.test(id) || id === '__proto__') return 'the name is reserved';
  return undefined;
}

/**
 * Finds the folder of a project or vocabulary. It lies in the data folder, whatever the id.
 *
 * @returns `DATA_DIR/projects/ID` or `DATA_DIR/vocabs/ID`, which need not exist
 * @throws {ConfigurationError} `id-invalid`
 */
export function dataFolderPath(dataDir: string, kind: DataKind, id: string): string {
  const problem = idProblem(id);
  if (problem) {
    const noun = kind === 'projects' ? 'project' : 'vocabulary';
    const shown = JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id);
    throw new ConfigurationError('id-invalid', `Cannot use ${shown} as the id of a ${noun}: ${problem}`, {
      hint: 'Choose an id such as yso-mllm-fi.',
      context: { id: id.slice(0, 200) },
    });
  }
  return join(dataDir, kind, id);
}
