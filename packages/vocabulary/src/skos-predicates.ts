import { GVP, ISOTHES, OWL, RDF, RDFS, SKOS, SKOSEXT, SKOSXL } from './namespaces.js';

// What a predicate means to us. Labels come first: their codes are the kinds of labels as they are collected.
export const PREF_LABEL = 0;
export const ALT_LABEL = 1;
export const HIDDEN_LABEL = 2;
export const RDFS_LABEL = 3;
export const LITERAL_FORM = 4;
export const NOTATION = 5;
export const TYPE = 6;
export const BROADER = 7;
export const NARROWER = 8;
export const RELATED = 9;
export const MEMBER = 10;
export const MEMBER_LIST = 11;
export const LIST_FIRST = 12;
export const LIST_REST = 13;
export const IN_SCHEME = 14;
export const HAS_TOP_CONCEPT = 15;
export const DEPRECATED = 16;
export const XL_PREF_LABEL = 17;
export const XL_ALT_LABEL = 18;
export const XL_HIDDEN_LABEL = 19;
export const DEFINITION = 20;
export const SCOPE_NOTE = 21;
/** The text of a definition or note that is a node of its own. */
export const VALUE = 22;

/** The predicates that are kept; all others are passed over. */
export const PREDICATES: ReadonlyMap<string, number> = new Map([
  [`${SKOS}prefLabel`, PREF_LABEL],
  [`${SKOS}altLabel`, ALT_LABEL],
  [`${SKOS}hiddenLabel`, HIDDEN_LABEL],
  [`${RDFS}label`, RDFS_LABEL],
  [`${SKOSXL}literalForm`, LITERAL_FORM],
  [`${SKOSXL}prefLabel`, XL_PREF_LABEL],
  [`${SKOSXL}altLabel`, XL_ALT_LABEL],
  [`${SKOSXL}hiddenLabel`, XL_HIDDEN_LABEL],
  [`${SKOS}notation`, NOTATION],
  [`${RDF}type`, TYPE],
  [`${SKOS}broader`, BROADER],
  [`${SKOS}narrower`, NARROWER],
  [`${SKOS}related`, RELATED],
  ...subProperties('broader', BROADER),
  ...subProperties('narrower', NARROWER),
  [`${SKOSEXT}partOf`, BROADER],
  [`${SKOS}member`, MEMBER],
  [`${SKOS}memberList`, MEMBER_LIST],
  [`${RDF}first`, LIST_FIRST],
  [`${RDF}rest`, LIST_REST],
  [`${SKOS}inScheme`, IN_SCHEME],
  [`${SKOS}topConceptOf`, IN_SCHEME],
  [`${SKOS}hasTopConcept`, HAS_TOP_CONCEPT],
  [`${OWL}deprecated`, DEPRECATED],
  [`${SKOS}definition`, DEFINITION],
  [`${SKOS}scopeNote`, SCOPE_NOTE],
  [`${RDF}value`, VALUE],
]);

/** Sub-properties of the hierarchical relations: ISO 25964, the National Library of Finland's, the Getty's. */
function subProperties(relation: string, code: number): [string, number][] {
  return [ISOTHES, SKOSEXT, GVP].flatMap((namespace) =>
    ['Generic', 'Partitive', 'Instantial'].map((kind): [string, number] => [`${namespace}${relation}${kind}`, code]),
  );
}
