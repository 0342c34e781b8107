import { isAbsolute } from 'node:path';
import type { Embeddings } from '../client/embedding-client.js';
import { EndpointError } from '../client/endpoint-error.js';
import type { CallOptions } from '../client/endpoint-service.js';
import type { TextEmbedder } from './text-embedder.js';

/** Before the folder of a model for this process. */
export const ONNX_PREFIX = 'onnx:';

/** Installed by whoever wants models in the process; it is large, and brings a native library. */
const MODULE = '@huggingface/transformers';
const VERSION = '4.3.1';

/** What is used of that package. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; allowLocalModels: boolean };
  pipeline(task: 'feature-extraction', model: string, options: object): Promise<FeatureExtraction>;
}
interface FeatureExtraction {
  (text: string, options: { pooling: 'mean'; normalize: true }): Promise<{ readonly data: ArrayLike<number> }>;
  dispose(): Promise<unknown>;
}

/** @returns what is wrong with the folder of a model, or undefined */
export function modelFolderProblem(folder: string): string | undefined {
  if (isAbsolute(folder)) return undefined;
  return `model has to name a folder from the root, such as ${ONNX_PREFIX}/srv/models/minilm, not ${JSON.stringify(folder)}`;
}

/**
 * An embedding model in this process: a folder as ONNX models are published in (`config.json`, `tokenizer.json`,
 * `onnx/model.onnx` or `onnx/model_quantized.onnx`). Nothing is sent anywhere, and nothing is downloaded.
 *
 * Texts are embedded one by one, since int8 models give a text other numbers beside other texts.
 */
export class OnnxEmbedder implements TextEmbedder {
  readonly name: string;
  private readonly folder: string;
  private opened: Promise<FeatureExtraction> | undefined;

  /** @param folder absolute */
  constructor(folder: string) {
    this.folder = folder;
    this.name = `${ONNX_PREFIX}${folder}`;
  }

  async embed(texts: readonly string[], { budget, signal }: CallOptions): Promise<Embeddings> {
    this.opened ??= this.open();
    const extract = await this.opened;
    const started = performance.now();
    const rows: ArrayLike<number>[] = [];
    const none = { promptTokens: 0, answerTokens: 0 };
    budget.reserve(none);
    try {
      for (const text of texts) {
        signal?.throwIfAborted();
        rows.push((await extract(text, { pooling: 'mean', normalize: true })).data);
      }
    } finally {
      budget.settle(none, none, (performance.now() - started) / 1000);
    }
    const dimensions = rows[0]?.length ?? 0;
    const values = new Float32Array(rows.length * dimensions);
    for (const [i, row] of rows.entries()) values.set(row, i * dimensions);
    return { dimensions, values };
  }

  async close(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    await opened?.dispose();
    this.opened = undefined;
  }

  private async open(): Promise<FeatureExtraction> {
    const module: string = MODULE; // not resolved by the compiler: it need not be there
    let transformers: Transformers;
    try {
      transformers = (await import(module)) as Transformers;
    } catch (cause) {
      throw new EndpointError('misconfigured', `Cannot open the model ${this.folder}: ${MODULE} is not installed`, {
        hint: `Install it beside Catchword: ONNXRUNTIME_NODE_INSTALL=skip npm install ${MODULE}@${VERSION}`,
        cause,
      });
    }
    transformers.env.allowRemoteModels = false;
    transformers.env.allowLocalModels = true;
    // The whole model, or where there is none the one of signed bytes.
    const failures: unknown[] = [];
    for (const dtype of ['fp32', 'q8']) {
      try {
        const options = { dtype, session_options: { intraOpNumThreads: 1 } };
        return await transformers.pipeline('feature-extraction', this.folder, options);
      } catch (cause) {
        failures.push(cause);
      }
    }
    throw new EndpointError('misconfigured', `Cannot open the model ${this.folder}`, {
      hint: 'The folder has to hold config.json, tokenizer.json and onnx/model.onnx or onnx/model_quantized.onnx.',
      cause: failures[0],
    });
  }
}
