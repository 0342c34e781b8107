import { expect, test } from 'vitest';
import { Problems } from './problems.js';
import { readIni } from './read-ini.js';

/** Values of each section, as `{section: {key: value}}`; errors as `line: message`. */
function read(text: string) {
  const problems = new Problems();
  const { projects } = readIni(text, 'x.cfg', problems);
  const values = Object.fromEntries(
    projects.map(({ id, values }) => [id, Object.fromEntries([...values].map(([key, { value }]) => [key, value]))]),
  );
  return { values, errors: problems.errors.map(({ line, message }) => `${line}: ${message}`) };
}

// Each result is what ConfigParser of Python 3.11 gives with optionxform=str.
test.each<[string, string, Record<string, Record<string, string>>]>([
  ['keys keep their case', '[a]\nKey=1\nkey=2', { a: { Key: '1', key: '2' } }],
  ['= and :, the first counts', '[a]\nx = y:z\nu : v=w', { a: { x: 'y:z', u: 'v=w' } }],
  ['comments are whole lines only', '[a]\n# c\n  ; c\nx=1 ; no # comment', { a: { x: '1 ; no # comment' } }],
  ['indented lines go on', '[a]\nx=1\n  2\n\n  # c\n  3\n\ny=4', { a: { x: '1\n2\n\n3', y: '4' } }],
  ['an indented heading goes on too', '[a]\nx=1\n [b]', { a: { x: '1\n[b]' } }],
  ['text after a heading is ignored', '[a] b\nx=1', { a: { x: '1' } }],
  ['a value may be empty', '[a]\nx=\ny:', { a: { x: '', y: '' } }],
  ['DEFAULT is inherited, wherever it stands', '[a]\nx=1\n[DEFAULT]\nx=0\ny=2', { a: { x: '1', y: '2' } }],
  ['DEFAULT may be given in parts', '[DEFAULT]\nx=1\n[a]\n[DEFAULT]\ny=2', { a: { x: '1', y: '2' } }],
  ['names are looked up where they are used', '[DEFAULT]\nx=%(y)s!\ny=0\n[a]\ny=1', { a: { x: '1!', y: '1' } }],
  ['%% is a percent sign', '[a]\nx=100%%\ny=%(x)s', { a: { x: '100%', y: '100%' } }],
  ['CRLF', '[a]\r\nx=1\r\n  2\r\n', { a: { x: '1\n2' } }],
  ['a key named as a prototype', '[__proto__]\nconstructor=1', { ['__proto__']: { constructor: '1' } }],
])('readIni reads as ConfigParser does: %s', (_, text, expected) => {
  expect(read(text)).toEqual({ values: Object.fromEntries(Object.entries(expected)), errors: [] });
});

test.each([
  ['[a]\nx=1\n[a]\nx=1', '3: project "a" is there already, in line 1'],
  ['[a]\nx=1\nx=2', '3: [a] sets "x" twice, first in line 2'],
  ['x=1\ny=2\n[a]', '1: "x=1" stands before the first [project] heading'],
  ['[a]\nword', '2: "word" is neither a [project] heading nor "key=value"'],
  ['[a]\n=1', '2: "=1" is neither a [project] heading nor "key=value"'],
  ['[a]\nx=5%', '2: the value of "x" holds a lone "%": write "%%" for the character itself'],
  ['[a]\nx=%(y)s', '2: the value of "x" refers to %(y)s, which neither the project nor [DEFAULT] sets'],
  ['[a]\nx=%(x)s', '2: the value of "x" refers to itself, or through too many others'],
])('readIni refuses what ConfigParser refuses: %j', (text, error) => {
  expect(read(text).errors).toEqual([error]);
});
