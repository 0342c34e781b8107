/** Schemas of searching a vocabulary and looking at its concepts. */

const text = { type: 'string' } as const;

const CONCEPT_FIELDS = {
  uri: text,
  label: text,
  notation: { type: ['string', 'null'] },
  deprecated: { type: 'boolean' },
} as const;

export const CONCEPT_REFERENCE = {
  type: 'object',
  required: ['uri', 'label', 'notation', 'deprecated'],
  properties: CONCEPT_FIELDS,
} as const;

export const LABEL_KIND = { type: 'string', enum: ['preferred', 'alternative', 'hidden'] } as const;

const concepts = { type: 'array', items: CONCEPT_REFERENCE } as const;
const uris = { type: 'array', items: text } as const;

export const CONCEPT = {
  type: 'object',
  required: [
    ...CONCEPT_REFERENCE.required,
    'labels',
    'definitions',
    'broader',
    'narrower',
    'related',
    'paths',
    'collections',
    'schemes',
    'types',
  ],
  properties: {
    ...CONCEPT_FIELDS,
    labels: {
      type: 'array',
      items: {
        type: 'object',
        required: ['text', 'language', 'kind'],
        properties: { text, language: text, kind: LABEL_KIND },
      },
    },
    definitions: {
      type: 'array',
      items: { type: 'object', required: ['text', 'language'], properties: { text, language: text } },
      description:
        'In each language the definition, or the scope note where there is none; empty where there is neither.',
    },
    broader: concepts,
    narrower: concepts,
    related: concepts,
    paths: {
      type: 'array',
      items: concepts,
      description: 'Ways from the top down to the concept, at most five, without the concept itself.',
    },
    collections: uris,
    schemes: uris,
    types: uris,
  },
} as const;

export const CONCEPTS = {
  type: 'object',
  required: ['concepts', 'total'],
  properties: { concepts, total: { type: 'integer' } },
} as const;

export const VOCAB_ID = {
  type: 'object',
  required: ['vocab_id'],
  properties: { vocab_id: { type: 'string', description: 'The id of the vocabulary.' } },
} as const;

const LABEL_LANGUAGE = {
  type: 'string',
  default: '',
  description:
    'The language of labels that are shown; without it the first of the vocabulary, English where it has it.',
} as const;

export const SEARCH_QUERY = {
  type: 'object',
  required: ['query'],
  properties: {
    query: { type: 'string', maxLength: 500, description: 'What was typed so far: beginnings of words, in any order.' },
    language: LABEL_LANGUAGE,
    only_language: {
      type: 'boolean',
      default: false,
      description: 'Whether labels of other languages are not searched.',
    },
    deprecated: {
      type: 'boolean',
      default: false,
      description: 'Whether deprecated concepts are found too, at the end.',
    },
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
  },
} as const;

export const CONCEPT_QUERY = {
  type: 'object',
  required: ['uri'],
  properties: { uri: { type: 'string', maxLength: 2000 }, language: LABEL_LANGUAGE },
} as const;

export const TOP_QUERY = {
  type: 'object',
  properties: {
    language: LABEL_LANGUAGE,
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
    offset: { type: 'integer', minimum: 0, default: 0 },
  },
} as const;

export const FOUND_CONCEPTS = {
  type: 'object',
  required: ['results'],
  properties: {
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: [...CONCEPT_REFERENCE.required, 'matched'],
        properties: {
          ...CONCEPT_FIELDS,
          matched: {
            type: 'object',
            required: ['label', 'language', 'kind', 'how'],
            properties: {
              label: text,
              language: text,
              kind: LABEL_KIND,
              how: {
                type: 'string',
                enum: ['exact', 'start', 'word', 'words'],
                description:
                  'The whole label, its beginning, the beginning of a word in it, all the words in any order.',
              },
            },
          },
        },
      },
    },
  },
} as const;
