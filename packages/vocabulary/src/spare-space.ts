/** @returns the text with single spaces; XML that was indented for the eye puts line ends into labels */
export function withoutSpareSpace(text: string): string {
  let spare = false;
  let before = 0x20;
  for (let i = 0; i < text.length && !spare; i++) {
    const c = text.charCodeAt(i);
    spare = (c >= 0x09 && c <= 0x0d) || (c === 0x20 && before === 0x20);
    before = c;
  }
  return spare || (text !== '' && before === 0x20) ? text.replace(/[\t-\r ]+/g, ' ').trim() : text;
}
