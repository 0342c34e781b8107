import { Uint32List } from '@catchword/math';

/** Surfaces are kept up to this length, in UTF-16 code units; what is longer is told apart by its beginning alone. */
export const MAX_SURFACE = 255;

/** What is known of a surface once it has been looked at. */
export interface SurfaceFacts {
  readonly termId: number;
  readonly flags: number;
}

/**
 * Numbers surfaces by open addressing over their code units, so that a token that was met before costs no string.
 *
 * Ids begin with 1. Everything about a surface lies in typed arrays; strings are made when asked for.
 */
export class SurfaceTable {
  private slots = new Uint32Array(1 << 12);
  private readonly hashes = new Uint32List(1 << 10);
  private readonly offsets = new Uint32List(1 << 10);
  private readonly termIds = new Uint32List(1 << 10);
  private facts = new Uint8Array(1 << 10);
  private units = new Uint16Array(1 << 14);
  private readonly describe: (surface: string) => SurfaceFacts;

  /** @param describe called once for each new surface */
  constructor(describe: (surface: string) => SurfaceFacts) {
    this.describe = describe;
    this.clear();
  }

  /** The highest id. */
  get size(): number {
    return this.hashes.length - 1;
  }

  /** Code units held by all surfaces together. */
  get nUnits(): number {
    return this.offsets.data[this.offsets.length - 1];
  }

  /** Forgets everything and gives large arrays back. */
  clear(): void {
    this.slots = new Uint32Array(1 << 12);
    if (this.units.length > 1 << 20) this.units = new Uint16Array(1 << 14);
    for (const list of [this.hashes, this.offsets, this.termIds]) list.clear();
    this.hashes.push(0);
    this.termIds.push(0);
    this.offsets.push(0);
    this.offsets.push(0);
    this.facts[0] = 0;
  }

  termId(id: number): number {
    return this.termIds.data[id];
  }

  flags(id: number): number {
    return this.facts[id];
  }

  /** @throws {RangeError} if no surface has the id */
  surface(id: number): string {
    if (!(id > 0 && id <= this.size)) throw new RangeError(`no surface ${id}; the highest is ${this.size}`);
    // Spreading the units would make an object for each of them.
    const units = this.units.subarray(this.offsets.data[id], this.offsets.data[id + 1]);
    return String.fromCharCode.apply(undefined, units as unknown as number[]);
  }

  /**
   * Finds a surface where it stands in a text.
   *
   * @param units a text's code units, the surface `[from, to)` of them
   * @param folded what each code unit is in a surface
   * @param hash of the folded units, all 32 bits well mixed
   * @returns its id, or 0 if it is new
   */
  find(units: Uint16Array, folded: Uint16Array, from: number, to: number, hash: number): number {
    const { slots, units: known } = this;
    const hashes = this.hashes.data;
    const offsets = this.offsets.data;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let id = slots[slot]; id !== 0; id = slots[slot]) {
      if (hashes[id] === hash) {
        let at = offsets[id];
        if (offsets[id + 1] - at === to - from) {
          let k = from;
          while (k < to && known[at] === folded[units[k]]) {
            k++;
            at++;
          }
          if (k === to) return id;
        }
      }
      slot = (slot + 1) & mask;
    }
    return 0;
  }

  /**
   * Finds or adds a surface.
   *
   * @param buffer the surface's code units, `length` of them
   * @param hash of these units, all 32 bits well mixed
   */
  intern(buffer: Uint16Array, length: number, hash: number): number {
    const { slots, units } = this;
    const hashes = this.hashes.data;
    const offsets = this.offsets.data;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let id = slots[slot]; id !== 0; id = slots[slot]) {
      if (hashes[id] === hash) {
        const from = offsets[id];
        if (offsets[id + 1] - from === length) {
          let k = 0;
          while (k < length && units[from + k] === buffer[k]) k++;
          if (k === length) return id;
        }
      }
      slot = (slot + 1) & mask;
    }
    return this.add(buffer, length, hash, slot);
  }

  private add(buffer: Uint16Array, length: number, hash: number, slot: number): number {
    const id = this.hashes.length;
    const from = this.nUnits;
    if (from + length > this.units.length) {
      const grown = new Uint16Array(this.units.length * 2);
      grown.set(this.units);
      this.units = grown;
    }
    for (let k = 0; k < length; k++) this.units[from + k] = buffer[k];
    this.offsets.push(from + length);
    this.hashes.push(hash);
    this.slots[slot] = id;
    if (id >= this.facts.length) {
      const grown = new Uint8Array(this.facts.length * 2);
      grown.set(this.facts);
      this.facts = grown;
    }
    this.termIds.push(0);
    if (id * 2 > this.slots.length) this.grow();
    const { termId, flags } = this.describe(this.surface(id));
    this.termIds.data[id] = termId;
    this.facts[id] = flags;
    return id;
  }

  private grow(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 1; id < this.hashes.length; id++) {
      let slot = this.hashes.data[id] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.slots = slots;
  }
}
