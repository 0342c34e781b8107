import type { ServedProjects } from '../models/served-projects.js';
import type { ServedVocabularies } from '../models/served-vocabularies.js';
import type { Metrics } from '../operation/metrics.js';
import type { ServerOptions } from '../server-options.js';

/** What routes work with. */
export interface RouteContext {
  readonly projects: ServedProjects;
  readonly vocabularies: ServedVocabularies;
  readonly metrics: Metrics;
  readonly options: ServerOptions;
  readonly version: string;
  /** For whoever runs the server. */
  readonly warn: (message: string) => void;
}
