/** A stream whose beginning is known. */
export interface PeekedBytes {
  /** The first bytes, as many as were asked for or more; fewer where the stream is shorter. */
  readonly head: Buffer;
  /** The whole stream, the beginning included; to be read once. */
  readonly all: AsyncGenerator<Buffer, void, undefined>;
}

/** Looks at the beginning of a stream, for those who tell from it what the stream is. */
export async function peeked(bytes: AsyncIterable<Buffer>, nBytes: number): Promise<PeekedBytes> {
  const chunks = bytes[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let nTaken = 0;
  let isEnded = false;
  while (nTaken < nBytes && !isEnded) {
    const next = await chunks.next();
    if (next.done) isEnded = true;
    else {
      taken.push(next.value);
      nTaken += next.value.length;
    }
  }
  const head = Buffer.concat(taken);
  const all = async function* (): AsyncGenerator<Buffer, void, undefined> {
    try {
      if (head.length > 0) yield head;
      if (!isEnded) for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  };
  return { head, all: all() };
}
