import { ConfigurationError } from '@catchword/core';

/** A name with arguments as configurations write it: `snowball(finnish,token_min_length=2)`. */
export interface Spec {
  readonly name: string;
  /** Arguments without a name, in order. */
  readonly args: readonly string[];
  /** Arguments with a name, without prototype. */
  readonly params: Readonly<Record<string, string>>;
  /** As written, without surrounding white space. */
  readonly text: string;
}

/**
 * Reads one `name(arg,key=value)`; the parentheses may be missing.
 *
 * @throws {ConfigurationError} `configuration-invalid` where the text has another form
 */
export function parseSpec(text: string): Spec {
  const specs = parseSpecList(text);
  if (specs.length !== 1) throw malformed(text, 'it names more than one');
  return specs[0] as Spec;
}

/**
 * Reads a chain `a(1),b,c(x=y)`; commas inside parentheses belong to the arguments.
 *
 * @returns at least one
 * @throws {ConfigurationError} `configuration-invalid` where the text has another form
 */
export function parseSpecList(text: string): Spec[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === '(') depth++;
    else if (c === ')') depth--;
    if (depth < 0 || depth > 1) throw malformed(text, 'the parentheses do not match');
    if (i === text.length || (c === ',' && depth === 0)) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (depth !== 0) throw malformed(text, 'a parenthesis is not closed');
  return parts.map((part) => parseOne(part, text));
}

function parseOne(part: string, whole: string): Spec {
  const text = part.trim();
  const open = text.indexOf('(');
  const name = (open < 0 ? text : text.slice(0, open)).trim();
  if (!/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name)) {
    throw malformed(whole, name === '' ? 'a name is missing' : `"${name}" is not a name`);
  }
  if (open >= 0 && !text.endsWith(')')) throw malformed(whole, `"${text.slice(text.indexOf(')') + 1)}" follows the )`);
  const args: string[] = [];
  const params: Record<string, string> = Object.create(null);
  const inside = open < 0 ? '' : text.slice(open + 1, -1).trim();
  for (const argument of inside === '' ? [] : inside.split(',')) {
    const equals = argument.indexOf('=');
    if (equals < 0) args.push(argument.trim());
    else params[argument.slice(0, equals).trim()] = argument.slice(equals + 1).trim();
  }
  return { name, args, params, text };
}

function malformed(text: string, why: string): ConfigurationError {
  return new ConfigurationError('configuration-invalid', `Cannot read "${text}": ${why}`, {
    hint: 'Write a name with arguments in parentheses, for example: snowball(english) or limit(5000).',
    context: { spec: text },
  });
}

/** What is wrong with a spec, found without loading anything. */
export interface SpecCheck {
  /** Each a sentence; empty where the spec can be used. */
  readonly problems: readonly string[];
  /** What will be used in place of something that is not available. */
  readonly warnings: readonly string[];
}

/** A whole number as a spec writes it, or undefined. */
export function wholeNumber(value: string): number | undefined {
  return /^[+-]?\d+$/u.test(value) ? Number(value) : undefined;
}

/** Raises the first problem of a check. */
export function throwProblems(what: string, spec: string, check: SpecCheck): void {
  const [first, ...others] = check.problems;
  if (first === undefined) return;
  const message = `Cannot use the ${what} "${spec}": ${[first, ...others].join('; ')}`;
  throw new ConfigurationError('configuration-invalid', message, {
    hint: `Change the ${what} of the project in its configuration.`,
    context: { spec },
  });
}
