import type { Document, SubjectId } from '@catchword/core';
import { type CsrPattern, type NumericArray, StringTable, StringTableBuilder, Uint32List } from '@catchword/math';
import { type Records, recordTitle } from '@catchword/text';

/** The records by row: what they are called, and their subjects. Further ones can be appended. */
export class RecordStore {
  private readonly stored: Records;
  private readonly subjects: CsrPattern;
  private readonly ids: string[] = [];
  private readonly titles: string[] = [];
  private readonly appendedStarts = new Uint32List();
  private readonly appendedSubjects = new Uint32List();
  /** By row: subjects in place of those that a record was appended with. */
  private readonly replaced = new Map<number, readonly SubjectId[]>();

  /** @throws {RangeError} if tables and pattern differ in length, or a subject is none of the pattern's columns */
  constructor(records: Records, subjects: CsrPattern) {
    const { nRows, nCols, indptr, indices } = subjects;
    if (records.ids.length !== nRows || records.titles.length !== nRows || indptr.length !== nRows + 1) {
      throw new RangeError(`${nRows} records, but ${records.ids.length} ids and ${records.titles.length} titles`);
    }
    if (indptr[nRows] !== indices.length) throw new RangeError('subjects of the records are missing');
    for (let k = 0; k < indices.length; k++) {
      if (indices[k] >= nCols) throw new RangeError(`a record has subject ${indices[k]} of ${nCols}`);
    }
    this.stored = records;
    this.subjects = subjects;
    this.appendedStarts.push(0);
  }

  /** @throws {RangeError} if an array is missing, or they do not fit together */
  static fromArrays(nRows: number, nSubjects: number, arrays: Readonly<Record<string, NumericArray>>): RecordStore {
    const { idBytes, idOffsets, titleBytes, titleOffsets, indptr, indices } = arrays;
    if (!(indptr instanceof Uint32Array && indices instanceof Uint32Array)) {
      throw new RangeError('subjects of the records are missing');
    }
    const records = { ids: tableOf(idBytes, idOffsets), titles: tableOf(titleBytes, titleOffsets) };
    return new RecordStore(records, { nRows, nCols: nSubjects, indptr, indices });
  }

  toArrays(): Record<string, NumericArray> {
    const { ids, titles } = this.stored;
    const allIds = joined(ids, this.ids);
    const allTitles = joined(titles, this.titles);
    const { indptr, indices } = this.assignments();
    return {
      idBytes: allIds.bytes,
      idOffsets: allIds.offsets,
      titleBytes: allTitles.bytes,
      titleOffsets: allTitles.offsets,
      indptr,
      indices,
    };
  }

  get length(): number {
    return this.subjects.nRows + this.ids.length;
  }

  append(doc: Document, subjects: readonly SubjectId[]): void {
    this.ids.push(doc.documentId ?? '');
    this.titles.push(recordTitle(doc));
    for (const id of subjects) this.appendedSubjects.push(id);
    this.appendedStarts.push(this.appendedSubjects.length);
  }

  /** Gives a record other subjects; none switch it off. */
  replaceSubjects(row: number, subjects: readonly SubjectId[]): void {
    this.replaced.set(row, subjects);
  }

  /** @returns '' where the record has none */
  id(row: number): string {
    const { ids } = this.stored;
    return row < ids.length ? ids.get(row) : this.ids[row - ids.length];
  }

  title(row: number): string {
    const { titles } = this.stored;
    return row < titles.length ? titles.get(row) : this.titles[row - titles.length];
  }

  /** Calls `visit` for each subject of a record. */
  eachSubject(row: number, visit: (subject: SubjectId) => void): void {
    const replaced = this.replaced.size > 0 ? this.replaced.get(row) : undefined;
    if (replaced) {
      for (const id of replaced) visit(id);
      return;
    }
    const { nRows, indptr, indices } = this.subjects;
    const isStored = row < nRows;
    const starts = isStored ? indptr : this.appendedStarts.data;
    const all = isStored ? indices : this.appendedSubjects.data;
    const i = isStored ? row : row - nRows;
    for (let k = starts[i]; k < starts[i + 1]; k++) visit(all[k]);
  }

  /** @returns whether the record has subjects; one without has no say and is not to be found */
  hasSubjects(row: number): boolean {
    let has = false;
    this.eachSubject(row, () => {
      has = true;
    });
    return has;
  }

  /** @returns shape (length, nCols): the subjects of all records */
  assignments(nCols = this.subjects.nCols): CsrPattern {
    const nRows = this.length;
    const { indptr, indices } = this.subjects;
    if (this.replaced.size === 0) {
      if (nRows === this.subjects.nRows) return { nRows, nCols, indptr, indices };
      const starts = this.appendedStarts.toArray().map((start) => start + indices.length);
      return {
        nRows,
        nCols,
        indptr: concat(indptr, starts.subarray(1)),
        indices: concat(indices, this.appendedSubjects.toArray()),
      };
    }
    const all = new Uint32List();
    const ends = new Uint32Array(this.length + 1);
    for (let row = 0; row < this.length; row++) {
      this.eachSubject(row, (id) => all.push(id));
      ends[row + 1] = all.length;
    }
    return { nRows, nCols, indptr: ends, indices: all.toArray() };
  }
}

function tableOf(bytes: NumericArray | undefined, offsets: NumericArray | undefined): StringTable {
  if (!(bytes instanceof Uint8Array && offsets instanceof Uint32Array) || offsets.length === 0) {
    throw new RangeError('names of the records are missing');
  }
  if (offsets[offsets.length - 1] !== bytes.length) throw new RangeError('names of the records are cut off');
  return new StringTable(bytes, offsets);
}

function joined(table: StringTable, further: readonly string[]): StringTable {
  if (further.length === 0) return table;
  const builder = new StringTableBuilder();
  for (let i = 0; i < table.length; i++) builder.push(table.get(i));
  for (const each of further) builder.push(each);
  return builder.build();
}

function concat(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
