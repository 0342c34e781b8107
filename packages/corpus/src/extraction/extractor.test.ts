import { readdir, readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_EXTRACTOR, Extractor, type ExtractorOptions } from './extractor.js';

/** The processes that this one has started and that are there yet, where the system tells (Linux). */
async function children(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    processes.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return /^PPid:\s*(\d+)/m.exec(status)?.[1];
    }),
  );
  return processes.filter((_, i) => parents[i] === String(process.pid));
}

describe('Extractor', () => {
  let extractor: Extractor | undefined;
  afterEach(() => extractor?.stop());

  const make = (options: Partial<ExtractorOptions>) => {
    extractor = new Extractor({
      ...DEFAULT_EXTRACTOR,
      timeoutMs: 10_000,
      nProcesses: 1,
      maxWaiting: 1,
      ...options,
    });
    return extractor;
  };
  const never = new AbortController().signal;
  const file = (text: string) => ({ bytes: Buffer.from(text), name: 'x' });

  test('kills what takes too long or too much memory', async () => {
    const slow = make({ timeoutMs: 20 }).extract(file('x'), never);
    await expect(slow).rejects.toMatchObject({
      kind: 'timed-out',
      code: 'timed-out',
      message: expect.stringContaining('took longer than'),
    });
    const large = make({ maxRssBytes: 60 << 20 }).extract(file(`<html>${'<p>bats'.repeat(2 << 20)}`), never);
    await expect(large).rejects.toMatchObject({ name: 'ExtractionError' });
  });

  test('lets few wait, refuses more, and forgets those who have gone', async () => {
    const one = make({});
    const controller = new AbortController();
    const first = one.extract(file('a'), controller.signal);
    const second = one.extract(file('b'), never);
    await expect(one.extract(file('c'), never)).rejects.toMatchObject({ kind: 'overloaded', code: 'overloaded' });
    controller.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect((await second).text).toBe('b');
    expect((await one.extract(file('d'), never)).text).toBe('d');
  });

  test.skipIf(process.platform !== 'linux')(
    'has a process read several files where it may, and goes on after one that it had to kill',
    async () => {
      const one = make({ filesPerProcess: 3, maxRssBytes: 150 << 20 });
      const before = new Set(await children());
      const seen = new Set<string>();
      for (const text of ['a', 'b', 'c', 'd']) {
        expect((await one.extract(file(text))).text).toBe(text);
        for (const pid of await children()) if (!before.has(pid)) seen.add(pid);
      }
      expect(seen.size).toBe(2);
      await expect(one.extract(file(`<html>${'<p>bats'.repeat(4 << 20)}`))).rejects.toMatchObject({
        name: 'ExtractionError',
      });
      expect((await one.extract(file('e'))).text).toBe('e');
      one.stop();
      await expect.poll(async () => (await children()).filter((pid) => !before.has(pid))).toEqual([]);
    },
  );
});
