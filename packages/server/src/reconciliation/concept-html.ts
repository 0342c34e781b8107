import type { ConceptFacts } from '../models/concept-facts.js';

/** A concept as a small piece of HTML; whatever stands in labels is text, and only web addresses become links. */
export function conceptHtml(concept: ConceptFacts): string {
  const names = (list: readonly { readonly label: string }[]) => list.map(({ label }) => label).join(', ');
  const others = concept.labels.filter(({ kind, text }) => kind === 'alternative' && text !== concept.label);
  const language = languageOf(concept);
  const definition = concept.definitions.find((each) => each.language === language) ?? concept.definitions[0];
  const rows: [string, string][] = [
    ['Definition', definition?.text ?? ''],
    [
      'Also',
      others
        .slice(0, 10)
        .map(({ text, language }) => `${text}${language ? ` (${language})` : ''}`)
        .join(', '),
    ],
    ['Broader', names(concept.broader.slice(0, 10))],
    ['Narrower', names(concept.narrower.slice(0, 10))],
    ['Related', names(concept.related.slice(0, 10))],
    ['Notation', concept.notation ?? ''],
  ];
  const isLink = /^https?:\/\//i.test(concept.uri);
  const uri = escapeHtml(concept.uri);
  const link = isLink ? `<a href="${uri}" target="_blank" rel="noopener noreferrer">${uri}</a>` : uri;
  const list = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<div><b>${name}:</b> ${escapeHtml(value)}</div>`)
    .join('');
  return `<div lang="${escapeHtml(language)}"><h3>${escapeHtml(concept.label)}</h3>${list}<div>${link}</div></div>`;
}

function languageOf({ labels, label }: ConceptFacts): string {
  return labels.find(({ text }) => text === label)?.language ?? '';
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
