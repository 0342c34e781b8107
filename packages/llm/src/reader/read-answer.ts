/** What an answer says of the candidates. */
export interface AnswerReading {
  /** Shape (n): from 0 to 1; NaN where the answer says nothing of the candidate. */
  readonly values: Float64Array;
  /** Numbers that no candidate has. */
  readonly nUnknown: number;
  /** Numbers that came again; the first time counts. */
  readonly nRepeated: number;
}

/** `{"1":3}`: a number that is the whole key, and its grade, with something after it, so that a grade is not half of one. */
const KEYED = /(?:"(\d{1,4})"|(?<=[\s,{])(\d{1,4}))\s*:\s*"?(-?\d{1,6}(?:\.\d{1,6})?)"?(?=[\s,}\]])/g;
/** `[[1,3]]` */
const PAIRS = /\[\s*(\d{1,4})\s*,\s*(-?\d{1,6}(?:\.\d{1,6})?)\s*\]/g;
const OBJECTS = /\{[^{}]*\}/g;
const NUMBER_KEY = /"(?:n|id|no|number|index|candidate)"\s*:\s*"?(\d{1,4})"?/i;
const GRADE_KEY = /"(?:g|grade|score|rating|relevance|value)"\s*:\s*"?(-?\d{1,6}(?:\.\d{1,6})?)"?/i;

/**
 * Reads grades from whatever a model wrote: the JSON that was asked for, other JSON of that sense, JSON among prose, or the
 * beginning of JSON that breaks off.
 *
 * Only numbers of candidates come out, so that nothing else that a model says, or was told by a text to say, has an effect.
 *
 * @param n candidates, numbered from 1
 * @param best the best grade; beyond it and below 0 grades are cut
 */
export function readGrades(text: string, n: number, best: number): AnswerReading {
  const json = fromFirstBracket(text);
  const found: [number: string, grade: string][] = [];
  for (const [object] of json.matchAll(OBJECTS)) {
    const number = NUMBER_KEY.exec(object)?.[1];
    const grade = GRADE_KEY.exec(object)?.[1];
    if (number !== undefined && grade !== undefined) found.push([number, grade]);
  }
  if (found.length === 0) {
    for (const [, quoted, bare = '', grade = ''] of json.matchAll(KEYED)) found.push([quoted ?? bare, grade]);
  }
  if (found.length === 0) {
    for (const [, number = '', grade = ''] of json.matchAll(PAIRS)) found.push([number, grade]);
  }
  const reading = new Reading(n);
  for (const [number, grade] of found) reading.note(Number(number), Math.min(1, Math.max(0, Number(grade) / best)));
  return reading;
}

/**
 * Reads an order of candidates: the first gets 1, the last of n would get 0. Those that are left out are missing.
 *
 * @param n candidates, numbered from 1
 */
export function readOrder(text: string, n: number): AnswerReading {
  const from = text.indexOf('[');
  const reading = new Reading(n);
  if (from < 0) return reading;
  const to = text.indexOf(']', from);
  // An answer that breaks off may have lost the last digits of its last number.
  const list = to < 0 ? text.slice(from, text.lastIndexOf(',') + 1) : text.slice(from, to);
  let place = 0;
  for (const [number] of list.matchAll(/\d+/g)) {
    if (reading.note(Number(number), n === 1 ? 1 : 1 - place / (n - 1))) place++;
  }
  return reading;
}

function fromFirstBracket(text: string): string {
  const at = text.search(/[{[]/);
  return at < 0 ? '' : text.slice(at);
}

class Reading implements AnswerReading {
  readonly values: Float64Array;
  nUnknown = 0;
  nRepeated = 0;

  constructor(n: number) {
    this.values = new Float64Array(n).fill(Number.NaN);
  }

  /** @returns whether it counts */
  note(number: number, value: number): boolean {
    if (!Number.isInteger(number) || number < 1 || number > this.values.length || !Number.isFinite(value)) {
      this.nUnknown++;
      return false;
    }
    if (!Number.isNaN(this.values[number - 1])) {
      this.nRepeated++;
      return false;
    }
    this.values[number - 1] = value;
    return true;
  }
}
