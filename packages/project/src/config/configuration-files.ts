import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@catchword/core';

/** Where a configuration is looked for if none is named; the first that exists counts. */
export const DEFAULT_NAMES = ['projects.yaml', 'projects.yml', 'projects.cfg', 'projects.toml', 'projects.d'] as const;

/**
 * Finds the files of a configuration.
 *
 * @param named a file, or a folder of which all `.cfg`, `.toml`, `.yaml` and `.yml` files count, by name
 * @returns undefined where nothing is named and there is nothing under the usual names
 * @throws {InputError} `file-not-found`, `file-unreadable`
 */
export async function findConfigurationFiles(
  named: string | undefined,
  cwd: string,
): Promise<{ source: string; files: string[] } | undefined> {
  for (const name of named === undefined ? DEFAULT_NAMES : [named]) {
    const path = named === undefined && cwd !== '.' ? join(cwd, name) : name;
    const info = await existing(path);
    if (!info) continue;
    return { source: path, files: info.isDirectory() ? await filesIn(path) : [path] };
  }
  if (named === undefined) return undefined;
  throw new InputError('file-not-found', `Cannot read the configuration ${named}: there is no such file or folder`, {
    hint: 'Check the path given with --projects, or in CATCHWORD_PROJECTS or ANNIF_PROJECTS.',
    context: { path: named },
  });
}

/** @throws {InputError} `file-unreadable`, `encoding-invalid` */
export async function readConfigurationText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('encoding-invalid', `Cannot read the configuration ${path}: it is not UTF-8`, {
      hint: `Convert it first, for example: iconv -f latin1 -t utf-8 ${path} > converted`,
      context: { path },
      cause,
    });
  }
}

async function existing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, cause);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    throw unreadable(folder, cause);
  });
  return names
    .filter((name) => /\.(cfg|toml|yaml|yml)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function unreadable(path: string, cause: unknown): InputError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = code === 'EACCES' ? 'no permission' : message;
  return new InputError('file-unreadable', `Cannot read the configuration ${path}: ${why}`, {
    hint: 'Check its permissions.',
    context: { path },
    cause,
  });
}
