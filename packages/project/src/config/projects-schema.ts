import { COMMON_KEYS } from './known-keys.js';
import { ACCESS_LEVELS } from './project-config.js';
import { VOCAB_RULE_KEYS } from './vocab-spec.js';

type Schema = { readonly [key: string]: unknown };

const text: Schema = { type: 'string' };
const texts: Schema = { type: ['string', 'array'], items: text };

/**
 * The JSON Schema of `projects.yaml`, for editors to complete and check by; `projects.schema.json` holds it.
 *
 * @param paramHelp parameters of each backend that can be used, with a line of help each
 */
export function projectsSchema(paramHelp: Readonly<Record<string, Readonly<Record<string, string>>>>): Schema {
  const backends = Object.keys(paramHelp);
  const forms: Readonly<Record<string, Schema>> = {
    language: { type: 'string', pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$' },
    backend: { type: 'string', enum: backends },
    vocab: { oneOf: [text, { $ref: '#/definitions/vocab' }] },
    transform: texts,
    sources: texts,
    limit: { type: 'integer', minimum: 1 },
    access: { type: 'string', enum: ACCESS_LEVELS },
    allow_learn: { type: 'boolean' },
  };
  const properties: Record<string, Schema> = {};
  for (const [key, description] of Object.entries(COMMON_KEYS)) {
    properties[key] = { description, ...(forms[key] ?? text) };
  }
  for (const [backend, help] of Object.entries(paramHelp)) {
    for (const [key, description] of Object.entries(help)) {
      properties[key] ??= { description: `${backend}: ${description}`, type: ['string', 'number', 'boolean'] };
    }
  }
  const rules = Object.fromEntries(
    VOCAB_RULE_KEYS.map((key) => [key, { description: 'URIs or CURIEs, or * for all concepts.', ...texts }]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Catchword projects',
    description: 'projects.yaml: what Catchword is to suggest, with which vocabulary and which kind of model.',
    type: 'object',
    required: ['projects'],
    additionalProperties: false,
    properties: {
      defaults: { description: 'Settings that all projects inherit.', $ref: '#/definitions/settings' },
      projects: {
        description: 'Projects by id.',
        type: 'object',
        propertyNames: { pattern: '^[A-Za-z0-9_.-]{1,100}$' },
        additionalProperties: { $ref: '#/definitions/settings' },
      },
    },
    definitions: {
      settings: { type: 'object', additionalProperties: false, properties },
      vocab: {
        description: 'A vocabulary, and rules that work in the order written.',
        type: 'object',
        required: ['id'],
        additionalProperties: false,
        properties: { id: text, language: text, ...rules },
      },
    },
  };
}
