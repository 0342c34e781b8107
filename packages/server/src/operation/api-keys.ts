import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, InputError } from '@catchword/core';
import { atomicWriteFile, withFolderLock } from '@catchword/storage';

/** What a key may be used for; `admin` includes the others. */
export const SCOPES = ['suggest', 'learn', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** A key as it is stored: not the key itself. */
export interface ApiKey {
  /** 12 hexadecimal digits; part of the key, and what logs and lists call it. */
  readonly id: string;
  /** Whose it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Hexadecimal SHA-256 of the whole key. A key is 256 random bits, so that a slow hash would add nothing. */
  readonly sha256: string;
  /** ISO 8601, UTC. */
  readonly created: string;
}

const FORM = /^cw_([0-9a-f]{12})_[\w-]{43}$/;
/** How long a revoked key may still be known. */
const STALE_MS = 1000;
const NO_HASH = Buffer.alloc(32);

/** The keys of a data folder, in `keys/keys.json`. */
export class ApiKeyStore {
  private readonly folder: string;
  /** The file that they are in. */
  readonly path: string;
  private keys: readonly ApiKey[] = [];
  private stamp = '';
  private checkedAt = Number.NEGATIVE_INFINITY;

  constructor(dataDir: string) {
    this.folder = join(dataDir, 'keys');
    this.path = join(this.folder, 'keys.json');
  }

  /**
   * Makes a key; it is shown this once.
   *
   * @throws {ConfigurationError} `usage-invalid` for a name without a letter or digit, or without scopes
   * @throws {OperationError} `locked`, `write-failed`
   */
  async create(name: string, scopes: readonly Scope[]): Promise<{ readonly key: string; readonly record: ApiKey }> {
    if (!/[\p{L}\p{N}]/u.test(name) || name.length > 100) {
      throw new ConfigurationError('usage-invalid', 'A key needs a name of at most 100 characters, to know it by', {
        hint: 'For example: catchword create-key cataloguing --scope suggest',
      });
    }
    if (scopes.length === 0) throw new ConfigurationError('usage-invalid', 'A key needs a scope');
    const id = randomBytes(6).toString('hex');
    const key = `cw_${id}_${randomBytes(32).toString('base64url')}`;
    const record: ApiKey = {
      id,
      name,
      scopes: [...new Set(scopes)],
      sha256: hash(key).toString('hex'),
      created: now(),
    };
    await this.change((keys) => [...keys, record]);
    return { key, record };
  }

  /** @returns all keys, oldest first */
  list(): readonly ApiKey[] {
    this.read();
    return this.keys;
  }

  /** @returns the key that was revoked; @throws {ConfigurationError} `usage-invalid` if no key has this id */
  async revoke(id: string): Promise<ApiKey> {
    let found: ApiKey | undefined;
    await this.change((keys) => {
      found = keys.find((key) => key.id === id);
      return keys.filter((key) => key !== found);
    });
    if (found) return found;
    throw new ConfigurationError('usage-invalid', `There is no key with the id ${JSON.stringify(id.slice(0, 60))}`, {
      hint: 'Run: catchword list-keys',
    });
  }

  /**
   * Finds out whose key it is, in a time that does not depend on how much of it is right.
   *
   * @returns undefined for what is no key, or one that was revoked
   * @throws {InputError} if the file of keys cannot be read
   */
  verify(key: string): ApiKey | undefined {
    const id = FORM.exec(key)?.[1];
    if (id === undefined) return undefined;
    if (performance.now() - this.checkedAt > STALE_MS) this.read();
    const record = this.keys.find((known) => known.id === id);
    const isRight = timingSafeEqual(hash(key), record ? Buffer.from(record.sha256, 'hex') : NO_HASH);
    return isRight ? record : undefined;
  }

  private async change(edit: (keys: readonly ApiKey[]) => readonly ApiKey[]): Promise<void> {
    await withFolderLock(this.folder, async () => {
      this.read();
      const keys = edit(this.keys);
      await atomicWriteFile(this.path, `${JSON.stringify({ keys }, null, 2)}\n`);
    });
    this.read();
  }

  private read(): void {
    this.checkedAt = performance.now();
    if (!existsSync(this.path)) {
      this.keys = [];
      this.stamp = '';
      return;
    }
    const { ino, mtimeMs, size } = statSync(this.path);
    const stamp = `${ino} ${mtimeMs} ${size}`;
    if (stamp === this.stamp) return;
    this.keys = parseKeys(readFileSync(this.path, 'utf8'), this.path);
    this.stamp = stamp;
  }
}

function parseKeys(text: string, path: string): ApiKey[] {
  try {
    const { keys } = JSON.parse(text) as { keys: ApiKey[] };
    const isRight = (key: ApiKey) =>
      typeof key.name === 'string' &&
      /^[0-9a-f]{12}$/.test(key.id) &&
      /^[0-9a-f]{64}$/.test(key.sha256) &&
      key.scopes.every((scope) => SCOPES.includes(scope));
    if (keys.every(isRight)) return keys;
  } catch (cause) {
    throw damaged(path, cause);
  }
  throw damaged(path, undefined);
}

function damaged(path: string, cause: unknown): InputError {
  return new InputError('input-invalid', `${path} does not hold keys as Catchword writes them`, {
    hint: 'Restore it from a backup; as long as it is damaged no key is taken.',
    context: { path },
    cause,
  });
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function now(): string {
  return new Date().toISOString();
}
