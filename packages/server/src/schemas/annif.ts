/** Schemas of Annif's API: they check requests, write answers, and make the OpenAPI document. */

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;

export const LIMIT = {
  anyOf: [{ type: 'integer', minimum: 0 }, { const: 'auto' }],
  default: 10,
  description:
    'At most so many suggestions a document; more than 1,000 count as 1,000. auto: as many as have the highest expected F1, which needs scores that are probabilities (backend fusion).',
} as const;

export const THRESHOLD = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  default: 0,
  description: 'Suggestions with a lower score are left out, after the limit.',
} as const;

export const LANGUAGE = {
  type: 'string',
  description: "The language of the labels in the answer; without it the project's language of labels.",
} as const;

export const EXPLAIN = {
  type: 'boolean',
  default: false,
  description: 'Whether each suggestion is to say which words speak for it, where they stand, and what counted.',
} as const;

const NULL = { type: 'null' } as const;

/** In JSON the same may stand as a text, as in forms, and null or nothing between quotes for what is left out. */
const JSON_QUERY = {
  limit: { ...LIMIT, anyOf: [...LIMIT.anyOf, { type: 'string', pattern: '^\\d*$' }, NULL] },
  threshold: {
    anyOf: [{ type: 'number', minimum: 0, maximum: 1 }, { type: 'string', pattern: '^(0?\\.\\d+|0|1|1\\.0*)?$' }, NULL],
    default: THRESHOLD.default,
    description: THRESHOLD.description,
  },
  language: { ...LANGUAGE, type: ['string', 'null'] },
  explain: {
    anyOf: [{ type: 'boolean' }, { enum: ['true', 'True', '1', 1, 'false', 'False', '0', 0, ''] }, NULL],
    default: EXPLAIN.default,
    description: EXPLAIN.description,
  },
} as const;

export const METADATA = {
  type: 'object',
  additionalProperties: { type: 'string' },
  description: 'Further fields of the document by name, for transforms that select them.',
} as const;

export const PROJECT_ID = {
  type: 'object',
  required: ['project_id'],
  properties: { project_id: { type: 'string', description: 'The id of the project.' } },
} as const;

export const API_INFO = {
  type: 'object',
  required: ['title', 'version'],
  properties: { title: text, version: text, program: { const: 'catchword', type: 'string' } },
} as const;

export const PROJECT = {
  type: 'object',
  required: ['project_id', 'name', 'language', 'backend', 'vocab', 'vocab_language', 'is_trained', 'modification_time'],
  properties: {
    project_id: text,
    name: text,
    language: text,
    backend: {
      type: ['object', 'null'],
      required: ['backend_id'],
      properties: { backend_id: text },
    },
    vocab: textOrNull,
    vocab_language: textOrNull,
    is_trained: { type: ['boolean', 'null'] },
    modification_time: { type: ['string', 'null'], description: 'ISO 8601, UTC.' },
    allow_learn: { type: 'boolean', description: 'Whether `learn` is allowed.' },
  },
} as const;

export const PROJECTS = {
  type: 'object',
  required: ['projects'],
  properties: { projects: { type: 'array', items: PROJECT } },
} as const;

export const VOCAB = {
  type: 'object',
  required: ['vocab_id', 'languages', 'size', 'loaded'],
  properties: {
    vocab_id: text,
    languages: { type: 'array', items: text },
    size: { type: ['integer', 'null'], description: 'Subjects that may be suggested, and those that no longer may.' },
    loaded: { type: 'boolean' },
  },
} as const;

export const VOCABS = {
  type: 'object',
  required: ['vocabs'],
  properties: { vocabs: { type: 'array', items: VOCAB } },
} as const;

const CONTRIBUTIONS = {
  type: 'array',
  description: 'What counted for and against it, by falling weight.',
  items: {
    type: 'object',
    required: ['feature', 'text', 'value', 'weight'],
    properties: {
      feature: text,
      text: { type: 'string', description: 'The feature in words.' },
      value: { type: ['number', 'null'] },
      weight: { type: 'number', description: 'Positive speaks for the subject.' },
    },
  },
} as const;

export const EXPLANATION = {
  type: 'object',
  required: ['evidence', 'contributions'],
  properties: {
    evidence: {
      type: 'array',
      description: 'Stretches of the text that speak for the subject.',
      items: {
        type: 'object',
        required: ['start', 'end', 'words', 'label', 'kind'],
        properties: {
          start: { type: 'integer', description: 'Position in `text` of the answer, in UTF-16 code units.' },
          end: { type: 'integer', description: 'One past the last.' },
          words: text,
          label: { type: 'string', description: 'The label that was found.' },
          kind: { type: 'string', enum: ['label', 'form', 'words', 'part', 'compound', 'related', 'term', 'meaning'] },
        },
      },
    },
    contributions: CONTRIBUTIONS,
    scale: { type: 'string', enum: ['log-odds', 'share'], description: 'Of the weights; log-odds unless told.' },
    sources: {
      type: 'array',
      description: 'Of an ensemble: what each source gave the subject.',
      items: {
        type: 'object',
        required: ['project_id', 'score', 'rank', 'contributions'],
        properties: {
          project_id: text,
          score: { type: ['number', 'null'], description: 'null: the source does not suggest it, or failed.' },
          rank: { type: ['integer', 'null'], description: 'From 1.' },
          contributions: CONTRIBUTIONS,
          scale: { type: 'string', enum: ['log-odds', 'share'], description: 'Of its weights; log-odds unless told.' },
        },
      },
    },
    records: {
      type: 'array',
      description: 'Training records that the score comes from, by falling similarity.',
      items: {
        type: 'object',
        required: ['title', 'similarity'],
        properties: {
          document_id: text,
          title: text,
          similarity: { type: 'number' },
          near_duplicate: { type: 'boolean' },
        },
      },
    },
  },
} as const;

