// Columns of `Candidates.evidence`: what a text says of a subject, in raw counts. Single constants, which are compiled in where
// they are used; a table of them would be read each time.

/** Places where all words of a label stand together, in order. */
export const count = 0;
/** … in the label's own surface form. */
export const exact = 1;
/** … of a preferred label. */
export const pref = 2;
/** … of a label without its qualifier. */
export const stripped = 3;
/** … that no longer match covers. */
export const maximal = 4;
/** … where an acronym is written in small letters. */
export const lowerAcronym = 5;
/** First and last such place, as token numbers. */
export const first = 6;
export const last = 7;
/** Sentences with such a place; the last one counted. */
export const sentences = 8;
export const lastSentence = 9;
/** Most terms of a label that stands together. */
export const terms = 10;
/** Fewest subjects that share the label. */
export const sharers = 11;
/** Rarity of the label's terms, summed. */
export const weight = 12;
/** Sentences that hold all words of a label apart; the last one counted; the shortest stretch, in tokens beyond the label. */
export const apart = 13;
export const lastApart = 14;
export const gap = 15;
export const firstApart = 16;
/** Best share of a label's weight that the text covers, and that weight. */
export const coverage = 17;
export const coveredWeight = 18;
/** Words of the text that the label begins, that it ends; best share of letters; first such word. */
export const begins = 19;
export const ends = 20;
export const partShare = 21;
export const firstPart = 22;
/** Words of the text that begin or end the label; best share of letters. */
export const holds = 23;
export const holdShare = 24;
export const firstHold = 25;
/** Places in the first sentence where all words of a label stand together. */
export const firstSentence = 26;
/** Sentences that hold all words of a label apart and in its order. */
export const ordered = 27;
