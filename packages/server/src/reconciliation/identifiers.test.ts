import { SUBJECT_ACTIVE, SUBJECT_REMOVED, type Vocabulary } from '@catchword/core';
import { expect, test } from 'vitest';
import { Identifiers } from './identifiers.js';

/** As much of a vocabulary as identifiers need. */
function vocabularyOf(uris: readonly string[], removed: readonly number[] = []): Vocabulary {
  return {
    nSubjects: uris.length,
    status: Uint8Array.from(uris, (_, id) => (removed.includes(id) ? SUBJECT_REMOVED : SUBJECT_ACTIVE)),
    uri: (id: number) => uris[id],
    idOfUri: (uri: string) => uris.indexOf(uri),
  } as unknown as Vocabulary;
}

test('Identifiers are short where all URIs begin alike, and found both ways', () => {
  const yso = new Identifiers(vocabularyOf(['http://x.fi/yso/p1', 'http://x.fi/yso/p12', 'http://y'], [2]));
  expect([yso.namespace, yso.of(1), yso.find('p12'), yso.find('http://x.fi/yso/p1'), yso.find('p9')]).toEqual([
    'http://x.fi/yso/',
    'p12',
    1,
    0,
    -1,
  ]);
  const mixed = new Identifiers(vocabularyOf(['http://a/1', 'http://b/1', 'urn:x']));
  expect([mixed.namespace, mixed.of(2), mixed.find('urn:x')]).toEqual(['', 'urn:x', 2]);
  expect(new Identifiers(vocabularyOf(['http://a/b#c'])).namespace).toBe('http://a/b#');
});

test('Identifiers stay what they are when a vocabulary gets concepts of another kind, and old ones are found', () => {
  const uris = Array.from({ length: 20 }, (_, i) => `http://x.fi/yso/p${i}`);
  const before = new Identifiers(vocabularyOf(uris));
  const after = new Identifiers(vocabularyOf([...uris, 'urn:y', 'http://x.fi/other/1']));
  expect(uris.map((_, id) => after.of(id))).toEqual(uris.map((_, id) => before.of(id)));
  expect([after.of(20), after.find('urn:y'), after.of(21), after.find('http://x.fi/other/1')]).toEqual([
    'urn:y',
    20,
    'http://x.fi/other/1',
    21,
  ]);
  const mixed = new Identifiers(vocabularyOf([...uris, ...uris.slice(0, 9).map((uri) => uri.replace('yso', 'other'))]));
  expect([mixed.namespace, mixed.of(3), mixed.find('p3'), mixed.find('yso/p3')]).toEqual([
    'http://x.fi/',
    'yso/p3',
    3,
    3,
  ]);
  expect(new Identifiers(vocabularyOf(['http://a/b/', 'http://a/c/'])).of(1)).toBe('c/');
});
