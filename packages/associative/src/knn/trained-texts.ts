import { firstPlace, type NumericArray } from '@catchword/math';

/** Which training records have a text, by its content hash: 12 bytes a record. */
export class TrainedTexts {
  /** Shape (n), ascending. */
  private readonly hashes: Float64Array;
  /** Shape (n): the rows, parallel to `hashes`; equal hashes in the order of their rows. */
  private readonly rows: Uint32Array;

  private constructor(hashes: Float64Array, rows: Uint32Array) {
    this.hashes = hashes;
    this.rows = rows;
  }

  /** @param hashes shape (nRows): of each record's text */
  static of(hashes: Float64Array): TrainedTexts {
    const rows = Uint32Array.from(hashes, (_, row) => row).sort((a, b) => hashes[a] - hashes[b] || a - b);
    return new TrainedTexts(
      Float64Array.from(rows, (row) => hashes[row]),
      rows,
    );
  }

  /**
   * @param nRows training records of the model
   * @param arrays as `toArrays` gave them; none for a model from before there were any, which then knows no text
   * @throws {RangeError} if they do not fit together
   */
  static fromArrays(nRows: number, { hashes, rows }: Readonly<Record<string, NumericArray>>): TrainedTexts {
    if (hashes === undefined && rows === undefined) return new TrainedTexts(new Float64Array(0), new Uint32Array(0));
    if (!(hashes instanceof Float64Array && rows instanceof Uint32Array) || hashes.length !== rows.length) {
      throw new RangeError('hashes of the training records are missing');
    }
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] >= nRows) throw new RangeError(`a text is that of record ${rows[i]} of ${nRows}`);
    }
    return new TrainedTexts(hashes, rows);
  }

  toArrays(): Record<string, NumericArray> {
    return { hashes: this.hashes, rows: this.rows };
  }

  /** @returns the rows of the records with a text, ascending */
  rowsOf(hash: number): Uint32Array {
    const { hashes, rows } = this;
    const first = firstPlace(hashes, hash);
    let end = first;
    while (hashes[end] === hash) end++;
    return rows.subarray(first, end);
  }
}
