/** An error on its way from a worker: structured clone alone would drop `code`, `hint` and `context`. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface FromThread {
  readonly result?: unknown;
  readonly error?: PackedError;
}
