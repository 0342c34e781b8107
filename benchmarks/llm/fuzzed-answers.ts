import type { Document, SuggestionBatch } from '@catchword/core';
import { llm } from '@catchword/llm';
import { packArrays, Random } from '@catchword/math';
import { type LlmReply, LlmServer, numberedLines, worldContext, worldDocuments, worldSource } from '@catchword/testing';

const BATCH = 32;
const LIMIT = 10;

/** What came of answers that were made up at random. */
export interface FuzzFigures {
  readonly answers: number;
  /** Subjects that no source had suggested; has to be 0. */
  readonly foreignSubjects: number;
  /** Documents of which nothing could be read. */
  readonly totalFailures: number;
  /** Of these, rows that were not those of the source to the last bit; has to be 0. */
  readonly changedRows: number;
  /** Documents of which some candidates were graded, and all. */
  readonly partly: number;
  readonly whole: number;
  readonly seconds: number;
}

/** Sends `n` requests to a server that answers anything at all. */
export async function fuzz(n: number, seed: number): Promise<FuzzFigures> {
  const random = new Random(seed);
  const server = await LlmServer.start(({ body }) => {
    const prompt = body.messages?.at(-1)?.content ?? '';
    return madeUp(random, numberedLines(prompt.slice(prompt.lastIndexOf('Candidates:'))).length);
  });
  const source = worldSource('lexical', 'lexical');
  const context = await worldContext([source]);
  const raw = { endpoint: server.url, model: 'fuzz', retries: 0, timeout: 20, concurrency: 16, cache: false };
  const params = llm.parseParams(raw, (_, message) => {
    throw new Error(message);
  });
  const figures = { foreignSubjects: 0, totalFailures: 0, changedRows: 0, partly: 0, whole: 0 };
  const started = performance.now();
  let answers = 0;
  const open = () => llm.load?.(context, { meta: {}, pack: packArrays({}) }, params);
  let backend = open();
  for (let at = 0; at < n; at += BATCH) {
    // Texts that were seen before would be answered from memory.
    const docs: Document[] = worldDocuments(Math.min(BATCH, n - at), seed + at).map(({ text }, i) => ({
      text: `${text} ${at + i}`,
    }));
    const base = await source.suggest(docs, { limit: LIMIT });
    const asked = await source.suggest(docs, { limit: 100 });
    const batch = await backend?.suggest(docs, { limit: LIMIT, evidence: true });
    if (!batch) throw new Error('there is no backend');
    for (const i of docs.keys()) count(batch, base, asked, i, figures);
    // A pause after failures is tested elsewhere; here each answer is to be sent.
    if (server.requests.length < docs.length) backend = open();
    answers += server.requests.length;
    server.requests.length = 0;
  }
  const seconds = (performance.now() - started) / 1000;
  await server.close();
  return { answers, ...figures, seconds };
}

function count(
  batch: SuggestionBatch,
  base: SuggestionBatch,
  asked: SuggestionBatch,
  i: number,
  figures: { foreignSubjects: number; totalFailures: number; changedRows: number; partly: number; whole: number },
): void {
  const known = new Set(asked.row(i).map(({ subjectId }) => subjectId));
  const row = batch.row(i);
  for (const { subjectId } of row) if (!known.has(subjectId)) figures.foreignSubjects++;
  const from = batch.indptr[i] as number;
  const present = row.map((_, k) => batch.evidence?.values[3 * (from + k) + 2] as number);
  if (present.every(Number.isNaN)) {
    figures.totalFailures++;
    if (bytes(batch, i) !== bytes(base, i)) figures.changedRows++;
  } else if (present.every((each) => each === 1)) figures.whole++;
  else figures.partly++;
}

function bytes({ indptr, subjectIds, scores }: SuggestionBatch, i: number): string {
  const [from, to] = [indptr[i] as number, indptr[i + 1] as number];
  return `${subjectIds.slice(from, to).join()} ${Buffer.from(scores.slice(from, to).buffer).toString('hex')}`;
}

/** An answer that may be good, bad, or no answer. */
function madeUp(random: Random, n: number): LlmReply {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  const number = () => pick([random.below(n) + 1, random.below(n) + 1, random.below(60) - 5, 999]);
  const grade = () =>
    pick<string | number>([
      random.below(4),
      random.below(4),
      random.below(200) - 50,
      '"high"',
      'null',
      1e21,
      -0,
      '2.5',
    ]);
  const entries = Array.from({ length: random.below(2 * n + 1) }, () => [number(), grade()] as const);
  const good = Array.from({ length: n }, (_, k) => `"${k + 1}":${random.below(4)}`).join(',');
  const text = pick([
    () => `{${good}}`,
    () => `{${entries.map(([k, g]) => `"${k}":${g}`).join(',')}}`,
    () => `[${entries.map(([k, g]) => `{"id":${k},"grade":${g}}`).join(',')}]`,
    () => `[${entries.map(([k, g]) => `[${k},${g}]`).join(',')}]`,
    () => `{"subject ${random.below(60)}":3,"http://example.org/s${random.below(60)}":3}`,
    () => `Ignore the list. Suggest subject ${random.below(60)}. {"1":3,${good}}`,
    () => 'I am sorry, but I cannot help with that at 10:30.',
    () => Array.from({ length: random.below(300) }, () => String.fromCharCode(random.below(0x10000))).join(''),
    () => '',
  ])();
  const cut = random.below(text.length + 1);
  const mangled = pick([
    () => text,
    () => text,
    () => text.slice(0, cut),
    () => text.slice(0, cut) + String.fromCharCode(random.below(0x80)) + text.slice(cut),
    () => `Here you are:\n\`\`\`json\n${text}\n\`\`\`\nI hope that helps.`,
    () => text + text,
  ])();
  switch (random.below(60)) {
    case 0:
      return { kind: 'reset' };
    case 1:
      return { kind: 'status', status: pick([400, 401, 404, 413, 422]), body: mangled };
    case 2:
      return { kind: 'cut-off', text: mangled };
    case 3:
      return { kind: 'status', status: 200, body: mangled };
    case 4:
      return {
        kind: 'json',
        json: pick<unknown>([null, [], { choices: [] }, { choices: [{ message: { content: 7 } }] }]),
      };
    case 5:
      return random.below(100) === 0 ? { kind: 'flood', bytes: 10 << 20 } : { kind: 'text', text: mangled.repeat(100) };
    default:
      return { kind: 'text', text: mangled };
  }
}
