import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type JsonObject, type JsonValue, ModelError } from '@catchword/core';
import { ARRAY_TYPES, type ArrayPlace, type ArrayTypeName } from '@catchword/math';

/** The version of the layout that this program writes; it reads this one. */
export const FORMAT_VERSION = 1;
export const MANIFEST_NAME = 'manifest.json';

const FORMAT = 'catchword-model';
const ALIGNMENT = 16;

/** What a model folder says about itself. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly formatVersion: number;
  /** What the model is: `vocabulary`, or the name of a backend. */
  readonly kind: string;
  /** When it was written, in ISO 8601, UTC. */
  readonly created: string;
  /** The program that wrote it, with its version. */
  readonly program: string;
  /** The model's own facts, in objects without prototype. */
  readonly meta: JsonObject;
  readonly arrays: {
    /** `arrays-` and the first 16 digits of its checksum. */
    readonly file: string;
    readonly nBytes: number;
    /** Hexadecimal SHA-256 of the file. */
    readonly sha256: string;
    readonly places: readonly ArrayPlace[];
  };
  /** Hexadecimal SHA-256 of the manifest as JSON without this field. */
  readonly sha256: string;
}

/** A manifest before its checksum and the fields that are the same for all. */
export type ManifestContent = Pick<Manifest, 'kind' | 'meta' | 'arrays'>;

/**
 * Writes a manifest as text.
 *
 * @throws {TypeError} if `meta` holds what JSON cannot say, such as NaN
 */
export function formatManifest(content: ManifestContent, created: Date): { manifest: Manifest; text: string } {
  assertJson(content.meta, 'meta');
  const unsigned = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    kind: content.kind,
    created: created.toISOString(),
    program: programVersion(),
    meta: content.meta,
    arrays: content.arrays,
  } as const;
  const manifest: Manifest = { ...unsigned, sha256: checksum(unsigned) };
  return { manifest, text: print(manifest) };
}

/**
 * Reads a manifest and trusts nothing in it: types, bounds and checksum are checked, and every byte counts.
 *
 * @param path for messages
 * @throws {ModelError} `model-damaged`, or `model-incompatible` where a newer program wrote it
 */
export function parseManifest(text: string, path: string): Manifest {
  const damaged = (what: string): ModelError => damagedError(path, what);
  let value: unknown;
  try {
    value = withoutPrototype(JSON.parse(text));
  } catch (cause) {
    throw damagedError(path, `it is not JSON (${(cause as Error).message.slice(0, 200)})`, cause);
  }
  if (!isObject(value) || value.format !== FORMAT) throw damaged(`its format is not ${FORMAT}`);
  const version = value.formatVersion;
  if (!Number.isSafeInteger(version) || (version as number) < 1) throw damaged('it has no format version');
  if ((version as number) > FORMAT_VERSION) {
    throw new ModelError(
      'model-incompatible',
      `Cannot read ${path}: it has format version ${version}, this program reads up to ${FORMAT_VERSION}`,
      { hint: 'Update Catchword, or make the model again with this version.', context: { path, version } },
    );
  }
  const { sha256, ...unsigned } = value;
  if (sha256 !== checksum(unsigned)) throw damaged('its checksum does not match');
  if (print(value) !== text) throw damaged('it was changed after it was written');
  const { kind, created, program, meta, arrays } = value;
  if (typeof kind !== 'string' || typeof created !== 'string' || typeof program !== 'string' || !isObject(meta)) {
    throw damaged('a field is missing');
  }
  if (!isObject(arrays)) throw damaged('it lists no arrays');
  const { file, nBytes, sha256: arraysSha256, places } = arrays;
  if (typeof arraysSha256 !== 'string' || !/^[0-9a-f]{64}$/.test(arraysSha256)) throw damaged('a checksum is missing');
  if (file !== arraysFileName(arraysSha256)) throw damaged('the name of its arrays file is not allowed');
  if (!isCount(nBytes)) throw damaged('the size of its arrays file is not a size');
  const problem = placesProblem(places, nBytes);
  if (problem) throw damaged(problem);
  return value as unknown as Manifest;
}

/** @returns `arrays-` and the first 16 digits of the checksum */
export function arraysFileName(sha256: string): string {
  return `arrays-${sha256.slice(0, 16)}.bin`;
}

/** @returns what is wrong with the places of arrays in a file of so many bytes, or undefined */
export function placesProblem(places: unknown, nBytes: number): string | undefined {
  if (!Array.isArray(places)) return 'it lists no arrays';
  const names = new Set<string>();
  let end = 0;
  for (const place of places as unknown[]) {
    if (!isObject(place)) return 'an array has no place';
    const { name, type, offset, length } = place;
    if (typeof name !== 'string' || name === '') return 'an array has no name';
    const quoted = JSON.stringify(name.slice(0, 100));
    if (names.has(name)) return `the array ${quoted} is listed twice`;
    names.add(name);
    if (typeof type !== 'string' || !Object.hasOwn(ARRAY_TYPES, type)) return `the array ${quoted} has an unknown type`;
    if (!isCount(offset) || !isCount(length)) return `the array ${quoted} has no valid place`;
    if (offset % ALIGNMENT !== 0 || offset < end) return `the array ${quoted} overlaps another or is not aligned`;
    end = offset + length * ARRAY_TYPES[type as ArrayTypeName].BYTES_PER_ELEMENT;
    if (end > nBytes) return `the array ${quoted} reaches beyond the end of the file`;
  }
  return undefined;
}

/** An error `model-damaged` about a file. */
export function damagedError(path: string, what: string, cause?: unknown): ModelError {
  return new ModelError('model-damaged', `Cannot read ${path}: ${what}`, {
    hint: 'Restore the folder from a backup, or make it again: catchword train for a project, catchword load-vocab --force for a vocabulary.',
    context: { path },
    cause,
  });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The order of keys is that of the manifest itself, which JSON keeps; so writing what was read gives the same bytes. */
function checksum(unsigned: object): string {
  return createHash('sha256').update(JSON.stringify(unsigned)).digest('hex');
}

/** One line for each entry of the first two levels: to be read by people. */
function print(manifest: object): string {
  const lines = Object.entries(manifest).map(([key, value]) => {
    const inner = isObject(value)
      ? printed(
          '{',
          Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${printedPlaces(k, v)}`),
          '}',
          '  ',
        )
      : JSON.stringify(value);
    return `${JSON.stringify(key)}: ${inner}`;
  });
  return `${printed('{', lines, '}', '')}\n`;
}

function printedPlaces(key: string, value: unknown): string {
  if (key !== 'places' || !Array.isArray(value)) return JSON.stringify(value);
  return printed(
    '[',
    value.map((place) => JSON.stringify(place)),
    ']',
    '    ',
  );
}

function printed(open: string, items: readonly string[], close: string, indent: string): string {
  if (items.length === 0) return open + close;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

/** Copies parsed JSON into objects without prototype, so that a key such as `constructor` is there only where it was written. */
function withoutPrototype(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototype);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) copy[key] = withoutPrototype(item);
  return copy;
}

function assertJson(value: JsonValue | undefined, where: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${where} is ${value}, which JSON cannot say`);
    return;
  }
  if (typeof value !== 'object') throw new TypeError(`${where} is of type ${typeof value}, which JSON cannot say`);
  for (const [key, item] of Object.entries(value)) assertJson(item, `${where}.${key}`);
}

let version: string | undefined;

function programVersion(): string {
  version ??= (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;
  return `catchword ${version}`;
}
