import { ByteOutput } from './byte-output.js';
import type { Heading } from './headings.js';
import type { MarcPlace } from './marc-record.js';
import type { WritePart } from './record-writer.js';

/** Parts that are to be written, as they go to another thread: arrays instead of objects. */
export interface PackedParts {
  /** The parts, one behind the other. */
  readonly bytes: Uint8Array;
  /** By part, behind its last byte. */
  readonly ends: Uint32Array;
  /** By part, how many headings; `NO_HEADINGS` of a record whose own stay as they are, `NO_RECORD` of bytes. */
  readonly counts: Int32Array;
  /** By heading, the number of its concept. */
  readonly concepts: Uint32Array;
  /** By heading. */
  readonly confidences: Float64Array;
  /** By heading, its place in `DECISIONS`. */
  readonly decisions: Uint8Array;
  /** By heading, the number of its model. */
  readonly models: Uint32Array;
  /** Concepts and models that the thread has not met yet, numbered on from those that it has. */
  readonly newConcepts: readonly Concept[];
  readonly newModels: readonly (string | undefined)[];
  /** Those that it has met are to be forgotten before. */
  readonly isAnew: boolean;
}

export const NO_HEADINGS = -1;
export const NO_RECORD = -2;
export const DECISIONS = [undefined, 'accepted', 'added'] as const;

/** What is the same of a heading in all records. */
export type Concept = Pick<Heading, 'uri' | 'label' | 'notation' | 'tag'>;

/** Parts that are sent at once: much against the cost of a message. */
const RUN_BYTES = 1 << 17;
/** Concepts that a thread keeps: about 10 MiB. */
const MOST_CONCEPTS = 1 << 15;

/** Numbers what one thread has met. */
export class MetConcepts {
  /** By URI. */
  private readonly concepts = new Map<string, { readonly concept: Concept; readonly number: number }>();
  private readonly models = new Map<string | undefined, number>();
  private nConcepts = 0;
  private newConcepts: Concept[] = [];
  private newModels: (string | undefined)[] = [];
  private isAnew = false;

  concept(heading: Concept): number {
    const { uri, label, notation, tag } = heading;
    const known = this.concepts.get(uri);
    if (known) {
      const { concept, number } = known;
      if (concept.label === label && concept.tag === tag && concept.notation === notation) return number;
    }
    const number = this.nConcepts++;
    const concept = { uri, label, notation, tag };
    this.concepts.set(uri, { concept, number });
    this.newConcepts.push(concept);
    return number;
  }

  model(modelId: string | undefined): number {
    const known = this.models.get(modelId);
    if (known !== undefined) return known;
    this.newModels.push(modelId);
    this.models.set(modelId, this.models.size);
    return this.models.size - 1;
  }

  /** @returns what is new since it was called last */
  takeNew(): Pick<PackedParts, 'newConcepts' | 'newModels' | 'isAnew'> {
    const { newConcepts, newModels, isAnew } = this;
    this.newConcepts = [];
    this.newModels = [];
    this.isAnew = this.nConcepts + this.models.size > MOST_CONCEPTS;
    if (this.isAnew) {
      this.concepts.clear();
      this.models.clear();
      this.nConcepts = 0;
    }
    return { newConcepts, newModels, isAnew };
  }
}

/** Packs parts for one thread as they come, so that nothing of a record has to be kept. */
export class PartsPacker {
  /** By part; undefined of bytes. */
  readonly places: (MarcPlace | undefined)[] = [];
  private readonly met: MetConcepts;
  private readonly bytes = new ByteOutput(RUN_BYTES + (RUN_BYTES >> 2));
  private readonly ends: number[] = [];
  private readonly counts: number[] = [];
  private readonly concepts: number[] = [];
  private readonly confidences: number[] = [];
  private readonly decisions: number[] = [];
  private readonly models: number[] = [];

  constructor(met: MetConcepts) {
    this.met = met;
  }

  get isFull(): boolean {
    return this.bytes.length >= RUN_BYTES;
  }

  add(part: WritePart): void {
    if (Buffer.isBuffer(part)) {
      this.append(part);
      this.counts.push(NO_RECORD);
      this.places.push(undefined);
      return;
    }
    const { record, headings, place } = part;
    this.append(record.bytes);
    this.places.push(place);
    this.counts.push(headings?.length ?? NO_HEADINGS);
    if (!headings) return;
    for (const heading of headings) {
      this.concepts.push(this.met.concept(heading));
      this.confidences.push(heading.confidence);
      this.decisions.push(DECISIONS.indexOf(heading.decision));
      this.models.push(this.met.model(heading.modelId));
    }
  }

  /** @returns all that was added; its bytes can be handed over */
  packed(): PackedParts {
    return {
      bytes: this.bytes.take(),
      ends: new Uint32Array(this.ends),
      counts: new Int32Array(this.counts),
      concepts: new Uint32Array(this.concepts),
      confidences: new Float64Array(this.confidences),
      decisions: new Uint8Array(this.decisions),
      models: new Uint32Array(this.models),
      ...this.met.takeNew(),
    };
  }

  private append(part: Buffer): void {
    this.bytes.append(part);
    this.ends.push(this.bytes.length);
  }
}

/** What a thread knows of the concepts and models that it has met. */
export class KnownConcepts {
  private readonly concepts: Concept[] = [];
  private readonly models: (string | undefined)[] = [];

  /** @returns by part its bytes, and its headings, or which of the two kinds without it is */
  *unpacked(
    packed: PackedParts,
  ): Generator<{ bytes: Buffer; headings: Heading[] | typeof NO_HEADINGS | typeof NO_RECORD }, void, undefined> {
    const { concepts, models } = this;
    if (packed.isAnew) concepts.length = models.length = 0;
    for (const concept of packed.newConcepts) concepts.push(concept);
    for (const model of packed.newModels) models.push(model);
    const { buffer, byteOffset } = packed.bytes;
    let from = 0;
    let k = 0;
    for (let i = 0; i < packed.ends.length; i++) {
      const end = packed.ends[i] as number;
      const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset + from, end - from);
      from = end;
      const count = packed.counts[i] as number;
      if (count === NO_HEADINGS || count === NO_RECORD) {
        yield { bytes, headings: count };
        continue;
      }
      const headings: Heading[] = [];
      for (const last = k + count; k < last; k++) headings.push(this.heading(packed, k));
      yield { bytes, headings };
    }
  }

  private heading(packed: PackedParts, k: number): Heading {
    const { uri, label, notation, tag } = this.concepts[packed.concepts[k] as number] as Concept;
    const modelId = this.models[packed.models[k] as number];
    const decision = DECISIONS[packed.decisions[k] as number];
    const confidence = packed.confidences[k] as number;
    if (decision !== undefined) {
      return { uri, label, notation, tag, confidence, decision, ...(modelId === undefined ? undefined : { modelId }) };
    }
    return modelId === undefined
      ? { uri, label, notation, tag, confidence }
      : { uri, label, notation, tag, confidence, modelId };
  }
}
