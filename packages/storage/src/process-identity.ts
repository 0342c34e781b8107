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
  const actual = startTimeOf(pid);
  return startTime === 0 || actual === 0 || actual === startTime;
}

/** Field 22 of /proc/PID/stat, in clock ticks since the system started (proc(5)); 0 where there is no such file. */
function startTimeOf(pid: number): number {
  if (process.platform !== 'linux') return 0;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[19]) || 0;
  } catch {
    return 0; // ended meanwhile, or hidden from us
  }
}
