import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { EXPLANATION, PROJECT, SUGGESTION } from './schemas/annif.js';
import { CONCEPT_REFERENCE } from './schemas/concepts.js';
import { PROBLEM } from './schemas/problem.js';

/**
 * Has an application write down its routes as the OpenAPI document, of the schemas that check requests. What it wrote is kept
 * beside the sources and served from there.
 */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Catchword',
        version,
        description:
          'Suggests subjects of a SKOS vocabulary for texts. The paths under the tag Annif are those of Annif’s REST API, field for field.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'Annif', description: 'As in Annif.' },
        { name: 'Suggestions', description: 'Beyond Annif.' },
        { name: 'Files', description: 'Texts of files, and suggestions for them.' },
        { name: 'Feedback', description: 'What cataloguers decide.' },
        { name: 'Vocabularies', description: 'Searching, and concepts with their surroundings.' },
        { name: 'Reconciliation', description: 'Reconciliation Service API 0.2, for OpenRefine, Cocoda and others.' },
        { name: 'Operation', description: 'For those who run the server.' },
      ],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'Where the server wants keys.' },
          keyHeader: { type: 'apiKey', name: 'X-API-Key', in: 'header', description: 'The same, in another header.' },
        },
      },
      security: [{}, { key: [] }, { keyHeader: [] }],
    },
    hideUntagged: true,
    transformObject: (document) => ('openapiObject' in document ? withNamedSchemas(document.openapiObject) : {}),
  });
}

/** Schemas that stand in many places, by the name that programs made from the document will use. */
const NAMED: Readonly<Record<string, object>> = {
  Problem: PROBLEM,
  Project: PROJECT,
  Explanation: EXPLANATION,
  Concept: CONCEPT_REFERENCE,
  Suggestion: SUGGESTION,
};

/** Puts a reference wherever a named schema stands. */
function withNamedSchemas<T extends object>(document: T): T {
  const names = new Map(Object.entries(NAMED).map(([name, schema]) => [JSON.stringify(schema), name]));
  const withReferences = (value: unknown, isDefinition = false): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const name = isDefinition ? undefined : names.get(JSON.stringify(value));
    if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
    if (Array.isArray(value)) return value.map((each) => withReferences(each));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withReferences(each)]));
  };
  const schemas = Object.fromEntries(
    Object.entries(NAMED).map(([name, schema]) => [name, withReferences(schema, true)]),
  );
  const { components, ...rest } = withReferences(document) as { components?: object };
  return { ...rest, components: { ...components, schemas } } as unknown as T;
}
