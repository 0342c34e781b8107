import { expect, test } from 'vitest';
import { Messages } from './messages.js';
import { count, duration, fileSize, ProgressReport, progressLine } from './progress.js';

test('progressLine tells rate and time left where it can', () => {
  const unit = 'documents';
  expect(progressLine({ stage: 'reading', done: 1200, unit }, 1200, 0.1)).toBe('reading: 1,200 documents');
  expect(progressLine({ stage: 'reading', done: 1200, unit }, 1200, 4)).toBe('reading: 1,200 documents, 300/s');
  expect(progressLine({ stage: 'matching', done: 1200, total: 5000, unit }, 1000, 100)).toBe(
    'matching: 1,200 of 5,000 documents (24%), 10/s, 6 min 20 s left',
  );
  expect(progressLine({ stage: 'growing', done: 5, total: 5, unit: 'trees' }, 5, 10)).toBe(
    'growing: 5 of 5 trees (100%), 0.5/s',
  );
});

test('ProgressReport says nothing about quick work, and a line now and then about long work', () => {
  const lines: string[] = [];
  let now = 0;
  const messages = new Messages({ write: (text) => lines.push(text) }, {});
  const report = new ProgressReport(messages, () => now);
  for (; now <= 40_000; now += 500) report.update({ stage: 'reading', done: now / 500, unit: 'documents' });
  report.end();
  expect(lines).toEqual([
    'reading: 10 documents, 2.0/s\n',
    'reading: 40 documents, 2.0/s\n',
    'reading: 70 documents, 2.0/s\n',
  ]);
});

test('ProgressReport rewrites one line of a terminal and clears it at the end', () => {
  const written: string[] = [];
  let now = 0;
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  const report = new ProgressReport(new Messages(stream, {}), () => now);
  for (; now < 300; now += 50) report.update({ stage: 'reading', done: now, unit: 'lines' });
  report.end();
  expect(written).toEqual([
    '\r\x1b[Kreading: 0 lines',
    '\r\x1b[Kreading: 100 lines',
    '\r\x1b[Kreading: 200 lines',
    '\r\x1b[K',
  ]);
});

test('numbers for people', () => {
  expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0.84, 9.96, 42, 185, 7800].map(duration)).toEqual(['0.8 s', '10 s', '42 s', '3 min 5 s', '2 h 10 min']);
  expect([12, 12_345, 3_400_000, 2.5e9].map(fileSize)).toEqual(['12 bytes', '12 kB', '3.4 MB', '2.50 GB']);
});
