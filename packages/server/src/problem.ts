import { STATUS_CODES } from 'node:http';
import { type ErrorCode, IndexingError, InputError } from '@catchword/core';
import type { ExtractionError, ExtractionProblem } from '@catchword/corpus';
import { ClientGone } from './operation/request-signal.js';

/** A field of a request that cannot be used. */
export interface FieldProblem {
  /** Where: `limit`, `documents/3/text`. */
  readonly field: string;
  readonly message: string;
}

/** A problem document (RFC 9457); `errors`, `code` and `hint` are Catchword's additions. */
export interface ProblemDocument {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Of docs/errors.md, where the error has one. */
  readonly code?: string;
  readonly hint?: string;
  readonly errors?: readonly FieldProblem[];
}

/** An answer that is an error. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly FieldProblem[];
  readonly code: string | undefined;
  readonly hint: string | undefined;

  constructor(
    status: number,
    detail: string,
    more: {
      readonly title?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly errors?: readonly FieldProblem[];
      readonly code?: string;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Problem';
    this.status = status;
    this.title = more.title ?? STATUS_CODES[status] ?? 'Error';
    this.headers = more.headers ?? {};
    this.errors = more.errors ?? [];
    this.code = more.code;
    this.hint = more.hint;
  }

  get document(): ProblemDocument {
    const { title, status, message, code, hint, errors } = this;
    return {
      type: 'about:blank',
      title,
      status,
      detail: message,
      ...(code === undefined ? undefined : { code }),
      ...(hint === undefined ? undefined : { hint }),
      ...(errors.length === 0 ? undefined : { errors }),
    };
  }
}

/** What is not here is 503, as in Annif: the request was right, and the server cannot do it now. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  'project-not-found': 404,
  'id-invalid': 404,
  'usage-invalid': 400,
  'input-invalid': 400,
  'encoding-invalid': 400,
  'language-not-supported': 400,
};

/** The request was right, and the file in it is not. */
const FILE_STATUS: Partial<Record<ExtractionProblem, number>> = { unsupported: 415, 'too-large': 413 };

/** By its look: the package that it is of is loaded when the first file comes. */
function isExtractionError(error: unknown): error is ExtractionError {
  return error instanceof InputError && 'kind' in error;
}

function extractionProblem(error: ExtractionError): Problem {
  const { kind, message, hint } = error;
  if (kind === 'overloaded') return overloaded(message);
  return new Problem(FILE_STATUS[kind] ?? 422, message, { code: 'input-invalid', hint, cause: error });
}

/** What nginx writes into its log for it; nobody is there to read the answer. */
export const CLIENT_GONE = 499;

const RETRY_AFTER = { 'Retry-After': '2' };

/** Turns whatever was thrown into an answer; what nobody foresaw is 500, and its message stays in the log. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ClientGone) return new Problem(CLIENT_GONE, error.message, { title: 'Client gone' });
  if (isExtractionError(error)) return extractionProblem(error);
  if (IndexingError.is(error)) {
    const { code, message, hint } = error;
    const status = STATUS[code] ?? 503;
    const more = { code, hint, cause: error };
    if (code === 'project-not-found') return new Problem(404, message, { title: 'Project not found', cause: error });
    if (status !== 503) return new Problem(status, message, more);
    const headers = code === 'overloaded' || code === 'locked' ? RETRY_AFTER : {};
    return new Problem(503, message, { ...more, title: 'Service unavailable', headers });
  }
  const { statusCode, message, validation, validationContext } = error as FastifyFault;
  if (validation) return validationProblem(validation, validationContext);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem(statusCode, message ?? '', { cause: error });
  }
  return new Problem(500, 'The server came upon an error that was not foreseen', { cause: error });
}

/** Too much to do at the moment. */
export function overloaded(detail: string): Problem {
  return new Problem(503, detail, { title: 'Service unavailable', code: 'overloaded', headers: RETRY_AFTER });
}

interface FastifyFault {
  readonly statusCode?: number;
  readonly message?: string;
  readonly validation?: readonly AjvFault[];
  readonly validationContext?: string;
}

interface AjvFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function validationProblem(faults: readonly AjvFault[], context = 'body'): Problem {
  // What no branch of a choice took is told by the branches.
  const branches = faults.filter(({ keyword }) => keyword !== 'anyOf');
  // How else it could be written is in the document of the API; here it is told how it is meant.
  const plain = branches.filter(({ keyword, params }) => keyword !== 'pattern' && params.type !== 'null');
  const told = plain.length > 0 ? plain : branches.length > 0 ? branches : faults;
  const errors = byField(
    told.slice(0, 10).map((fault): FieldProblem => {
      const place = fault.instancePath.slice(1);
      const missing = fault.params.missingProperty ?? fault.params.additionalProperty;
      const field = missing === undefined ? place : [place, String(missing)].filter(Boolean).join('/');
      const allowed = fault.params.allowedValues;
      const constant = fault.params.allowedValue;
      if (constant !== undefined) return { field: field || context, message: `or ${String(constant)}` };
      const message = Array.isArray(allowed)
        ? `must be one of: ${allowed.join(', ')}`
        : (fault.message ?? 'is not right');
      return { field: field || context, message: fault.keyword === 'required' ? 'is missing' : message };
    }),
  );
  const [first] = faults;
  const tooMany = first?.keyword === 'maxItems' ? `too many items - '${errors[0]?.field}'` : undefined;
  const detail = tooMany ?? errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new Problem(400, detail, { errors });
}

/** One problem for each field: what can be done about it, in a row. */
function byField(errors: readonly FieldProblem[]): FieldProblem[] {
  const messages = new Map<string, string[]>();
  for (const { field, message } of errors) messages.set(field, [...(messages.get(field) ?? []), message]);
  return [...messages].map(([field, all]) => ({ field, message: all.join(', ') }));
}
