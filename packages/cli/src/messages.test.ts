import { expect, test } from 'vitest';
import { Messages } from './messages.js';

function collecting(isTTY: boolean, columns = 40) {
  const written: string[] = [];
  return { isTTY, columns, write: (text: string) => written.push(text), text: () => written.join('') };
}

test('messages are bare, prefixed, said once, and as loud as is wanted', () => {
  const stream = collecting(false);
  const messages = new Messages(stream, {});
  messages.info('reading');
  messages.warning('odd line');
  messages.warning('odd line');
  messages.debug('detail');
  messages.verbosity = 'ERROR';
  messages.warning('another');
  messages.error('broken', 'mend it');
  expect(stream.text()).toBe('reading\nwarning: odd line\nError: broken\nHint: mend it\n');
});

test('an error does not repeat what was said as a warning', () => {
  const stream = collecting(false);
  const messages = new Messages(stream, {});
  messages.warning('no tab (a.tsv, line 1)');
  messages.error('Cannot read a.tsv\n  no tab (a.tsv, line 1)\n  … and 3 more', undefined);
  expect(stream.text()).toBe('warning: no tab (a.tsv, line 1)\nError: Cannot read a.tsv\n  … and 3 more\n');
});

test('control characters of data cannot steer a terminal', () => {
  const stream = collecting(true);
  const messages = new Messages(stream, { NO_COLOR: '1' });
  messages.warning('Unknown subject "\x1b[2J\r\x07"');
  messages.error('\x1b]0;title', undefined);
  expect(stream.text()).toBe('warning: Unknown subject "\\x1b[2J\\x0d\\x07"\nError: \\x1b]0;title\n');
});

test('the status line is for terminals, fits into them, and gives way to messages', () => {
  const pipe = collecting(false);
  new Messages(pipe, {}).setStatus('half');
  expect(pipe.text()).toBe('');
  const terminal = collecting(true, 10);
  const messages = new Messages(terminal, { TERM: 'dumb' });
  messages.setStatus('1234567890123');
  messages.warning('oh');
  expect(terminal.text()).toBe('\r\x1b[K12345678…\r\x1b[Kwarning: oh\n');
});

test('colours are for terminals that want them', () => {
  const coloured = collecting(true);
  new Messages(coloured, {}).error('x', 'y');
  expect(coloured.text()).toBe('\x1b[31mError:\x1b[0m x\n\x1b[36mHint:\x1b[0m y\n');
});
