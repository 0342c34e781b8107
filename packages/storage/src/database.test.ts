import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { Database, type DatabaseOptions } from './database.js';

const VERSION_1 = 'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT;';
const VERSION_2 = 'ALTER TABLE t ADD COLUMN c BLOB;';
const one: DatabaseOptions = { name: 'test database', applicationId: 77, migrations: [VERSION_1], timeoutMs: 50 };
const two: DatabaseOptions = { ...one, migrations: [VERSION_1, VERSION_2] };

// SQLite is an optional part, which an installation may be without.
const noSqlite = await Database.open(join(mkdtempSync(join(tmpdir(), 'catchword-sqlite-')), 'test.sqlite'), one).then(
  (database) => {
    database.close();
    return undefined;
  },
  (error) => {
    if (error.code === 'not-installed') return String(error.message);
    throw error;
  },
);
beforeEach((context) => context.skip(noSqlite !== undefined, noSqlite));

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-database-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'inner', 'test.sqlite');
}

async function opened(path: string, options = one): Promise<Database> {
  const database = await Database.open(path, options);
  onTestFinished(() => database.close());
  return database;
}

test('Database gives back what was written, and a transaction that fails leaves nothing', async () => {
  const path = newPath();
  const database = await opened(path);
  expect(database.run('INSERT INTO t (a, b) VALUES (?, ?)', 1, 'ä')).toBe(1);
  expect(() =>
    database.transaction(() => {
      database.run('INSERT INTO t (a, b) VALUES (?, ?)', 2, 'b');
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(database.all('SELECT * FROM t')).toEqual([{ a: 1, b: 'ä' }]);
  expect(database.get('SELECT * FROM t WHERE a = 2')).toBeUndefined();
  const other = await opened(path);
  expect([...other.each('SELECT b FROM t')]).toEqual([{ b: 'ä' }]);
});

test('Database brings an older version to the newest, and refuses a newer one', async () => {
  const path = newPath();
  (await Database.open(path, one)).close();
  const database = await opened(path, two);
  database.run('INSERT INTO t (a, b, c) VALUES (1, ?, ?)', 'b', Uint8Array.of(1, 2));
  expect(new Uint8Array(database.get('SELECT c FROM t')?.c as Uint8Array)).toEqual(Uint8Array.of(1, 2));
  await expect(Database.open(path, one)).rejects.toMatchObject({
    code: 'database-incompatible',
    message: expect.stringContaining('it has version 2, and this program knows versions up to 1'),
  });
});

test('Database says that another process keeps it locked', async () => {
  const path = newPath();
  const [first, second] = [await opened(path), await opened(path)];
  first.transaction(() => {
    expect(() => second.run("INSERT INTO t (a, b) VALUES (1, 'b')")).toThrow(
      expect.objectContaining({ code: 'locked', hint: 'Try again in a moment.' }),
    );
  });
});

test('Database tells a damaged file, and one of another program, by name', async () => {
  const path = newPath();
  (await Database.open(path, one)).close();
  const bytes = readFileSync(path);
  await expect(Database.open(path, { ...one, applicationId: 78 })).rejects.toMatchObject({
    code: 'database-damaged',
    message: expect.stringContaining("it is another program's database"),
  });
  writeFileSync(path, 'no database at all, but a text that is longer than the head of one '.repeat(9));
  await expect(Database.open(path, one)).rejects.toMatchObject({ code: 'database-damaged' });
  bytes.fill(0xff, 100, 3000);
  writeFileSync(path, bytes);
  await expect(Database.open(path, two)).rejects.toMatchObject({ code: 'database-damaged', context: { path } });
});

test.skipIf(process.getuid?.() === 0)('Database says that it may not write', async () => {
  const path = newPath();
  (await Database.open(path, one)).close();
  chmodSync(path, 0o444);
  await expect(Database.open(path, two)).rejects.toMatchObject({ code: 'write-failed' });
});

test('Database says that a disk takes no more', async () => {
  const database = await opened(newPath());
  database.run('PRAGMA max_page_count = 4');
  const fill = () => {
    for (let i = 0; i < 100; i++) database.run('INSERT INTO t (b) VALUES (?)', 'x'.repeat(1000));
  };
  expect(fill).toThrow(
    expect.objectContaining({ code: 'write-failed', message: expect.stringContaining('no space is left on the disk') }),
  );
});

test('Database tells why a file could not be opened', async () => {
  const path = newPath();
  mkdirSync(path, { recursive: true });
  await expect(Database.open(path, one)).rejects.toMatchObject({
    code: 'write-failed',
    message: expect.stringContaining(path),
  });
});
