import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as a name or a lock file records it. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, on a clock of the system; tells a process from a later one with the same pid. 0 where unknown. */
  readonly startTime: number;
}

let own: ProcessIdentity | undefined;

/** @returns this process */
export function ownIdentity(): ProcessIdentity {
  own ??= { host: hostname(), pid: process.pid, startTime: startTimeOf(process.pid) };
  return own;
}

/** @returns whether a process of this host still runs; false too where its pid belongs to another process by now */
export function isAlive(pid: number, startTime: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // else it lives and belongs to someone else
  }
  const found = processStat(pid);
  if (!found) return true;
  if (found.isZombie) return false;
  return startTime === 0 || found.startTime === 0 || found.startTime === startTime;
}

/** When a process started, in clock ticks since the system did; 0 where that cannot be told. */
function startTimeOf(pid: number): number {
  return processStat(pid)?.startTime ?? 0;
}

/**
 * Reads /proc/PID/stat (proc(5)): fields 3 (state), 20 (threads) and 22 (start).
 *
 * A zombie has ended, and waits for a parent that may never ask, as the first process of many containers; while threads of it
 * are left, it may still write.
 *
 * @returns undefined where there is no such file: ended meanwhile, hidden from us, or another system
 */
function processStat(pid: number): { readonly startTime: number; readonly isZombie: boolean } | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { startTime: Number(fields[19]) || 0, isZombie: fields[0] === 'Z' && Number(fields[17]) <= 1 };
  } catch {
    return undefined;
  }
}
