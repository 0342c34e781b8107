import { expect, test } from 'vitest';
import { characterTables, DIGIT, LOWER, UPPER, WORD } from './character-classes.js';

test('characterTables agrees with the properties of every character of the basic plane', () => {
  const { classes, folded } = characterTables('en');
  const differing: string[] = [];
  for (let c = 0; c < 65536; c++) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const s = String.fromCharCode(c);
    const word = /^[\p{L}\p{N}\p{M}]$/u.test(s) && c !== 0x2bc; // which joins, as an apostrophe
    const lowered = s.toLowerCase();
    const same =
      ((classes[c] & WORD) !== 0) === word &&
      ((classes[c] & DIGIT) !== 0) === /^\p{Nd}$/u.test(s) &&
      ((classes[c] & UPPER) !== 0) === /^[\p{Lu}\p{Lt}]$/u.test(s) &&
      ((classes[c] & LOWER) !== 0) === /^\p{Ll}$/u.test(s) &&
      (!word || lowered.length > 1 || folded[c] === lowered.charCodeAt(0) || s === 'ς');
    if (!same) differing.push(c.toString(16));
  }
  expect(differing).toEqual([]);
});
