import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IndexingError, OperationError } from '@catchword/core';
import { type Database, type FolderLock, isLocked, lockFolder, type SqlRow } from '@catchword/storage';
import type { InputFile } from './input-files.js';
import {
  type Failure,
  type Job,
  type JobPlan,
  type JobReport,
  type JobState,
  NO_COUNTS,
  START,
  type Unit,
} from './job.js';
import { openJobDatabase } from './job-database.js';
import { type SubjectCounts, TallyLog } from './tally-log.js';

/** So many processes in a row may end without settling a document before one is suspected. */
const MOST_ENDS = 3;

/** What a new job begins with. */
export interface NewJob {
  readonly plan: JobPlan;
  readonly cwd: string;
  readonly force: boolean;
  readonly modelVersion: string;
  readonly settings: string;
  readonly inputs: readonly UnitInput[];
}

/** What a unit begins with. */
export interface UnitInput {
  /** The files that it reads. */
  readonly files: Iterable<InputFile>;
  /** How many documents they seem to hold. */
  readonly expected: number | undefined;
  /** Its result file is there and is not written over: there is nothing to do. */
  readonly isKept: boolean;
}

/** What is noted at once when a part of a unit is done. */
export interface Progressed {
  readonly unit: Unit;
  readonly failures: readonly Failure[];
  readonly subjects: SubjectCounts;
  readonly seconds: number;
}

/** The jobs of a data folder. What is noted is noted whole or not at all. */
export class JobStore {
  private readonly db: Database;
  private readonly dataDir: string;
  private readonly tallies: TallyLog;

  private constructor(db: Database, dataDir: string) {
    this.db = db;
    this.dataDir = dataDir;
    this.tallies = new TallyLog(db);
  }

  /** @throws as `Database.open` */
  static async open(dataDir: string, timeoutMs?: number): Promise<JobStore> {
    const store = new JobStore(await openJobDatabase(dataDir, timeoutMs), dataDir);
    store.removeDeadLocks();
    return store;
  }

