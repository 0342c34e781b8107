import { METADATA } from './annif.js';

/** Schemas of what cataloguers decide. */

const text = { type: 'string' } as const;

const DECISION = {
  type: 'object',
  required: ['uri', 'action'],
  properties: {
    uri: text,
    action: {
      type: 'string',
      enum: ['accepted', 'rejected', 'added'],
      description: 'A suggestion that is right, one that is not, and a subject that was missing.',
    },
    reason: { type: 'string', maxLength: 1000, description: 'Why it was rejected, for people.' },
    score: { type: 'number', minimum: 0, maximum: 1, description: 'The score it was suggested with.' },
    rank: { type: 'integer', minimum: 1, description: 'The place it was suggested at.' },
  },
} as const;

export const FEEDBACK = {
  type: 'object',
  required: ['decisions'],
  properties: {
    document_id: { type: 'string', maxLength: 1000 },
    text: {
      type: 'string',
      description: 'Kept with the decisions, so that they can be learnt from; leave it out otherwise.',
    },
    metadata: METADATA,
    model: { type: 'string', maxLength: 200, description: 'The version that the suggestions came from.' },
    creator: { type: 'string', maxLength: 200, description: 'Who decided.' },
    decisions: { type: 'array', minItems: 1, maxItems: 200, items: DECISION },
  },
} as const;

export const FEEDBACK_KEPT = {
  type: 'object',
  required: ['feedback_id', 'created', 'learnt'],
  properties: {
    feedback_id: text,
    created: { type: 'string', description: 'ISO 8601, UTC.' },
    learnt: { type: 'boolean', description: 'Whether the project has learnt from it already.' },
  },
} as const;

export const FEEDBACK_QUERY = {
  type: 'object',
  properties: {
    after: {
      type: 'string',
      pattern: '^(\\d{4}-\\d\\d\\.jsonl:\\d{1,15})?$',
      default: '',
      description: '`next` of the page before.',
    },
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  },
} as const;

export const FEEDBACK_PAGE = {
  type: 'object',
  required: ['feedback', 'next'],
  properties: {
    feedback: {
      type: 'array',
      items: {
        type: 'object',
        required: ['feedback_id', 'created', 'decisions'],
        properties: {
          feedback_id: text,
          created: text,
          document_id: text,
          text,
          metadata: METADATA,
          model: text,
          creator: text,
          decisions: { type: 'array', items: DECISION },
        },
      },
    },
    next: { type: ['string', 'null'], description: 'Where to go on; null at the end.' },
  },
} as const;
