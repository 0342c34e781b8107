import { readBytes } from '@catchword/input';
import { type MarcFormat, type MarcStream, openMarc } from '@catchword/marc';

/**
 * Opens a file of MARC records, gzipped or not; a name with `.mrc` or `.marc` is believed.
 *
 * @throws {InputError} as `readBytes`; `input-invalid` for what is not MARC
 */
export function openMarcFile(path: string): Promise<MarcStream> {
  return openMarc(readBytes(path), path, formatOfName(path));
}

/** @returns whether a file has to be MARC by its name */
export function hasMarcName(path: string): boolean {
  return /\.(mrc|marc|xml)(\.gz)?$/i.test(path);
}

/** Of `.xml` the beginning has to say that it is MARCXML. */
function formatOfName(path: string): MarcFormat | undefined {
  return /\.(mrc|marc)(\.gz)?$/i.test(path) ? 'iso2709' : undefined;
}
