import { ConfigurationError } from '@catchword/core';
import { readLines } from '@catchword/input';
import type { MarcMapping } from '@catchword/marc';

/** A mapping is a page; what is longer is something else. */
const MOST_CHARACTERS = 1 << 20;

/**
 * Reads a file that says how MARC records become documents, and suggestions headings: YAML, every scalar a text, so that `001`
 * and `0` stay what they are.
 *
 * @throws {ConfigurationError} `configuration-invalid` with all that is wrong; {InputError} as `readLines`
 */
export async function readMarcMapping(path: string): Promise<MarcMapping> {
  const lines: string[] = [];
  let nCharacters = 0;
  for await (const batch of readLines(path)) {
    for (const line of batch.lines) {
      lines.push(line);
      nCharacters += line.length;
    }
    if (nCharacters > MOST_CHARACTERS) throw invalid(path, ['it is longer than a mapping can be']);
  }
  const [{ parse }, { parseMarcMapping }] = await Promise.all([import('yaml'), import('@catchword/marc')]);
  let content: unknown;
  try {
    content = parse(lines.join('\n'), { schema: 'failsafe', maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(path, [`it is not valid YAML: ${(cause as Error).message.split('\n')[0]}`], cause);
  }
  const problems: string[] = [];
  const mapping = parseMarcMapping(content === '' ? undefined : content, (problem) => problems.push(problem));
  if (problems.length > 0) throw invalid(path, problems);
  return mapping;
}

function invalid(path: string, problems: readonly string[], cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    'configuration-invalid',
    `The MARC mapping ${path} cannot be used:\n  ${problems.join('\n  ')}`,
    {
      hint: 'docs/marc.md shows a mapping with all its keys.',
      context: { path },
      ...(cause === undefined ? undefined : { cause }),
    },
  );
}
