/** An object whose n-th call fails, and how many calls there were. */
export interface FailingCalls<T> {
  readonly target: T;
  /** Names of the methods that were called so far, in order. */
  readonly calls: readonly string[];
}

/**
 * Wraps an object of asynchronous methods, such as a file system, so that one call of all fails; objects with methods that
 * calls give back, such as open files, are wrapped alike. A call of `close` does its work before it fails.
 *
 * @param n counted from 0; none fails where it is beyond the last call
 * @param code of the error, for example `ENOSPC`
 */
export function failingCalls<T extends object>(target: T, n: number, code: string): FailingCalls<T> {
  const calls: string[] = [];
  const wrap = <O extends object>(object: O): O =>
    new Proxy(object, {
      get(of, name) {
        const method = Reflect.get(of, name) as unknown;
        if (typeof method !== 'function' || typeof name !== 'string') return method;
        return async (...words: unknown[]): Promise<unknown> => {
          calls.push(name);
          const isFaulty = calls.length - 1 === n;
          if (isFaulty && name !== 'close') throw failure(code, name);
          const result: unknown = await method.apply(of, words);
          if (isFaulty) throw failure(code, name);
          return hasMethods(result) ? wrap(result) : result;
        };
      },
    });
  return { target: wrap(target), calls };
}

function failure(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: injected, ${name}`), { code });
}

function hasMethods(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'close' in value;
}
