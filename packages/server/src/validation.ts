import { Ajv, type Options, type ValidateFunction } from 'ajv';
import fastJsonStringify, { type Schema } from 'fast-json-stringify';

const OPTIONS: Options = {
  allErrors: false,
  strict: true,
  strictRequired: false,
  strictTypes: false,
  useDefaults: true,
  allowUnionTypes: true,
  validateSchema: false, // they are ours: a test does it, so that the schema of schemas need not be compiled here
};

/** Texts of forms and addresses become the numbers that they stand for; JSON has to have the right types further inside. */
const lenient = new Ajv({ ...OPTIONS, coerceTypes: true });
const strict = new Ajv(OPTIONS);

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';

interface CheckedPart {
  readonly schema: unknown;
  readonly httpPart?: string | undefined;
  readonly contentType?: string | undefined;
}

/**
 * Makes the check of one part of a request. Its schema is compiled at the first use: most servers are asked for few of the
 * routes, and all the compiled checks take more memory than the rest of them.
 */
export function checkOf(part: CheckedPart): ValidateFunction {
  let validate: ValidateFunction | undefined;
  const check = ((given: unknown) => {
    validate ??= compileValidator(part);
    const isRight = validate(given);
    check.errors = validate.errors ?? null;
    return isRight;
  }) as ValidateFunction;
  return check;
}

/** Makes what writes answers of one kind, likewise at the first use. */
export function writerOf({ schema }: { readonly schema?: unknown }): (answer: unknown) => string {
  let write: ((answer: unknown) => string) | undefined;
  return (answer) => {
    write ??= fastJsonStringify(schema as Schema);
    return write(answer);
  };
}

function compileValidator({ httpPart, contentType, schema }: CheckedPart): ValidateFunction {
  if (contentType === MULTIPART) {
    const withFile = withParsedFile(schema as { properties: object });
    return forgiving(lenient.compile(withFile), withFile);
  }
  const isText = httpPart !== 'body' || contentType === FORM;
  return forgiving((isText ? lenient : strict).compile(schema as object), schema as FieldSchemas);
}

interface FieldSchemas {
  readonly properties?: Readonly<Record<string, object>>;
}

const YES: ReadonlySet<string> = new Set(['true', '1', 'yes', 'on']);
const NO: ReadonlySet<string> = new Set(['false', '0', 'no', 'off']);

/**
 * Reads what clients of many languages write for the same: numbers and truth values as texts, `True`, 1, and null for a
 * field that is left out.
 */
function forgiving(validate: ValidateFunction, { properties = {} }: FieldSchemas): ValidateFunction {
  const kinds = Object.entries(properties).map(([name, schema]) => [name, kindOf(schema)] as const);
  if (kinds.length === 0) return validate;
  const read = (given: unknown) => {
    if (typeof given === 'object' && given !== null) for (const [name, kind] of kinds) readField(given, name, kind);
    const isRight = validate(given);
    check.errors = validate.errors ?? null;
    return isRight;
  };
  const check = Object.assign(read, { schema: validate.schema, schemaEnv: validate.schemaEnv }) as ValidateFunction;
  return check;
}

type Kind = 'number' | 'boolean' | 'other';

function kindOf(schema: { type?: unknown; anyOf?: readonly { type?: unknown }[] }): Kind {
  const types = schema.anyOf?.map(({ type }) => type) ?? [schema.type];
  if (types.includes('integer') || types.includes('number')) return 'number';
  return types.includes('boolean') ? 'boolean' : 'other';
}

function readField(given: object, name: string, kind: Kind): void {
  const fields = given as Record<string, unknown>;
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === null) delete fields[name];
  if (kind === 'other' || (typeof value !== 'string' && typeof value !== 'number')) return;
  const word = String(value).trim().toLowerCase();
  if (word === '') delete fields[name];
  else if (kind === 'number' && typeof value === 'string' && Number.isFinite(Number(word))) fields[name] = Number(word);
  else if (kind === 'boolean' && YES.has(word)) fields[name] = true;
  else if (kind === 'boolean' && NO.has(word)) fields[name] = false;
}

/** The document says how a file is sent; what is checked is what became of it. */
function withParsedFile<T extends { readonly properties: object }>(schema: T): object {
  const file = { type: 'object', required: ['bytes', 'name'], properties: { bytes: {}, name: {} } };
  return { ...schema, properties: { ...schema.properties, file } };
}

/** Nothing may be typed in so far. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['text', 'query', 'prefix']);

/**
 * Reads a form body, or the query of an address.
 *
 * A field counts the first time that it stands there: `R&D` in a text that was not encoded makes strays, which must not
 * take the place of what was meant. An empty field counts as absent, unless it is what was typed in. `%` that stands for nothing stays.
 *
 * @returns an object without prototype
 */
export function parseForm(body: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(body)) {
    if (name in fields || (value === '' && !MAY_BE_EMPTY.has(name))) continue;
    fields[name] = value;
  }
  return fields;
}
