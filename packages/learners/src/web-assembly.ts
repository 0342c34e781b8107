/** The part of WebAssembly that is used here: Node.js has it, its type declarations of version 20 do not. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** A compiled module. */
export type WasmModule = object;

/** What a module works on. */
export interface WasmMemory {
  /** Another one after each `grow`. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Absent where the platform was told to compile nothing at run time (`--jitless`). */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
