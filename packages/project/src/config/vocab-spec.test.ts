import { expect, test } from 'vitest';
import { parseVocabSpec } from './vocab-spec.js';

function parse(text: string) {
  const problems: string[] = [];
  const spec = parseVocabSpec(text, (message) => problems.push(message));
  return { spec, problems };
}

test('parseVocabSpec reads id, language, and rules in their order', () => {
  expect(parse('yso').spec).toEqual({ id: 'yso', rules: [] });
  expect(parse(' yso ( sv ) ').spec).toEqual({ id: 'yso', language: 'sv', rules: [] });
  expect(parse('yso()').spec).toEqual({ id: 'yso', rules: [] });
  expect(parse('yso(exclude=*,include_type=ex:A|ex:B,\n exclude=http://e.org/?a=1)')).toEqual({
    spec: {
      id: 'yso',
      rules: [
        { key: 'exclude', values: ['*'] },
        { key: 'include_type', values: ['ex:A', 'ex:B'] },
        { key: 'exclude', values: ['http://e.org/?a=1'] },
      ],
    },
    problems: [],
  });
});

test('parseVocabSpec tells every problem', () => {
  expect(parse('yso(fi,sv,exclude_tpye=A,exclude=,B').problems).toEqual([
    'the vocabulary "yso(fi,sv,exclude_tpye=A,exclude=,B" has no form like "yso", "yso(fi)" or "yso(fi,exclude=URI)"',
  ]);
  expect(parse('yso(fi,sv,exclude_tpye=A,exclude=,B)').problems).toEqual([
    '"B" in the vocabulary has no key; several values are written exclude=A|B',
    'the vocabulary has two languages, "fi" and "sv"',
    'unknown rule "exclude_tpye" of the vocabulary; did you mean "exclude_type"?',
    'the rule exclude of the vocabulary has no value',
  ]);
  expect(parse('../yso').problems).toHaveLength(1);
  expect(parse('').problems).toEqual(['"" cannot be the id of a vocabulary: it is empty']);
});
