export const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
export const RDFS = 'http://www.w3.org/2000/01/rdf-schema#';
export const OWL = 'http://www.w3.org/2002/07/owl#';
export const SKOS = 'http://www.w3.org/2004/02/skos/core#';
export const SKOSXL = 'http://www.w3.org/2008/05/skos-xl#';
export const ISOTHES = 'http://purl.org/iso25964/skos-thes#';
export const SKOSEXT = 'http://purl.org/finnonto/schema/skosext#';
export const GVP = 'http://vocab.getty.edu/ontology#';

/** Prefixes that a rule may use although the vocabulary file does not declare them. */
export const WELL_KNOWN_PREFIXES: Readonly<Record<string, string>> = {
  dc: 'http://purl.org/dc/elements/1.1/',
  dct: 'http://purl.org/dc/terms/',
  dcterms: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  gnd: 'https://d-nb.info/gnd/',
  gndo: 'https://d-nb.info/standards/elementset/gnd#',
  gvp: GVP,
  isothes: ISOTHES,
  owl: OWL,
  rdf: RDF,
  rdfs: RDFS,
  schema: 'https://schema.org/',
  skos: SKOS,
  skosext: SKOSEXT,
  skosxl: SKOSXL,
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  yso: 'http://www.yso.fi/onto/yso/',
  'yso-meta': 'http://www.yso.fi/onto/yso-meta/2007-03-02/',
};
