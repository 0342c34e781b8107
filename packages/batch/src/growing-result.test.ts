import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { gzipMembers } from '@catchword/storage';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GrowingResult, partPath } from './growing-result.js';
import type { ResultLengths } from './job.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-growing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const START: ResultLengths = { part: 0, waiting: 0, waitingFile: 0, text: 0 };

/** Appends text, commits, or ends without notice. */
const STEP = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 700_000 }) },
  { weight: 2, arbitrary: fc.constant('commit' as const) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
);

async function packed(text: string): Promise<Buffer> {
  const members: Uint8Array[] = [];
  for await (const member of gzipMembers(
    (async function* () {
      yield text;
    })(),
  )) {
    members.push(member);
  }
  return Buffer.concat(members);
}

test.each([false, true])(
  'GrowingResult holds what was appended, whatever was lost in between: gzip %s',
  async (gzip) => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 20 }), async (steps) => {
        const output = join(folder, `out-${n++}`);
        const part = partPath(output, 'job');
        let committed = { text: '', lengths: START };
        let text = '';
        let result = await GrowingResult.open(part, START, { gzip });
        for (const step of steps) {
          if (step === 'commit') committed = { text, lengths: await result.commit() };
          else if (step === 'crash') {
            await result.close();
            for (const name of [part, `${part}.a`, `${part}.b`]) if (existsSync(name)) appendFileSync(name, 'rubbish');
            text = committed.text;
            result = await GrowingResult.open(part, committed.lengths, { gzip });
          } else {
            const piece = `${step},`.repeat(step / 8);
            await result.append(piece);
            text += piece;
            expect(result.nTextBytes).toBe(text.length);
          }
        }
        const lengths = await result.end();
        await GrowingResult.place(part, output);
        const bytes = readFileSync(output);
        expect(bytes.length).toBe(lengths.part);
        expect(bytes.equals(gzip ? await packed(text) : Buffer.from(text))).toBe(true);
        if (gzip) expect(gunzipSync(bytes).toString()).toBe(text);
        expect(readdirSync(folder).filter((name) => name.includes('.job.'))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  },
);
