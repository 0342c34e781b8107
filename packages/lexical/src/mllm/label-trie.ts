/** The trie's root. */
export const ROOT = 0;

/** Where the search for an edge begins, before it is cut to the table's size. */
export function edgeHash(node: number, term: number): number {
  let h = Math.imul(node ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(term, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** Collects label variants by their terms; `finish` gives the trie as the arrays of a LabelIndex. */
export class TrieBuilder {
  private nodes = new Uint32Array(1 << 10);
  private termsOfEdges = new Uint32Array(1 << 10);
  private children = new Uint32Array(1 << 10);
  private nNodes = 1;
  private readonly rootTerms = new Map<number, number>();
  private ends: Uint8Array | undefined;

  child(node: number, term: number): number {
    if (this.nNodes * 2 >= this.children.length) this.grow();
    const mask = this.children.length - 1;
    let slot = edgeHash(node, term) & mask;
    while (this.children[slot] !== 0) {
      if (this.nodes[slot] === node && this.termsOfEdges[slot] === term) return this.children[slot];
      slot = (slot + 1) & mask;
    }
    this.nodes[slot] = node;
    this.termsOfEdges[slot] = term;
    this.children[slot] = this.nNodes;
    if (node === ROOT) this.rootTerms.set(term, this.nNodes);
    return this.nNodes++;
  }

  /** Whether a label variant consists of this term alone; after `finish`. */
  isWord(term: number): boolean {
    const node = this.rootTerms.get(term);
    return node !== undefined && this.ends?.[node] === 1;
  }

  finish(variantNode: Uint32Array, variantSubject: Uint32Array) {
    const { nNodes } = this;
    const nodePtr = new Uint32Array(nNodes + 1);
    for (const node of variantNode) nodePtr[node + 1]++;
    for (let i = 0; i < nNodes; i++) nodePtr[i + 1] += nodePtr[i];
    const next = nodePtr.slice();
    const nodeVariants = new Uint32Array(variantNode.length);
    for (let v = 0; v < variantNode.length; v++) nodeVariants[next[variantNode[v]]++] = v;
    const nodeSubjects = new Uint16Array(nNodes);
    this.ends = new Uint8Array(nNodes);
    for (let i = 0; i < nNodes; i++) {
      let last = -1;
      let n = 0;
      // Variants of a subject are neighbours: subjects were indexed one after the other.
      for (let k = nodePtr[i]; k < nodePtr[i + 1]; k++) {
        const subject = variantSubject[nodeVariants[k]];
        if (subject !== last) n++;
        last = subject;
      }
      nodeSubjects[i] = Math.min(n, 65535);
      if (n > 0) this.ends[i] = 1;
    }
    return {
      nodePtr,
      nodeVariants,
      nodeSubjects,
      edgeNode: this.nodes,
      edgeTerm: this.termsOfEdges,
      edgeChild: this.children,
    };
  }

  private grow(): void {
    const { nodes, termsOfEdges, children } = this;
    const capacity = children.length * 2;
    this.nodes = new Uint32Array(capacity);
    this.termsOfEdges = new Uint32Array(capacity);
    this.children = new Uint32Array(capacity);
    for (let i = 0; i < children.length; i++) {
      if (children[i] === 0) continue;
      let slot = edgeHash(nodes[i], termsOfEdges[i]) & (capacity - 1);
      while (this.children[slot] !== 0) slot = (slot + 1) & (capacity - 1);
      this.nodes[slot] = nodes[i];
      this.termsOfEdges[slot] = termsOfEdges[i];
      this.children[slot] = children[i];
    }
  }
}
