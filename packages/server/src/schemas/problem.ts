/** A problem document, RFC 9457. */
export const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'The code of an error that Catchword documents.' },
    hint: { type: 'string', description: 'What can be done.' },
    errors: {
      type: 'array',
      description: 'The fields of the request that cannot be used.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
} as const;

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request is not right; the problem names the field.',
  401: 'A key is needed, or the one given is none.',
  403: 'Not allowed.',
  404: 'There is none of that name.',
  405: 'Another method is wanted.',
  406: 'The parts of the form cannot be read.',
  408: 'The request came in too slowly.',
  413: 'The request is too large.',
  415: 'The body has a type that is not read here.',
  422: 'No text could be got from the file.',
  431: 'Address and headers are too large.',
  429: 'Too many requests; Retry-After tells when to go on.',
  500: 'An error that nobody foresaw.',
  503: 'Not possible now: no trained model, or too much to do (then with Retry-After).',
};

/** @returns answers of a route that are problems, for its schema */
export function problemAnswers(...statuses: number[]): Record<string, object> {
  return Object.fromEntries(
    [...statuses, 431].map((status) => [
      String(status),
      {
        description: MEANINGS[status],
        content: { 'application/problem+json': { schema: PROBLEM } },
      },
    ]),
  );
}
