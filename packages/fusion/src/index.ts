export { askSources } from './ask-sources.js';
export { ensemble } from './ensemble/backend.js';
export { fusion } from './fusion/backend.js';
