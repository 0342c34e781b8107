import { join } from 'node:path';
import { Database } from '@catchword/storage';

/** `CwJ1` */
const APPLICATION_ID = 0x43774a31;

const VERSION_1 = `
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  plan TEXT NOT NULL,
  cwd TEXT NOT NULL,
  force INTEGER NOT NULL,
  model_version TEXT NOT NULL,
  settings TEXT NOT NULL,
  created TEXT NOT NULL,
  finished TEXT,
  seconds REAL NOT NULL DEFAULT 0,
  report TEXT
) STRICT;
CREATE INDEX jobs_by_key ON jobs (key, created);
CREATE TABLE units (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  plan TEXT NOT NULL,
  state TEXT NOT NULL,
  position TEXT NOT NULL,
  lengths TEXT NOT NULL,
  counts TEXT NOT NULL,
  expected INTEGER,
  PRIMARY KEY (job, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE inputs (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  unit INTEGER NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime REAL NOT NULL,
  PRIMARY KEY (job, unit, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE failures (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  unit INTEGER NOT NULL,
  source INTEGER NOT NULL,
  document INTEGER NOT NULL,
  path TEXT NOT NULL,
  checksum TEXT NOT NULL,
  offsets TEXT NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  PRIMARY KEY (job, unit, source, document, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE tallies (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  counts BLOB NOT NULL,
  PRIMARY KEY (job, seq)
) STRICT;
CREATE TABLE intents (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  PRIMARY KEY (job, path)
) STRICT, WITHOUT ROWID;
`;

/**
 * What lets a job get past a document that ends the process: how often a run began without settling any, and with which document. And what files
 * that are named themselves held.
 */
const VERSION_2 = `
ALTER TABLE units ADD COLUMN runs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE units ADD COLUMN runs_at INTEGER NOT NULL DEFAULT -1;
ALTER TABLE units ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE units ADD COLUMN begun_at INTEGER NOT NULL DEFAULT -1;
ALTER TABLE inputs ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
`;

/** @returns where the jobs of a data folder are kept */
export function jobDatabasePath(dataDir: string): string {
  return join(dataDir, 'jobs', 'jobs.sqlite');
}

/** Opens the job database of a data folder; made where it is not there. @throws as `Database.open` */
export function openJobDatabase(dataDir: string, timeoutMs?: number): Promise<Database> {
  return Database.open(jobDatabasePath(dataDir), {
    name: 'job database',
    applicationId: APPLICATION_ID,
    migrations: [VERSION_1, VERSION_2],
    without: 'Without it: catchword index --no-job.',
    ...(timeoutMs === undefined ? undefined : { timeoutMs }),
  });
}
