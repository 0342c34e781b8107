import { readFileSync } from 'node:fs';
import type { ItsFunction } from 'wink-nlp';

/** Brings a word, in lower case, to its term: a stem or a lemma. */
export type Normalise = (word: string) => string;

/** Snowball's languages by the name that specs use. Annif offers those of NLTK; the others are a gift of the package. */
const snowballCodes: Readonly<Record<string, string>> = {
  arabic: 'ar',
  danish: 'da',
  dutch: 'nl',
  english: 'en',
  finnish: 'fi',
  french: 'fr',
  german: 'de',
  hungarian: 'hu',
  italian: 'it',
  norwegian: 'no',
  portuguese: 'pt',
  romanian: 'ro',
  russian: 'ru',
  spanish: 'es',
  swedish: 'sv',
  armenian: 'hy',
  basque: 'eu',
  catalan: 'ca',
  czech: 'cs',
  esperanto: 'eo',
  estonian: 'et',
  greek: 'el',
  hindi: 'hi',
  indonesian: 'id',
  irish: 'ga',
  lithuanian: 'lt',
  nepali: 'ne',
  persian: 'fa',
  polish: 'pl',
  serbian: 'sr',
  tamil: 'ta',
  turkish: 'tr',
  yiddish: 'yi',
};

/** Names that `snowball(…)` takes; `porter` is the original English algorithm. */
export const SNOWBALL_LANGUAGES: readonly string[] = [...Object.keys(snowballCodes), 'porter'].sort();

/** The name in `snowball(…)` of a language given by its ISO 639-1 code, or undefined. */
export function snowballLanguage(code: string): string | undefined {
  const wanted = code === 'nb' || code === 'nn' ? 'no' : code;
  return Object.keys(snowballCodes).find((name) => snowballCodes[name] === wanted);
}

/** The stemmer files of the package `natural`, by the name that `natural(…)` takes. */
const naturalFiles: Readonly<Record<string, string>> = {
  dutch: 'porter_stemmer_nl',
  english: 'porter_stemmer',
  french: 'porter_stemmer_fr',
  german: 'porter_stemmer_de',
  italian: 'porter_stemmer_it',
  lancaster: 'lancaster_stemmer',
  norwegian: 'porter_stemmer_no',
  persian: 'porter_stemmer_fa',
  portuguese: 'porter_stemmer_pt',
  russian: 'porter_stemmer_ru',
  spanish: 'porter_stemmer_es',
  swedish: 'porter_stemmer_sv',
  ukrainian: 'porter_stemmer_uk',
};

/** Names that `natural(…)` takes. */
export const NATURAL_LANGUAGES: readonly string[] = Object.keys(naturalFiles).sort();

/** Loads a Snowball stemmer; the algorithms are compiled to WebAssembly, one module of 376 kB for all. */
export async function loadSnowball(language: string): Promise<Normalise> {
  if (language === 'porter') return loadNatural('english');
  await startStemmers();
  const { createStemmer, Languages } = await import('multilingual-stemmer');
  const name = language[0].toUpperCase() + language.slice(1);
  return createStemmer(Languages[name as keyof typeof Languages] as number);
}

/**
 * Starts the package's module before the package does: it would ask whether the platform knows `Request`, which makes
 * Node.js load its HTTP client, 12 MiB.
 */
async function startStemmers(): Promise<void> {
  const folder = new URL('./browser/', import.meta.resolve('multilingual-stemmer'));
  const { initSync } = (await import(new URL('index.js', folder).href)) as { initSync(source: object): void };
  initSync({ module: readFileSync(new URL('index_bg.wasm', folder)) });
}

/** Loads one stemmer file of `natural`: its root would take a second and pull in database drivers. */
export async function loadNatural(language: string): Promise<Normalise> {
  const file = `natural/lib/natural/stemmers/${naturalFiles[language]}.js`;
  const { default: stemmer } = (await import(file)) as { default: { stem(word: string): string } };
  return (word) => stemmer.stem(word);
}

/** Loads the English lemmatiser. Words are looked at without their neighbours, so a form always has the same lemma. */
export async function loadWink(): Promise<Normalise> {
  const [{ default: winkNlp }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = winkNlp(model, ['sbd', 'pos']);
  // The package's types know the helper by its three-argument form only.
  const lemma = nlp.its.lemma as unknown as ItsFunction<string>;
  return (word) => {
    const tokens = nlp.readDoc(word).tokens();
    return tokens.length() === 1 ? (tokens.itemAt(0).out(lemma) ?? word) : word;
  };
}
