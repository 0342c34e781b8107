import { Ajv, type Options, type ValidateFunction } from 'ajv';

const OPTIONS: Options = {
  allErrors: false,
  strict: true,
  strictRequired: false,
  strictTypes: false,
  useDefaults: true,
  allowUnionTypes: true,
};

/** Texts of forms and addresses become the numbers that they stand for; JSON has to have the right types. */
const lenient = new Ajv({ ...OPTIONS, coerceTypes: true });
const strict = new Ajv(OPTIONS);

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';

/** Makes the validator of one part of a request. */
export function compileValidator(route: {
  readonly schema: unknown;
  readonly httpPart?: string | undefined;
  readonly contentType?: string | undefined;
}): ValidateFunction {
  const { httpPart, contentType, schema } = route;
  if (contentType === MULTIPART) return lenient.compile(withParsedFile(schema as { properties: object }));
  const isText = httpPart !== 'body' || contentType === FORM;
  return (isText ? lenient : strict).compile(schema as object);
}

/** The document says how a file is sent; what is checked is what became of it. */
function withParsedFile<T extends { readonly properties: object }>(schema: T): object {
  const file = { type: 'object', required: ['bytes', 'name'], properties: { bytes: {}, name: {} } };
  return { ...schema, properties: { ...schema.properties, file } };
}

/**
 * Reads a form body.
 *
 * A field counts the first time that it stands there: `R&D` in a text that was not encoded makes strays, which must not
 * take the place of what was meant. An empty field other than `text` counts as absent. `%` that stands for nothing stays.
 *
 * @returns an object without prototype
 */
export function parseForm(body: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(body)) {
    if (name in fields || (value === '' && name !== 'text')) continue;
    fields[name] = value;
  }
  return fields;
}
