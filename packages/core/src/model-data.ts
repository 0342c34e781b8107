import type { ArrayPack } from '@catchword/math';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** A model as data: facts as JSON, numbers as named typed arrays in one shared buffer. Never code. */
export interface ModelData {
  readonly meta: JsonObject;
  readonly pack: ArrayPack;
}
