import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperationError } from '@catchword/core';
import type BetterSqlite from 'better-sqlite3';
import { makeFolders } from './make-folders.js';
import { writeError } from './write-error.js';

/** A value of a cell. */
export type SqlValue = string | number | null | Uint8Array;

/** A row of a result, by the names of its columns. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface DatabaseOptions {
  /** What messages call it, for example `job database`. */
  readonly name: string;
  /** A number of its own for this kind of database, so that another one is not taken for it. */
  readonly applicationId: number;
  /** Statements that make version i + 1 of version i; an empty file is version 0. */
  readonly migrations: readonly string[];
  /** How long a writer waits for another one; 5,000 unless told. */
  readonly timeoutMs?: number;
  /** What there is without it, for the hint where SQLite cannot be loaded. */
  readonly without?: string;
}

type Connection = InstanceType<typeof BetterSqlite>;

/**
 * An SQLite database in one file, with what is written to it in transactions.
 *
 * Statements are compiled once. A transaction that was committed survives the end of the process and, where the disk keeps what it says, a
 * power cut.
 */
export class Database {
  readonly path: string;
  private readonly name: string;
  private readonly connection: Connection;
  private readonly statements = new Map<string, BetterSqlite.Statement<SqlValue[], SqlRow>>();

  private constructor(connection: Connection, path: string, name: string) {
    this.connection = connection;
    this.path = path;
    this.name = name;
  }

  /**
   * Opens a database, makes it where it is not there, and brings it to the newest version.
   *
   * @throws {OperationError} `not-installed` where SQLite cannot be loaded; `locked`; `database-damaged`, also where the file
   *   is another kind of database; `database-incompatible` where a newer version of this program made it; `write-failed`
   */
  static async open(path: string, options: DatabaseOptions): Promise<Database> {
    const { name, timeoutMs = 5000 } = options;
    const Sqlite = await loadSqlite(options);
    let connection: Connection | undefined;
    try {
      makeFolders(dirname(path));
      connection = new Sqlite(path, { timeout: timeoutMs });
      connection.pragma('journal_mode = WAL');
      connection.pragma('synchronous = FULL');
      migrate(connection, path, options);
      return new Database(connection, path, name);
    } catch (cause) {
      connection?.close();
      throw isLoadError(cause) ? notInstalled(options, cause) : databaseError(path, name, cause);
    }
  }

  /** Runs a statement. @returns how many rows it has changed */
  run(sql: string, ...values: SqlValue[]): number {
    return this.told(() => this.statement(sql).run(...values).changes);
  }

  /** @returns the first row of a result */
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return this.told(() => this.statement(sql).get(...values));
  }

  /** @returns all rows of a result */
  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    return this.told(() => this.statement(sql).all(...values));
  }

  /** Reads rows one by one; nothing may be written meanwhile. */
  *each(sql: string, ...values: SqlValue[]): Generator<SqlRow, void, undefined> {
    try {
      yield* this.statement(sql).iterate(...values);
    } catch (cause) {
      throw databaseError(this.path, this.name, cause);
    }
  }

  /** Runs work as one transaction that takes the right to write at once; an error undoes it. */
  transaction<T>(work: () => T): T {
    return this.told(() => this.connection.transaction(work).immediate());
  }

  close(): void {
    this.connection.close();
  }

  private statement(sql: string): BetterSqlite.Statement<SqlValue[], SqlRow> {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.connection.prepare<SqlValue[], SqlRow>(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private told<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw databaseError(this.path, this.name, cause);
    }
  }
}

async function loadSqlite(options: DatabaseOptions): Promise<typeof BetterSqlite> {
  try {
    return (await import('better-sqlite3')).default;
  } catch (cause) {
    throw notInstalled(options, cause);
  }
}

/** The package is there, and what was compiled for it is missing or made for another version of Node. */
function isLoadError(error: unknown): boolean {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  return (
    code === 'ERR_DLOPEN_FAILED' || code === 'MODULE_NOT_FOUND' || message.startsWith('Could not locate the bindings')
  );
}

function notInstalled({ name, without }: DatabaseOptions, cause: unknown): OperationError {
  const [reason = ''] = (cause as Error).message.split('\n');
  const isThere = (cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND'; // npm takes away what it could not compile
  return new OperationError('not-installed', `The ${name} needs SQLite, which cannot be loaded: ${reason}`, {
    hint: `Run: ${isThere ? 'npm rebuild better-sqlite3' : 'npm install'} — it needs a C++ compiler, make and Python.${without ? ` ${without}` : ''}`,
    cause,
  });
}

/** Brings the database to the newest version, in one transaction: of two processes the second finds it done. */
function migrate(connection: Connection, path: string, { name, applicationId, migrations }: DatabaseOptions): void {
  const number = (pragma: string) => Number(connection.pragma(pragma, { simple: true }));
  const check = (): number => {
    const version = number('user_version');
    const isForeign = number('application_id') !== applicationId;
    if (isForeign && (version > 0 || number('page_count') > 1 || hasTables(connection))) {
      throw new OperationError('database-damaged', `Cannot use the ${name} ${path}: it is another program's database`, {
        hint: 'Move it away; another one is made in its place.',
        context: { path },
      });
    }
    if (version > migrations.length) {
      const versions = `it has version ${version}, and this program knows versions up to ${migrations.length}`;
      throw new OperationError('database-incompatible', `Cannot use the ${name} ${path}: ${versions}`, {
        hint: 'Update Catchword, or move the file away.',
        context: { path, version },
      });
    }
    return version;
  };
  if (check() === migrations.length) return;
  connection
    .transaction(() => {
      for (const statements of migrations.slice(check())) connection.exec(statements);
      connection.pragma(`application_id = ${applicationId}`);
      connection.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

function hasTables(connection: Connection): boolean {
  return connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

/** Codes of SQLite that say that the disk or the rights are to blame, as the system calls it. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'ENOSPC',
  SQLITE_READONLY: 'EACCES',
  SQLITE_READONLY_DIRECTORY: 'EACCES',
  SQLITE_PERM: 'EACCES',
};

function databaseError(path: string, name: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (cause instanceof TypeError && message.includes('directory does not exist')) {
    return writeError(path, Object.assign(new Error(message, { cause }), { code: 'ENOENT' })); // it could not be looked at
  }
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) {
    return typeof (cause as NodeJS.ErrnoException).syscall === 'string' ? writeError(path, cause) : cause;
  }
  const context = { path, code };
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new OperationError('locked', `Cannot use the ${name} ${path}: another process keeps it locked`, {
      hint: 'Try again in a moment.',
      context,
      cause,
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new OperationError('database-damaged', `Cannot use the ${name} ${path}: it is damaged (${message})`, {
      hint: 'Move it away; another one is made in its place. Results that were written are not touched.',
      context,
      cause,
    });
  }
  const system = code.startsWith('SQLITE_CANTOPEN') ? whyNotOpened(path) : SYSTEM_CODES[code];
  return writeError(path, system ? Object.assign(new Error(message, { cause }), { code: system }) : cause);
}

/** SQLite does not say why it could not open a file. @returns undefined where it can be opened now */
function whyNotOpened(path: string): string | undefined {
  try {
    closeSync(openSync(existsSync(path) ? path : dirname(path), 'r'));
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
