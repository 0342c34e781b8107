import { expect, test } from 'vitest';
import type { ConceptFacts } from '../models/concept-facts.js';
import { conceptHtml } from './concept-html.js';

const facts = (uri: string, label: string): ConceptFacts => ({
  uri,
  label,
  notation: '"><img src=x onerror=alert(1)>',
  deprecated: false,
  labels: [{ text: label, language: '"x', kind: 'preferred' }],
  definitions: [
    { text: 'something else', language: 'de' },
    { text: '<img src=y> & more', language: '"x' },
  ],
  broader: [{ uri: 'x', label: '<b>', notation: null, deprecated: false }],
  narrower: [],
  related: [],
  paths: [],
  collections: [],
  schemes: [],
  types: [],
});

test('conceptHtml takes labels as text, and links only to the web', () => {
  const html = conceptHtml(facts('javascript:alert(1)', '<script>alert(1)</script>'));
  expect(html).not.toMatch(/<(script|img|a|b>&)/);
  expect(html).toContain('&#60;script&#62;');
  expect(html).toContain('<b>Definition:</b> &#60;img src=y&#62; &#38; more</div>');
  expect(html).not.toContain('something else');
  expect(html).toContain('lang="&#34;x"');
  expect(conceptHtml(facts('https://example.org/"onclick="x', 'a'))).toContain(
    'href="https://example.org/&#34;onclick',
  );
});
