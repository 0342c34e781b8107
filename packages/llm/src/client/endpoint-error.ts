import { type ErrorDetails, OperationError } from '@catchword/core';

/** Why an endpoint gave nothing that can be used. */
export type EndpointFailure =
  | 'misconfigured'
  | 'timed-out'
  | 'not-reached'
  | 'overloaded'
  | 'server-failed'
  | 'refused'
  | 'redirected'
  | 'too-large'
  | 'unreadable'
  | 'budget-spent'
  | 'paused';

/** Failures that may pass: the same request may be answered a little later. */
const PASSING: readonly EndpointFailure[] = ['timed-out', 'not-reached', 'overloaded', 'server-failed'];

/** A model elsewhere that gave nothing that can be used. Neither message nor context hold the key or a document's text. */
export class EndpointError extends OperationError {
  readonly failure: EndpointFailure;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;
  /** How long the service asks us to wait. */
  readonly retryAfterMs: number | undefined;
  /** What a refusal says, at most 500 characters, without the key. */
  readonly detail: string;

  constructor(
    failure: EndpointFailure,
    message: string,
    details: ErrorDetails & {
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly detail?: string;
    } = {},
  ) {
    super('endpoint-failed', message, details);
    this.failure = failure;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.detail = details.detail ?? '';
  }

  /** True where the same request may be answered a little later. */
  get isPassing(): boolean {
    return PASSING.includes(this.failure);
  }
}
