import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Random } from '@catchword/math';
import { cacheFolder } from '../harness/places.js';

const SYLLABLES = 'ba den for gri hal jo kun lem mar ne os pra qui ros sten tor ul ver wis zan'.split(' ');

/**
 * Writes a large SKOS vocabulary in Turtle: concepts with a preferred label in German and English, an alternative label, a
 * notation and a broader concept each; about 250 bytes a concept.
 *
 * @param release 1, or 2: there every hundredth concept is gone, every hundredth has a new label, and one in a hundred is new
 * @returns the file, which stays in the cache
 */
export async function syntheticVocabulary(nConcepts: number, release: 1 | 2): Promise<string> {
  const file = join(cacheFolder('vocabularies'), `synthetic-${nConcepts}-${release}.ttl`);
  if (!existsSync(file)) {
    await pipeline(Readable.from(turtle(nConcepts, release)), createWriteStream(`${file}.part`));
    renameSync(`${file}.part`, file);
  }
  return file;
}

function* turtle(nConcepts: number, release: 1 | 2): Generator<string, void, undefined> {
  yield '@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix c: <http://example.org/concept/> .\n';
  let chunk: string[] = [];
  const last = release === 1 ? nConcepts : nConcepts + Math.floor(nConcepts / 100);
  for (let i = 0; i < last; i++) {
    if (release === 2 && i < nConcepts && i % 100 === 50) continue;
    const random = new Random(i + 1); // a concept of its own, whatever stands before it
    const label = `${word(random)} ${word(random)}`;
    const changed = release === 2 && i % 100 === 20 ? ' neu' : '';
    const parent = Math.floor(i / 8);
    const broader = i > 0 && parent % 100 !== 50 ? ` ;\n  skos:broader c:${parent}` : '';
    chunk.push(
      `c:${i} a skos:Concept ;\n  skos:prefLabel "${label}${changed}"@de, "${word(random)}, ${label}"@en ;\n` +
        `  skos:altLabel "${word(random)}"@de ;\n  skos:notation "${i.toString(36)}"${broader} .\n`,
    );
    if (chunk.length === 1000) {
      yield chunk.join('');
      chunk = [];
    }
  }
  yield chunk.join('');
}

function word(random: Random): string {
  let text = '';
  for (let n = 2 + random.below(3); n > 0; n--) text += SYLLABLES[random.below(SYLLABLES.length)];
  return text;
}
