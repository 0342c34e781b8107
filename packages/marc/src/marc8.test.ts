import { expect, test } from 'vitest';
import { decodeMarc8, encodeMarc8, Marc8Error } from './marc8.js';

test.each([
  ['plain', 'plain'],
  ['K\xe8ase', 'Käse'],
  ['\xe2E', 'É'],
  ['Vi\xf2\xe3et', 'Việt'],
  ['\xa1\xb1\xa2\xb2\xc7\xc8', 'ŁłØøß€'],
  ['t\xebs\xeca', 't\u0073\u0361a'],
  ['H\x1bb2\x1bsO and x\x1bp2\x1bs', 'H₂O and x²'],
  ['\x1bgabc\x1bs', 'αβγ'],
  ['\x1b(!E!\x1b(B and \x1b)!E\xa1', 'Ł and Ł'],
  ['&#x20AC; &#X4E2D;', '€ 中'],
  ['\x88The \x89cats', '\u0098The \u009ccats'],
])('decodeMarc8 reads %j', (bytes, text) => {
  expect(decodeMarc8(bytes)).toBe(text.normalize('NFC'));
});

test.each([
  ['\x1b(N@', /Cyrillic/],
  ['\x1b$1!0!', /Chinese, Japanese and Korean/],
  ['\x1b(2a', /Hebrew/],
  ['\x1b~', /names no set/],
  ['\xfd', /the byte FD stands for no character/],
])('decodeMarc8 refuses %j', (bytes, message) => {
  expect(() => decodeMarc8(bytes)).toThrow(message);
  expect(() => decodeMarc8(bytes)).toThrow(Marc8Error);
});

test.each([
  ['Käse', 'K\xe8ase'],
  ['Việt', 'Vi\xf2\xe3et'],
  ['Łódź', '\xa1\xe2od\xe2z'],
  ['中 €', '&#x4E2D; \xc8'],
])('encodeMarc8 writes %s, and decodeMarc8 reads it back', (text, bytes) => {
  expect(encodeMarc8(text)).toBe(bytes);
  expect(decodeMarc8(bytes)).toBe(text);
});
