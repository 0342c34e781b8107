/** Schemas of the Reconciliation Service API 0.2 as far as it is served. @see https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ */

const text = { type: 'string' } as const;

const TYPE = { type: 'object', required: ['id', 'name'], properties: { id: text, name: text } } as const;

export const RECONCILE_PARAMS = {
  type: 'object',
  required: ['vocab_id', 'language'],
  properties: {
    vocab_id: { type: 'string', description: 'The id of the vocabulary.' },
    language: { type: 'string', description: 'The language of the keywords, and of labels that are shown.' },
  },
} as const;

const SERVICE = {
  type: 'object',
  required: ['service_url', 'service_path', 'flyout_service_url', 'flyout_service_path'],
  properties: {
    service_url: text,
    service_path: text,
    flyout_service_url: text,
    flyout_service_path: { type: 'string', pattern: '\\$\\{id\\}' },
  },
} as const;

const WITH_ID = { type: 'string', pattern: '\\{\\{id\\}\\}' } as const;

export const MANIFEST = {
  type: 'object',
  required: ['versions', 'name', 'identifierSpace', 'schemaSpace', 'view', 'defaultTypes', 'preview', 'suggest'],
  properties: {
    versions: { type: 'array', items: text },
    name: text,
    identifierSpace: text,
    schemaSpace: text,
    serviceVersion: text,
    documentation: text,
    authentication: { type: 'object', properties: { type: text, name: text, in: text } },
    view: { type: 'object', required: ['url'], properties: { url: WITH_ID } },
    defaultTypes: { type: 'array', items: TYPE },
    preview: {
      type: 'object',
      required: ['url', 'width', 'height'],
      properties: { url: WITH_ID, width: { type: 'integer' }, height: { type: 'integer' } },
    },
    suggest: { type: 'object', required: ['entity'], properties: { entity: SERVICE } },
  },
} as const;

const CANDIDATE = {
  type: 'object',
  required: ['id', 'name', 'type', 'score', 'match', 'features'],
  properties: {
    id: text,
    name: text,
    description: text,
    type: { type: 'array', items: TYPE },
    score: { type: 'number', minimum: 0, maximum: 100 },
    match: { type: 'boolean' },
    features: {
      type: 'array',
      items: { type: 'object', required: ['id', 'value'], properties: { id: text, value: { type: 'number' } } },
    },
  },
} as const;

export const RESULT_BATCH = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['result'],
    properties: { result: { type: 'array', items: CANDIDATE } },
  },
} as const;

/** What `queries` holds, as JSON. */
export const QUERY_BATCH = {
  type: 'object',
  maxProperties: 500,
  additionalProperties: {
    type: 'object',
    properties: {
      query: { type: 'string', maxLength: 10_000 },
      type: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      // OpenRefine sends a number; others send what stands in a form.
      limit: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'string', pattern: '^\\d{1,9}$' }, { type: 'null' }] },
      properties: {
        type: 'array',
        items: { type: 'object', required: ['pid', 'v'], properties: { pid: { type: 'string' }, v: {} } },
      },
      type_strict: { type: 'string', enum: ['any', 'should', 'all'] },
    },
    anyOf: [{ required: ['query'] }, { required: ['properties'] }],
  },
} as const;

export const QUERIES_FORM = {
  type: 'object',
  required: ['queries'],
  properties: { queries: { type: 'string', description: 'A batch of queries as JSON.' } },
} as const;

export const QUERIES_QUERY = { type: 'object', properties: QUERIES_FORM.properties } as const;

export const SUGGEST_ENTITY_QUERY = {
  type: 'object',
  required: ['prefix'],
  properties: {
    prefix: { type: 'string', maxLength: 500 },
    cursor: { type: 'integer', minimum: 0, maximum: 1000, default: 0 },
  },
} as const;

export const SUGGESTED_ENTITIES = {
  type: 'object',
  required: ['result'],
  properties: {
    result: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'name', 'description', 'notable'],
        properties: { id: text, name: text, description: text, notable: { type: 'array', items: TYPE } },
      },
    },
  },
} as const;

export const ID_QUERY = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', maxLength: 2000 } },
} as const;

export const FLYOUT = { type: 'object', required: ['id', 'html'], properties: { id: text, html: text } } as const;