export const SUGGESTION = {
  type: 'object',
  required: ['uri', 'label', 'notation', 'score'],
  properties: {
    uri: text,
    label: text,
    notation: textOrNull,
    score: { type: 'number', minimum: 0, maximum: 1 },
    explanation: EXPLANATION,
  },
} as const;

const WARNINGS = {
  type: 'array',
  items: text,
  description: 'What went wrong without hindering the suggestions, such as a source that was left out.',
} as const;

const CONFIDENCE = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  description: 'Expected F1 of the suggestions for the document; only where scores are probabilities.',
} as const;

const EXPLAINED_TEXT = {
  type: 'string',
  description: 'The text as it was read, after the transforms of the project: where the positions of evidence count.',
} as const;

export const SUGGESTIONS = {
  type: 'object',
  required: ['results'],
  properties: {
    results: { type: 'array', items: SUGGESTION },
    model: { type: 'string', description: 'The version of model and vocabulary that the answer comes from.' },
    warnings: WARNINGS,
    confidence: CONFIDENCE,
    text: EXPLAINED_TEXT,
  },
} as const;

export const SUGGEST_FORM = {
  type: 'object',
  required: ['text'],
  properties: { text, limit: LIMIT, threshold: THRESHOLD, language: LANGUAGE, explain: EXPLAIN },
  additionalProperties: { type: 'string', description: '`metadata_NAME` is the field NAME; others mean nothing.' },
} as const;

export const SUGGEST_JSON = {
  type: 'object',
  required: ['text'],
  properties: {
    text,
    metadata: { anyOf: [METADATA, NULL] },
    ...JSON_QUERY,
  },
} as const;

export const BATCH_QUERY = {
  type: 'object',
  properties: { limit: LIMIT, threshold: THRESHOLD, language: LANGUAGE, explain: EXPLAIN },
} as const;

export const BATCH = {
  type: 'object',
  required: ['documents'],
  properties: {
    documents: {
      type: 'array',
      maxItems: 32,
      items: {
        type: 'object',
        required: ['text'],
        properties: { text, document_id: textOrNull, metadata: METADATA },
      },
    },
  },
} as const;

export const BATCH_SUGGESTIONS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['results', 'document_id'],
    properties: {
      results: { type: 'array', items: SUGGESTION },
      document_id: textOrNull,
      warnings: WARNINGS,
      confidence: CONFIDENCE,
      text: EXPLAINED_TEXT,
    },
  },
} as const;

export const INDEXED_DOCUMENTS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['text', 'subjects'],
    properties: {
      text,
      metadata: METADATA,
      subjects: {
        type: 'array',
        items: { type: 'object', required: ['uri'], properties: { uri: text, label: textOrNull } },
      },
    },
  },
} as const;

export const DETECT_LANGUAGE = {
  type: 'object',
  required: ['text', 'languages'],
  properties: {
    text,
    languages: {
      type: 'array',
      minItems: 1,
      maxItems: 5,
      items: { type: 'string', minLength: 2, maxLength: 3 },
      description: 'ISO 639-1 codes of the languages to choose from.',
    },
  },
} as const;

export const DETECTED_LANGUAGES = {
  type: 'object',
  required: ['results'],
  properties: {
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: ['language', 'score'],
        properties: {
          language: { type: ['string', 'null'], description: 'null: none of them' },
          score: { type: 'number' },
        },
      },
    },
  },
} as const;

export const EXPLAIN_REQUEST = {
  type: 'object',
  required: ['text', 'uris'],
  properties: {
    text,
    metadata: { anyOf: [METADATA, NULL] },
    language: { ...LANGUAGE, type: ['string', 'null'] },
    uris: { type: 'array', minItems: 1, maxItems: 50, items: text, description: 'Any subjects of the vocabulary.' },
  },
} as const;

export const EXPLAINED_SUBJECTS = {
  type: 'object',
  required: ['results', 'text', 'model'],
  properties: {
    results: {
      type: 'array',
      description: 'One for each URI, in their order.',
      items: {
        type: 'object',
        required: ['uri', 'label', 'notation', 'rank', 'score', 'allowed', 'training_documents', 'explanation'],
        properties: {
          uri: text,
          label: text,
          notation: textOrNull,
          rank: {
            type: ['integer', 'null'],
            description: 'Its place among the suggestions, from 1; null where it is not among the first 1,000.',
          },
          score: { type: ['number', 'null'], description: 'null where it is not among the first 1,000.' },
          allowed: { type: 'boolean', description: 'Whether the rules of the project let it be suggested.' },
          training_documents: {
            type: ['integer', 'null'],
            description: 'Training documents that had it; null for an ensemble, which learns from its sources.',
          },
          explanation: EXPLANATION,
        },
      },
    },
    text: EXPLAINED_TEXT,
    model: text,
  },
} as const;
