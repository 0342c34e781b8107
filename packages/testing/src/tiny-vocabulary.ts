import type { SkosVocabulary } from '@catchword/vocabulary';
import { type ConceptSpec, updatedBy, vocabularyOf } from './concept-vocabulary.js';

const BASE = 'http://example.org/tiny/';
const GARDEN = `${BASE}collection/garden`;

interface TinyRelations {
  readonly alt?: ConceptSpec['alt'];
  readonly hidden?: ConceptSpec['hidden'];
  /** Names of concepts, the last part of their URI. */
  readonly broader?: string;
  readonly related?: string;
  readonly garden?: boolean;
  readonly deprecated?: boolean;
}

function concept(name: string, en: string, de: string, fi: string, more: TinyRelations = {}): ConceptSpec {
  const { alt, hidden, broader, related, garden, deprecated } = more;
  return {
    uri: BASE + name,
    pref: { en, de, fi },
    ...(alt && { alt }),
    ...(hidden && { hidden }),
    ...(broader && { broader: [BASE + broader] }),
    ...(related && { related: [BASE + related] }),
    ...(garden && { collections: [GARDEN] }),
    ...(deprecated && { deprecated }),
  };
}

/**
 * Some thirty concepts in English, German and Finnish with what makes labels hard: homographs with qualifiers, short
 * labels and acronyms, a name with a comma, compounds and their parts, hidden labels, a deprecated concept.
 */
export const TINY_CONCEPTS: readonly ConceptSpec[] = [
  concept('plants', 'plants', 'Pflanzen', 'kasvit', { alt: { en: 'flora', de: 'Flora', fi: 'kasvisto' } }),
  concept('trees', 'trees', 'Bäume', 'puut', { broader: 'plants', garden: true }),
  concept('apple-trees', 'apple trees', 'Apfelbäume', 'omenapuut', {
    alt: { en: 'Malus domestica', de: 'Malus domestica', fi: 'Malus domestica' },
    broader: 'trees',
    garden: true,
  }),
  concept('roses', 'roses', 'Rosen', 'ruusut', { broader: 'plants', garden: true }),
  concept('seeds', 'seeds', 'Samen', 'siemenet', { alt: { de: 'Saatgut' }, related: 'plants' }),
  concept('soil', 'soil', 'Boden', 'maaperä', { alt: { en: 'earth (soil)', de: 'Erdboden' } }),
  concept('soil-fertility', 'soil fertility', 'Bodenfruchtbarkeit', 'maaperän viljavuus', { related: 'soil' }),
  concept('compost', 'compost', 'Kompost', 'komposti', { broader: 'fertilizers', garden: true }),
  concept('fertilizers', 'fertilizers', 'Düngemittel', 'lannoitteet', {
    alt: { en: ['fertilisers', 'plant nutrients'], de: 'Dünger' },
    related: 'soil-fertility',
  }),
  concept('irrigation', 'irrigation', 'Bewässerung', 'kastelu', { related: 'water', garden: true }),
  concept('water', 'water', 'Wasser', 'vesi'),
  concept('water-quality', 'water quality', 'Wasserqualität', 'vedenlaatu', { related: 'water' }),
  concept('groundwater', 'groundwater', 'Grundwasser', 'pohjavesi', { broader: 'water' }),
  concept('planets', 'planets', 'Planeten', 'planeetat'),
  concept('mercury-planet', 'Mercury (planet)', 'Merkur (Planet)', 'Merkurius (planeetta)', { broader: 'planets' }),
  concept('mercury-metal', 'mercury (metal)', 'Quecksilber', 'elohopea', {
    alt: { en: 'quicksilver' },
    broader: 'heavy-metals',
  }),
  concept('heavy-metals', 'heavy metals', 'Schwermetalle', 'raskasmetallit'),
  concept('insects', 'insects', 'Insekten', 'hyönteiset'),
  concept('bees', 'bees', 'Bienen', 'mehiläiset', { broader: 'insects', garden: true }),
  concept('beekeeping', 'beekeeping', 'Imkerei', 'mehiläishoito', {
    alt: { en: 'apiculture', de: 'Bienenhaltung' },
    hidden: { en: 'bee-keping', de: 'Imckerei' },
    related: 'bees',
  }),
  concept('honey', 'honey', 'Honig', 'hunaja', { related: 'beekeeping' }),
  concept('pollination', 'pollination', 'Bestäubung', 'pölytys', { related: 'bees' }),
  concept('labour', 'labour', 'Arbeit', 'työ', { alt: { en: 'work' } }),
  concept('markets', 'markets', 'Märkte', 'markkinat', { alt: { de: 'Markt' } }),
  concept('labour-market', 'labour market', 'Arbeitsmarkt', 'työmarkkinat', { related: 'labour' }),
  concept('european-union', 'European Union', 'Europäische Union', 'Euroopan unioni', {
    alt: { en: 'EU', de: 'EU', fi: 'EU' },
  }),
  concept('three-d', '3D', '3D', '3D'),
  concept('linnaeus', 'Linnaeus, Carl', 'Linné, Carl von', 'Linné, Carl von', { related: 'plants' }),
  concept('who', 'World Health Organization', 'Weltgesundheitsorganisation', 'Maailman terveysjärjestö', {
    alt: { en: 'WHO', de: 'WHO', fi: 'WHO' },
  }),
  concept('cranes-birds', 'cranes (birds)', 'Kraniche', 'kurjet'),
  concept('cranes-machines', 'cranes (machines)', 'Krane', 'nosturit'),
  concept('horticulture', 'horticulture', 'Gartenbau', 'puutarhanhoito', {
    alt: { en: 'gardening', de: 'Gärtnern' },
    hidden: { en: 'hortikulture' },
  }),
  concept('greenhouses', 'greenhouses', 'Gewächshäuser', 'kasvihuoneet', { related: 'horticulture', garden: true }),
  concept('phlogiston', 'phlogiston', 'Phlogiston', 'flogiston', { deprecated: true }),
].map((each, i) => ({ ...each, notation: String(100 + i) }));

/** A concept that the tiny vocabulary does not have, and a text about it in each language. */
export const NEW_CONCEPT: ConceptSpec = concept('perlite', 'perlite', 'Perlit', 'perliitti', {
  related: 'soil',
  garden: true,
});
export const NEW_CONCEPT_TEXTS: Readonly<Record<string, string>> = {
  en: 'Perlite for pots. Perlite is a light glass of volcanoes, and this book says how perlite is used.',
  de: 'Perlit für Töpfe. Perlit ist ein leichtes Glas aus Vulkanen, und das Buch sagt, wozu Perlit taugt.',
  fi: 'Perliitti ruukuissa. Perliitti on kevyttä lasia, ja kirja kertoo, mihin perliitti sopii.',
};

export const TINY_LANGUAGES: readonly string[] = ['en', 'de', 'fi'];

export function tinyVocabulary(): SkosVocabulary {
  return vocabularyOf(TINY_CONCEPTS);
}

/** The tiny vocabulary after an update that added NEW_CONCEPT, which has the last id. */
export function grownVocabulary(): SkosVocabulary {
  return updatedBy(tinyVocabulary(), [...TINY_CONCEPTS, NEW_CONCEPT]).vocabulary;
}

/** Another vocabulary, too small for a model of the tiny one. */
export function otherVocabulary(): SkosVocabulary {
  return vocabularyOf(
    ['iron', 'copper', 'tin'].map((name) => ({
      uri: `http://example.org/other/${name}`,
      pref: { en: name, de: name },
    })),
  );
}
