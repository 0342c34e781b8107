/** What projects that work together in one thread share: each thing is made once, by whoever needs it first. */
export class Family {
  private readonly made = new WeakMap<object, Map<string, unknown>>();

  /**
   * @param scope what the thing is made from, for example an analyzer or a corpus; it is kept no longer than this
   * @param key tells things of one scope apart
   */
  once<T>(scope: object, key: string, make: () => T): T {
    let things = this.made.get(scope);
    if (!things) {
      things = new Map();
      this.made.set(scope, things);
    }
    if (things.has(key)) return things.get(key) as T;
    const thing = make();
    things.set(key, thing);
    return thing;
  }
}
