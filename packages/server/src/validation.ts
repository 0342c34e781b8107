import { Ajv, type Options, type ValidateFunction } from 'ajv';

const OPTIONS: Options = { allErrors: false, strict: true, useDefaults: true, allowUnionTypes: true };

/** Texts of forms and addresses become the numbers that they stand for; JSON has to have the right types. */
const lenient = new Ajv({ ...OPTIONS, coerceTypes: true });
const strict = new Ajv(OPTIONS);

const FORM = 'application/x-www-form-urlencoded';

/** Makes the validator of one part of a request. */
export function compileValidator(route: {
  readonly schema: unknown;
  readonly httpPart?: string | undefined;
  readonly contentType?: string | undefined;
}): ValidateFunction {
  const isText = route.httpPart !== 'body' || route.contentType === FORM;
  return (isText ? lenient : strict).compile(route.schema as object);
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