  /** Processes that were killed, or could not remove it, have left a lock and nothing else in the folder of a job. */
  private removeDeadLocks(): void {
    for (const entry of readdirSync(join(this.dataDir, 'jobs'), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const folder = this.folder(entry.name);
      const names = namesIn(folder);
      if (names.length === 0) removeEmptyFolder(folder);
      else if (names.every((name) => name.startsWith('.lock')) && !isLocked(folder)) this.lock(entry.name).release();
    }
  }

  close(): void {
    this.db.close();
  }

  /** @throws {OperationError} `locked` where there is an open job of the same plan */
  begin({ plan, cwd, force, modelVersion, settings, inputs }: NewJob): Job {
    const id = randomBytes(4).toString('hex');
    const { db } = this;
    db.transaction(() => {
      const other = db.get(`SELECT id FROM jobs WHERE key = ? AND state IN ('open', 'cancelling')`, planKey(plan, cwd));
      if (other) {
        throw new OperationError('locked', `The same command has begun job ${other.id} just now`, {
          hint: `To go on with it when it has stopped: catchword jobs resume ${other.id}`,
          context: { job: other.id },
        });
      }
      db.run(
        `INSERT INTO jobs (id, key, state, plan, cwd, force, model_version, settings, created)
         VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?)`,
        ...[id, planKey(plan, cwd), JSON.stringify(plan), cwd, force ? 1 : 0, modelVersion, settings],
        new Date().toISOString(),
      );
      for (const [n, unit] of plan.units.entries()) {
        const lengths = unit.outputs.map(() => ({ part: 0, waiting: 0, waitingFile: 0, text: 0 }));
        const { files = [], expected, isKept = false } = inputs[n] ?? {};
        const counts = { ...NO_COUNTS, outputs: unit.outputs.map(() => 0), kept: isKept ? 1 : 0 };
        db.run(
          `INSERT INTO units (job, n, plan, state, position, lengths, counts, expected)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[id, n, JSON.stringify(unit), isKept ? 'done' : 'waiting', JSON.stringify(START), JSON.stringify(lengths)],
          ...[JSON.stringify(counts), expected ?? null],
        );
        for (const { path, size, mtimeMs, checksum } of files) {
          db.run(
            'INSERT OR IGNORE INTO inputs (job, unit, path, size, mtime, checksum) VALUES (?, ?, ?, ?, ?, ?)',
            ...[id, n, path, size, mtimeMs, checksum],
          );
        }
      }
    });
    return this.job(id);
  }

  /** @returns the job that a command with this plan goes on with, or the last one that it has finished */
  latest(plan: JobPlan, cwd: string): Job | undefined {
    const row = this.db.get(
      `SELECT * FROM jobs WHERE key = ? AND state <> 'cancelled' ORDER BY created DESC, rowid DESC LIMIT 1`,
      planKey(plan, cwd),
    );
    return row && jobOf(row);
  }

  /** @throws {OperationError} `job-not-found` */
  job(id: string): Job {
    const row = this.db.get('SELECT * FROM jobs WHERE id = ?', id);
    if (row) return jobOf(row);
    throw new OperationError('job-not-found', `There is no job "${id}"`, {
      hint: 'Run: catchword jobs list',
      context: { job: id },
    });
  }

  /** @returns all jobs, the oldest first */
  jobs(): Job[] {
    return this.db.all('SELECT * FROM jobs ORDER BY created, rowid').map(jobOf);
  }

  units(jobId: string): Unit[] {
    return this.db.all('SELECT * FROM units WHERE job = ? ORDER BY n', jobId).map(unitOf);
  }

  /** @returns documents without a result, in the order of the inputs */
  failures(jobId: string): Failure[] {
    const rows = this.db.all('SELECT * FROM failures WHERE job = ? ORDER BY unit, source, document, path', jobId);
    return rows.map(failureOf);
  }

  countFailures(jobId: string): number {
    return Number(this.db.get('SELECT count(*) AS n FROM failures WHERE job = ?', jobId)?.n);
  }

  /** The files of a unit as they were when the job began, by path. */
  *inputs(jobId: string, unit: number): Generator<InputFile, void, undefined> {
    const rows = this.db.all('SELECT * FROM inputs WHERE job = ? AND unit = ? ORDER BY path', jobId, unit);
    for (const { path, size, mtime, checksum } of rows) {
      yield { path: String(path), size: Number(size), mtimeMs: Number(mtime), checksum: String(checksum) };
    }
  }

  /** Subjects of all results, with how many documents have each. */
  subjectCounts(jobId: string): SubjectCounts {
    return this.tallies.read(jobId);
  }

  /**
   * Notes what was done, in one transaction.
   *
   * @returns the job's state, which another process may have changed
   */
  progress(jobId: string, { unit, failures, subjects, seconds }: Progressed): JobState {
    const { db } = this;
    return db.transaction(() => {
      this.updateUnit(jobId, unit);
      for (const failure of failures) this.insertFailure(jobId, failure);
      this.tallies.add(jobId, subjects);
      if (unit.plan.kind === 'folder') db.run('DELETE FROM intents WHERE job = ?', jobId);
      db.run('UPDATE jobs SET seconds = seconds + ? WHERE id = ?', seconds, jobId);
      return String(db.get('SELECT state FROM jobs WHERE id = ?', jobId)?.state ?? 'cancelling') as JobState;
    });
  }

  /** Notes that a unit's failed documents were tried again: which of them failed again, and what came of the others. */
  retried(jobId: string, progressed: Progressed): void {
    this.db.transaction(() => {
      this.db.run('DELETE FROM failures WHERE job = ? AND unit = ?', jobId, progressed.unit.n);
      this.progress(jobId, progressed);
    });
  }

  /**
   * Notes that work on a unit begins.
   *
   * @returns true where a document seems to end the process: several times in a row work began with the same documents settled and did not end in
   *   an orderly way, or did so with a document that was noted
   */
  beginRun(jobId: string, n: number): boolean {
    return this.db.transaction(() => {
      const row = this.db.get('SELECT counts, runs, runs_at, begun_at FROM units WHERE job = ? AND n = ?', jobId, n);
      const { documents } = JSON.parse(String(row?.counts)) as Unit['counts'];
      const nRuns = row?.runs_at === documents ? Number(row.runs) + 1 : 1;
      this.db.run('UPDATE units SET runs = ?, runs_at = ? WHERE job = ? AND n = ?', nRuns, documents, jobId, n);
      return nRuns > MOST_ENDS || row?.begun_at === documents;
    });
  }

  /** Notes that work on a unit ends in an orderly way, be it with an error. */
  endRun(jobId: string, n: number): void {
    this.db.run('UPDATE units SET runs = 0, begun_at = -1 WHERE job = ? AND n = ?', jobId, n);
  }

  /**
   * Notes that work on one document begins.
   *
   * @param documents of the unit that are settled before it
   * @returns how often it began, this time included
   */
  beginDocument(jobId: string, n: number, documents: number): number {
    return this.db.transaction(() => {
      const row = this.db.get('SELECT begun, begun_at FROM units WHERE job = ? AND n = ?', jobId, n);
      const nBegun = row?.begun_at === documents ? Number(row.begun) + 1 : 1;
      this.db.run('UPDATE units SET begun = ?, begun_at = ? WHERE job = ? AND n = ?', nBegun, documents, jobId, n);
      return nBegun;
    });
  }

  /** @param seconds that it was worked on since it was noted last */
  setUnit(jobId: string, unit: Unit, seconds = 0): void {
    this.db.transaction(() => {
      this.updateUnit(jobId, unit);
      this.db.run('UPDATE jobs SET seconds = seconds + ? WHERE id = ?', seconds, jobId);
      if (unit.state === 'done') this.db.run('DELETE FROM intents WHERE job = ?', jobId);
    });
  }

  /** Notes result files that are about to be made, so that after a crash they are known to be the job's own. */
  intend(jobId: string, paths: readonly string[]): void {
    if (paths.length === 0) return;
    this.db.transaction(() => {
      for (const path of paths) this.db.run('INSERT OR IGNORE INTO intents (job, path) VALUES (?, ?)', jobId, path);
    });
  }

  isIntended(jobId: string, path: string): boolean {
    return this.db.get('SELECT 1 FROM intents WHERE job = ? AND path = ?', jobId, path) !== undefined;
  }

  setState(jobId: string, state: JobState): void {
    this.db.run('UPDATE jobs SET state = ? WHERE id = ?', state, jobId);
  }

  /** Asks whoever works on an open job to stop. @returns false where it has ended meanwhile */
  askToCancel(jobId: string): boolean {
    const sql = `UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state IN ('open', 'cancelling')`;
    return this.db.run(sql, jobId) > 0;
  }

  finish(jobId: string, state: JobState, report: JobReport): void {
    this.db.run(
      'UPDATE jobs SET state = ?, report = ?, finished = ? WHERE id = ?',
      ...[state, JSON.stringify(report), new Date().toISOString(), jobId],
    );
  }

  /** Lets an open job write over results that are there. */
  setForce(jobId: string): void {
    this.db.run('UPDATE jobs SET force = 1 WHERE id = ?', jobId);
  }

  /** Lets an open job go on with another model. */
  setModel(jobId: string, modelVersion: string, settings: string): void {
    this.db.run('UPDATE jobs SET model_version = ?, settings = ? WHERE id = ?', modelVersion, settings, jobId);
  }

  remove(jobId: string): void {
    this.db.run('DELETE FROM jobs WHERE id = ?', jobId);
  }

  /** Where a job keeps what is no result. */
  folder(jobId: string): string {
    return join(this.dataDir, 'jobs', jobId);
  }

  /**
   * Takes the right to work on a job. When it is given back, the folder goes where it is empty, also one that a process has left that was killed.
   *
   * @throws {OperationError} `locked` where another process works on it
   */
  lock(jobId: string): FolderLock {
    const folder = this.folder(jobId);
    try {
      const lock = lockFolder(folder);
      return {
        path: lock.path,
        release() {
          lock.release();
          removeEmptyFolder(folder);
        },
      };
    } catch (cause) {
      if (!IndexingError.is(cause) || cause.code !== 'locked') throw cause;
      const { pid, since, host } = cause.context;
      const who = pid === undefined ? 'another process, as of now' : `process ${pid} on ${host}, since ${since}`;
      throw new OperationError('locked', `Somebody works on job ${jobId} already: ${who}`, {
        hint: cause.hint ?? '',
        context: { job: jobId, pid, since },
        cause,
      });
    }
  }

  /** True while a process works on the job. */
  isWorkedOn(jobId: string): boolean {
    return isLocked(this.folder(jobId));
  }

  async removeFolder(jobId: string): Promise<void> {
    await rm(this.folder(jobId), { recursive: true, force: true });
  }

  private updateUnit(jobId: string, { n, state, position, lengths, counts }: Unit): void {
    this.db.run(
      'UPDATE units SET state = ?, position = ?, lengths = ?, counts = ? WHERE job = ? AND n = ?',
      ...[state, JSON.stringify(position), JSON.stringify(lengths), JSON.stringify(counts), jobId, n],
    );
  }

  private insertFailure(jobId: string, failure: Failure): void {
    const { unit, source, document, path, checksum, offsets, code, reason, attempts } = failure;
    this.db.run(
      `INSERT OR REPLACE INTO failures (job, unit, source, document, path, checksum, offsets, code, reason, attempts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[jobId, unit, source, document, path, checksum, JSON.stringify(offsets), code, reason, attempts],
    );
  }
}

/** @returns nothing where the folder has gone meanwhile */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** @returns what equal plans share, wherever the command was given from */
function planKey(plan: JobPlan, cwd: string): string {
  const units = plan.units.map((unit) => ({ ...unit, paths: unit.paths.map((path) => resolve(cwd, path)) }));
  return createHash('sha256')
    .update(JSON.stringify({ ...plan, units }))
    .digest('hex');
}

function jobOf(row: SqlRow): Job {
  return {
    id: String(row.id),
    state: String(row.state) as JobState,
    plan: JSON.parse(String(row.plan)) as JobPlan,
    cwd: String(row.cwd),
    force: row.force === 1,
    modelVersion: String(row.model_version),
    settings: String(row.settings),
    created: String(row.created),
    finished: row.finished === null ? undefined : String(row.finished),
    seconds: Number(row.seconds),
    report: row.report === null ? undefined : (JSON.parse(String(row.report)) as JobReport),
  };
}

function unitOf(row: SqlRow): Unit {
  return {
    n: Number(row.n),
    plan: JSON.parse(String(row.plan)) as Unit['plan'],
    state: String(row.state) as Unit['state'],
    position: { path: undefined, ...(JSON.parse(String(row.position)) as Omit<Unit['position'], 'path'>) },
    lengths: JSON.parse(String(row.lengths)) as Unit['lengths'],
    counts: JSON.parse(String(row.counts)) as Unit['counts'],
    expected: row.expected === null ? undefined : Number(row.expected),
  };
}

function failureOf(row: SqlRow): Failure {
  return {
    unit: Number(row.unit),
    source: Number(row.source),
    document: Number(row.document),
    path: String(row.path),
    checksum: String(row.checksum),
    offsets: JSON.parse(String(row.offsets)) as number[],
    code: String(row.code),
    reason: String(row.reason),
    attempts: Number(row.attempts),
  };
}
