import { expect, test } from 'vitest';
import { gradeOf, numberedLines, simulatedGrader } from './simulated-grader.js';

test.each([0.2, 0.5, 0.6, 0.7, 0.8])('a simulated grader is right in %s of pairs', (share) => {
  const grade = simulatedGrader(share, 1);
  let right = 0;
  const n = 20_000;
  for (let i = 0; i < n; i++) {
    if (grade(`text ${i}`, 'right', true) > grade(`text ${i}`, 'wrong', false)) right++;
  }
  expect(Math.abs(right / n - share)).toBeLessThan(0.015);
});

test('a simulated grader has the same opinion again, and another of another text', () => {
  const grade = simulatedGrader(0.7, 3);
  expect(grade('a', 'bees', true)).toBe(grade('a', 'bees', true));
  expect(grade('b', 'bees', true)).not.toBe(grade('a', 'bees', true));
});

test('gradeOf gives few candidates the best grade', () => {
  expect([-1, 0.5, 1.5, 2].map(gradeOf)).toEqual([0, 1, 2, 3]);
});

test('numberedLines reads candidates of a prompt', () => {
  expect(numberedLines('Text:\n1. bees\n2. roses — plants\nend 3. no')).toEqual([
    { n: 1, line: 'bees' },
    { n: 2, line: 'roses — plants' },
  ]);
});
