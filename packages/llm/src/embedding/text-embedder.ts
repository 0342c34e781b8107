import type { Embeddings } from '../client/embedding-client.js';
import type { CallOptions } from '../client/endpoint-service.js';

/** A model that turns texts into vectors: at an endpoint, or in this process. */
export interface TextEmbedder {
  /** Names it: vectors of models with other names are never compared. */
  readonly name: string;
  /**
   * @param texts at least one
   * @throws {EndpointError} if there are no vectors that can be used; the signal's reason after an abort
   */
  embed(texts: readonly string[], options: CallOptions): Promise<Embeddings>;
  close?(): Promise<void>;
}
