import { LEXICAL_SETS } from '../harness/data-sets.js';

/** @returns the project of a set in both programs */
export function projectOf(set: string): string {
  return `mllm-${set}`;
}

/** The projects that both programs read: Annif's mllm with its defaults. */
export const LEXICAL_CONFIGURATION = LEXICAL_SETS.map(
  ({ name, language, snowball, vocabulary }) =>
    `[${projectOf(name)}]\nname=MLLM ${name}\nlanguage=${language}\nbackend=mllm\n` +
    `analyzer=snowball(${snowball})\nvocab=${vocabulary}\nlimit=100\n`,
).join('\n');
