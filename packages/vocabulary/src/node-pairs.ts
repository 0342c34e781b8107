import { Uint32List } from '@catchword/math';

/** Pairs of numbers of nodes, for example a concept and its broader concept. */
export class NodePairs {
  readonly from = new Uint32List();
  readonly to = new Uint32List();

  get length(): number {
    return this.from.length;
  }

  push(from: number, to: number): void {
    this.from.push(from);
    this.to.push(to);
  }
}
