export { ensemble } from './ensemble/backend.js';
