export type { HarvestFormat, HarvestOptions, HarvestReport } from './harvest.js';
export { HARVEST_FORMATS, harvest } from './harvest.js';
export type { HarvestRequest, HarvestState } from './harvest-files.js';
export { finishedHarvest, isUnplaced } from './harvest-files.js';
export type { OaiClientOptions } from './oai-client.js';
export { DEFAULT_OAI_CLIENT } from './oai-client.js';
