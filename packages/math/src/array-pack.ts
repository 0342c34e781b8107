import { type KernelMemory, noteKernelMemory } from './kernel-memory.js';

/** The typed arrays that a model may hold, by the name that its manifest uses. */
export const ARRAY_TYPES = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type ArrayTypeName = keyof typeof ARRAY_TYPES;
export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Where an array lies in a pack. */
export interface ArrayPlace {
  readonly name: string;
  readonly type: ArrayTypeName;
  /** In bytes, a multiple of 16. */
  readonly offset: number;
  /** In elements. */
  readonly length: number;
}

/** Named typed arrays in one shared buffer: passing a pack to a worker copies nothing. */
export interface ArrayPack {
  readonly buffer: SharedArrayBuffer;
  readonly places: readonly ArrayPlace[];
  /** The kernels' memory that the buffer is the beginning of, where it is one: kernels then use the arrays as they lie. */
  readonly memory?: KernelMemory | undefined;
}

/** @returns the type's name in a manifest */
export function arrayTypeName(array: NumericArray): ArrayTypeName {
  for (const [name, type] of Object.entries(ARRAY_TYPES)) if (array.constructor === type) return name as ArrayTypeName;
  throw new TypeError(`no array type of a model: ${Object.prototype.toString.call(array)}`);
}

/** Computes where each array would lie, in the order given, each aligned to 16 bytes. */
export function placeArrays(arrays: Readonly<Record<string, NumericArray>>): { places: ArrayPlace[]; nBytes: number } {
  const places: ArrayPlace[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    places.push({ name, type: arrayTypeName(array), offset, length: array.length });
    offset = Math.ceil((offset + array.byteLength) / 16) * 16; // no bit operators: they end at 2 GiB
  }
  return { places, nBytes: offset };
}

/** Copies arrays into one shared buffer. */
export function packArrays(arrays: Readonly<Record<string, NumericArray>>): ArrayPack {
  const { places, nBytes } = placeArrays(arrays);
  const buffer = new SharedArrayBuffer(nBytes);
  for (const place of places) viewArray(buffer, place).set(arrays[place.name]);
  return { buffer, places };
}

/** @returns views over the pack's buffer, by name, in an object without prototype */
export function viewArrays(pack: ArrayPack): Record<string, NumericArray> {
  if (pack.memory) noteKernelMemory(pack.buffer, pack.memory);
  const arrays: Record<string, NumericArray> = Object.create(null);
  for (const place of pack.places) arrays[place.name] = viewArray(pack.buffer, place);
  return arrays;
}

function viewArray(buffer: ArrayBufferLike, place: ArrayPlace): NumericArray {
  return new ARRAY_TYPES[place.type](buffer as ArrayBuffer, place.offset, place.length);
}
