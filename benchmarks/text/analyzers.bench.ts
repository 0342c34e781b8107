// How many characters a second does each analyzer read: at first, when every word is new, and then?
import { createAnalyzer } from '@catchword/text';
import { documentLines, firstDocuments } from '../harness/document-files.js';
import { dataFile } from '../harness/places.js';
import { round } from '../harness/result-lines.js';
import { runVariants, Skipped, timed } from '../harness/variants.js';

const N_DOCS = 2000;
const TEXTS: Readonly<Record<string, string>> = {
  en: 'eurlex57k/train.tsv.gz',
  de: 'tibkat-gnd/train.de.tsv.gz',
  fi: 'kirjastonhoitaja/train.tsv.gz',
};

async function measure(spec: string, language: string) {
  const path = dataFile(TEXTS[language] ?? '');
  if (path === undefined) throw new Skipped(`there is no ${TEXTS[language]}`);
  const texts = documentLines(firstDocuments(path, N_DOCS)).map((line) => line.split('\t', 1)[0] ?? '');
  const nCharacters = texts.reduce((sum, text) => sum + text.length, 0);
  const { result: analyzer, seconds: loading } = await timed(() => createAnalyzer(spec, { language }));
  let nTokens = 0;
  const pass = () => {
    for (const text of texts) nTokens += analyzer.analyze(text).nTokens;
  };
  const first = await timed(pass);
  const warm = await timed(pass);
  return {
    characters: nCharacters,
    tokens: nTokens / 2,
    surfaces: analyzer.nSurfaces,
    loadingMs: round(loading * 1000, 1),
    firstMegaCharsPerSecond: round(nCharacters / first.seconds / 1e6, 1),
    warmMegaCharsPerSecond: round(nCharacters / warm.seconds / 1e6, 1),
  };
}

function prepare(): void {
  for (const file of Object.values(TEXTS)) {
    const path = dataFile(file);
    if (path !== undefined) firstDocuments(path, N_DOCS);
  }
}

await runVariants(
  import.meta.url,
  {
    'simple, en': () => measure('simple', 'en'),
    'snowball(english), en': () => measure('snowball(english)', 'en'),
    'natural(english), en': () => measure('natural(english)', 'en'),
    'wink, en': () => measure('wink', 'en'),
    'snowball(german), de': () => measure('snowball(german)', 'de'),
    'snowball(finnish), fi': () => measure('snowball(finnish)', 'fi'),
  },
  prepare,
);
