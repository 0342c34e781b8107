import type { BackendContext } from '@catchword/core';
import { AnswerMemory } from '../client/answer-memory.js';
import { EmbeddingClient } from '../client/embedding-client.js';
import { openService } from '../reader/open-reader.js';
import { GroupEmbedder } from './group-embedder.js';
import { OnnxEmbedder } from './onnx-embedder.js';
import type { EmbeddingParams } from './params.js';

/** Vectors of one request: 64 of 8,192 numbers with some 20 digits each. */
const MOST_ANSWER_BYTES = 16 << 20;

/**
 * Opens the model that is configured.
 *
 * @param stateFrom as `EndpointState` takes it, where the backend asks another service as well
 * @throws {EndpointError} `misconfigured` if none is named, or it cannot be used
 */
export function openEmbedder(params: EmbeddingParams, context: BackendContext, stateFrom = 0): GroupEmbedder {
  const { folder, service } = params;
  const cache = service.cache ? context.answers : undefined;
  if (folder !== undefined) return new GroupEmbedder(new OnnxEmbedder(folder), cache, 1);
  // Vectors are kept by groups, as bytes: keeping each one as well would take many times the room.
  const opened = openService(service, context, 0, process.env, { mostAnswerBytes: MOST_ANSWER_BYTES, stateFrom });
  const client = new EmbeddingClient(opened, new AnswerMemory());
  return new GroupEmbedder(client, cache, service.concurrency);
}
