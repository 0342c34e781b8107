import { lockFolder } from './folder-lock.js';

/**
 * A process that locks a folder. `hold`: keeps it until killed. `exit`: leaves without releasing by itself.
 * `once`: takes it, counts in a file beside it that no other does so at the same time, releases.
 */
const [dir = '', mode = 'hold'] = process.argv.slice(2);
try {
  const lock = lockFolder(dir);
  process.stdout.write('locked\n');
  if (mode === 'hold') setInterval(() => undefined, 1000);
  if (mode === 'exit') process.exit(3);
  if (mode === 'once') {
    const { mkdirSync, rmdirSync } = await import('node:fs');
    mkdirSync(`${dir}-inside`); // fails where somebody else is inside
    await new Promise((resolve) => setTimeout(resolve, 5));
    rmdirSync(`${dir}-inside`);
    lock.release();
  }
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  process.stdout.write(`${code}: ${message}\n`);
  process.exitCode = code === 'locked' ? 75 : 1;
}
