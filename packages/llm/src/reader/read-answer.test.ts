import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGrades, readOrder } from './read-answer.js';

const grades = (text: string, n = 3) => [...readGrades(text, n, 3).values].map((value) => Math.round(value * 3));
const N = Number.NaN;

describe('readGrades reads', () => {
  test.each([
    ['what was asked for', '{"1":3,"2":0,"3":2}', [3, 0, 2]],
    [
      'the same among prose',
      'Here are my grades:\n```json\n{ "1": 3, "2": 0, "3": 2 }\n```\nAt 10:30 I was done.',
      [3, 0, 2],
    ],
    ['objects', '[{"id":2,"grade":1},{"id":1,"grade":3}]', [3, 1, N]],
    ['objects with other names', '{"grades":[{"number":"2","score":"1"},{"reason":"x","n":3,"g":0}]}', [N, 1, 0]],
    ['pairs', '[[1, 3], [3, 1]]', [3, N, 1]],
    ['an object within another', '{"grades":{"1":2}}', [2, N, N]],
    ['keys without quotes', '{1: 3, 2: 1}', [3, 1, N]],
    ['numbers as texts', '{"1":"3"}', [3, N, N]],
    ['the beginning of an answer that breaks off', '{"1":3,"2":1,"3":', [3, 1, N]],
    ['no grade that may be half of one', '{"1":3,"2":1', [3, N, N]],
    ['grades beyond the scale as the nearest', '{"1":7,"2":-2}', [3, 0, N]],
    ['grades between', '{"1":2.0}', [2, N, N]],
  ])('%s', (_, text, wanted) => {
    expect(grades(text)).toEqual(wanted);
  });

  test('numbers that no candidate has as unknown, and the first of repeated ones', () => {
    const { values, nUnknown, nRepeated } = readGrades('{"1":3,"0":3,"4":3,"99":1,"1":0,"2":1}', 3, 3);
    expect([...values]).toEqual([1, 1 / 3, N]);
    expect([nUnknown, nRepeated]).toEqual([3, 1]);
  });

  test.each([
    '',
    'I cannot do that.',
    '{}',
    '[]',
    'null',
    '3',
    'At 10:30',
    '{"rivers":3}',
    '{"1":null}',
    '{"1":"good"}',
  ])('nothing in %j', (text) => {
    expect(grades(text)).toEqual([N, N, N]);
  });

  test('long answers of odd shape in time that grows with their length', () => {
    for (const piece of ['{', '[', '"1"', '1 ', '{"1":', '1:', ' ', '{"n":1', '[1,']) {
      readGrades(`{${piece.repeat(1 << 15)}`, 30, 3);
      readOrder(`[${piece.repeat(1 << 15)}`, 30);
    }
  });

  test('what was written, whatever stands around it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 }),
        fc.string().map((text) => text.replace(/[{[]/g, '')),
        fc.string(),
        (wanted, before, after) => {
          const json = `{${wanted.map((grade, i) => `"${i + 1}":${grade}`).join(',')}}`;
          const read = readGrades(before + json, wanted.length, 3).values;
          expect([...read].map((value) => Math.round(value * 3))).toEqual(wanted);
          expect(readGrades(before + json + after.replace(/[{[]/g, ''), wanted.length, 3).values).toEqual(read);
        },
      ),
    );
  });
});

describe('readOrder reads', () => {
  test.each([
    ['what was asked for', '{"order":[2,3,1]}', [0, 1, 0.5]],
    ['an order that leaves some out', '{"order":[3]}', [N, N, 1]],
    ['repeated and unknown numbers once or not at all', '{"order":[9,2,2,0,1]}', [0.5, 1, N]],
    ['lists in a ranking', 'Ranking: [2] > [1] > [3]', [N, 1, N]],
    ['the beginning of an answer that breaks off, without its last number', '{"order":[2,3,1', [N, 1, 0.5]],
    ['nothing where there is no list', '{"order":"none"}', [N, N, N]],
  ])('%s', (_, text, wanted) => {
    expect([...readOrder(text, 3).values]).toEqual(wanted);
  });
});
