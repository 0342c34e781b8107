import type { Messages } from './messages.js';
import type { Results } from './results.js';

/** What a command works with besides its arguments. */
export interface Session {
  readonly results: Results;
  readonly messages: Messages;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
}
