import type { Progress } from '@catchword/core';
import type { Messages } from './messages.js';

const REWRITE_MS = 100;
const FIRST_LINE_MS = 5_000;
const NEXT_LINE_MS = 15_000;

/**
 * Shows how far a piece of work is: one line that is rewritten on a terminal, else a plain line now and then.
 *
 * Work that ends within five seconds says nothing where there is no terminal.
 */
export class ProgressReport {
  private readonly messages: Messages;
  private readonly now: () => number;
  private stage = '';
  private stageStarted = 0;
  private firstDone = 0;
  private nextShown = 0;

  constructor(messages: Messages, now: () => number = () => performance.now()) {
    this.messages = messages;
    this.now = now;
  }

  readonly update = (progress: Progress): void => {
    const now = this.now();
    if (progress.stage !== this.stage) {
      this.stage = progress.stage;
      this.stageStarted = now;
      this.firstDone = progress.done;
      this.nextShown = this.messages.isTerminal ? now : now + FIRST_LINE_MS;
    }
    if (now < this.nextShown) return;
    const line = progressLine(progress, progress.done - this.firstDone, (now - this.stageStarted) / 1000);
    if (this.messages.isTerminal) {
      this.nextShown = now + REWRITE_MS;
      this.messages.setStatus(line);
    } else {
      this.nextShown = now + NEXT_LINE_MS;
      this.messages.info(line);
    }
  };

  end(): void {
    this.stage = '';
    this.messages.clearStatus();
  }
}

/** For example `matching labels: 1,200 of 5,000 documents (24%), 310/s, 12 s left`. */
export function progressLine(progress: Progress, doneInStage: number, seconds: number): string {
  const { stage, done, total, unit } = progress;
  const parts = [`${stage}: ${count(done)}${total ? ` of ${count(total)}` : ''} ${unit}`];
  if (total) parts[0] += ` (${Math.min(100, Math.floor((100 * done) / total))}%)`;
  const rate = seconds >= 0.5 ? doneInStage / seconds : 0;
  if (rate > 0) {
    parts.push(`${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}/s`);
    if (total && total > done) parts.push(`${duration((total - done) / rate)} left`);
  }
  return parts.join(', ');
}

/** @returns for example `1,234,567` */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @returns for example `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min` */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** @returns for example `12 kB`, `3.4 MB` */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
