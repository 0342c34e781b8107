import { type Corpus, type Document, LABEL_HIDDEN, SUBJECT_ACTIVE, type Vocabulary } from '@catchword/core';
import { Random } from '@catchword/math';

/** Sentences about a concept, and one that mentions another in passing. */
interface Phrases {
  readonly about: readonly ((label: string) => string)[];
  readonly inPassing: (label: string) => string;
}

const PHRASES: Readonly<Record<string, Phrases>> = {
  en: {
    about: [
      (label) => `${label} in ten lessons. The book says what beginners should know of ${label} and of their history.`,
      (label) => `A report on ${label}. Three villages were asked for their view. All of them think well of ${label}.`,
      (label) => `Letters of a sexton. He wrote down what he saw, above all ${label}, and drew it with a steady hand.`,
    ],
    inPassing: (label) => `A last chapter has pictures and an index, and a word on ${label}.`,
  },
  de: {
    about: [
      (label) => `${label} in zehn Lektionen. Das Buch sagt Anfängern, was sie über ${label} wissen sollten.`,
      (label) => `Ein Bericht über ${label}. Drei Dörfer wurden befragt. Alle halten viel von dem Thema ${label}.`,
      (label) => `Briefe eines Küsters. Er schrieb auf, was er sah, vor allem ${label}, und zeichnete es auch.`,
    ],
    inPassing: (label) => `Ein letztes Kapitel hat Bilder und ein Register und ein Wort über ${label}.`,
  },
  fi: {
    about: [
      (label) => `${label} kymmenessä tunnissa. Kirja kertoo aloittelijoille, mitä ${label} tarkoittaa ja on ollut.`,
      (label) =>
        `Raportti: ${label}. Kolmesta kylästä kysyttiin mielipiteitä. Kaikkien mielestä ${label} on hyvä asia.`,
      (label) => `Suntion kirjeet. Hän kirjoitti muistiin näkemänsä, ennen kaikkea ${label}, ja piirsikin sen.`,
    ],
    inPassing: (label) => `Viimeisessä luvussa on kuvia ja hakemisto, ja mainitaan myös ${label}.`,
  },
};

/** A corpus in memory, restartable as corpora are. */
export function corpusOf(documents: readonly Document[], name = 'documents of a test'): Corpus {
  return {
    name,
    async *documents() {
      yield* documents;
    },
  };
}

/**
 * Records as librarians would have indexed them: three on each active subject, with one of its labels, and another
 * subject mentioned that is not among their gold ones. The same ones every time.
 */
export function tinyDocuments(vocabulary: Vocabulary, language: string): Document[] {
  const phrases = PHRASES[language];
  if (!phrases) throw new RangeError(`the tiny corpus has no documents in ${language}`);
  const random = new Random(7);
  const documents: Document[] = [];
  const active = Array.from(vocabulary.status, (_, id) => id).filter((id) => vocabulary.status[id] === SUBJECT_ACTIVE);
  for (const id of active) {
    const labels = labelsOf(vocabulary, id, language);
    phrases.about.forEach((about, i) => {
      const other = active[random.below(active.length)] as number;
      const label = labels[i % labels.length] as string;
      const inPassing = vocabulary.label(other, language) ?? '';
      documents.push({
        documentId: `${language}-${id}-${i}`,
        text: `${about(label)} ${phrases.inPassing(inPassing)}`,
        subjects: [id],
      });
    });
  }
  return documents;
}

/** `tinyDocuments` as a corpus. */
export function tinyCorpus(vocabulary: Vocabulary, language: string): Corpus {
  return corpusOf(tinyDocuments(vocabulary, language), `tiny corpus in ${language}`);
}

function labelsOf(vocabulary: Vocabulary, id: number, language: string): string[] {
  const { labels, languages } = vocabulary;
  const found: string[] = [];
  for (let k = labels.indptr[id] as number; k < (labels.indptr[id + 1] as number); k++) {
    if (labels.kind[k] !== LABEL_HIDDEN && languages[labels.language[k] as number] === language)
      found.push(labels.texts.get(k));
  }
  return found;
}
