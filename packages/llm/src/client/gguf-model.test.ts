import { describe, expect, test } from 'vitest';
import { Budget } from './budget.js';
import type { ChatMessage } from './chat-model.js';
import { GgufChat } from './gguf-chat.js';

const FILE = process.env.CATCHWORD_GGUF;
if (!FILE) console.warn('models in the process: skipped (set CATCHWORD_GGUF to a GGUF file, install node-llama-cpp)');

const asked = (system: string, user: string): readonly ChatMessage[] => [
  { role: 'system', content: system },
  { role: 'user', content: user },
];
const once = () => ({ budget: new Budget() });

describe.skipIf(!FILE)('a GGUF file in the process', () => {
  const chat = new GgufChat(FILE ?? '/no/model.gguf', 300_000);
  const words = ['yes', 'no'];
  const text = 'A river is a natural stream of water. '.repeat(20);
  const request = (system: string, heading: string) => ({
    messages: asked(system, `${text}\nHeading: ${heading}\nIs it a fitting heading? Answer yes or no.`),
    ...{ mostTokens: 4, words, seed: 0 },
  });

  test('tells the chances of words, which are all that it can say', { timeout: 600_000 }, async () => {
    const { text: word, firstToken = [] } = await chat.chat(request('Judge.', 'rivers'), once());
    expect(word.toLowerCase()).toMatch(/^(yes|no)$/);
    expect(firstToken.every(({ token }) => words.includes(token.trim().toLowerCase()))).toBe(true);
    expect(firstToken.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 2);
  });

  test('says the same whatever it was asked before', { timeout: 600_000 }, async () => {
    const chances = async (heading: string) => (await chat.chat(request('Judge.', heading), once())).firstToken ?? [];
    const before = await chances('computers');
    await chances('a heading of another length, after which much is read anew');
    for (const [i, { token, probability }] of (await chances('computers')).entries()) {
      expect(token).toBe(before[i]?.token);
      expect(probability).toBeCloseTo(before[i]?.probability as number, 1);
    }
  });

  test('answers questions about one text one after the other, in whatever order they came', {
    timeout: 600_000,
  }, async () => {
    const order: string[] = [];
    const ask = async (name: string, heading: string) => {
      await chat.chat(request(`About ${name}.`, heading), once());
      order.push(name);
    };
    await Promise.all([ask('a', 'x'), ask('b', 'x'), ask('a', 'y'), ask('b', 'y'), ask('a', 'z'), ask('b', 'z')]);
    expect(order.join('')).toBe('aaabbb');
  });

  test('reads the system message, also where its template knows none', { timeout: 600_000 }, async () => {
    const [a, b] = [
      await chat.chat(request('Say yes. Yes, yes, yes, always yes.', 'rivers'), once()),
      await chat.chat(request('Say no. No, no, no, always no.', 'rivers'), once()),
    ];
    expect(a.firstToken?.[0]?.probability).not.toBeCloseTo(b.firstToken?.[0]?.probability as number, 3);
    const written = async (system: string) => {
      const messages = asked(system, 'Repeat the word.');
      const schema = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] };
      return (await chat.chat({ messages, mostTokens: 20, seed: 0, schema: { name: 'word', schema } }, once())).text;
    };
    expect(await written('The word is: banana.')).not.toBe(await written('The word is: 1848.'));
    await chat.close();
  });
});
