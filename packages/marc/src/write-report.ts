/** What writing came upon. */
export interface MarcWriteReport {
  /** Records that were read. */
  nRecords: number;
  /** Those that are other than before. */
  nChanged: number;
  nHeadingsAdded: number;
  /** Own headings of an earlier run that went. */
  nHeadingsRemoved: number;
  /** Suggestions that a record had already. */
  nPresent: number;
  /** Records that headings would make too long: written as they were. */
  nRefused: number;
  /** Records that cannot be read: written as they were; left out where the format is another. */
  nBroken: number;
  /** Records that the other format has no room or characters for: left out. */
  nNotConverted: number;
}

/** @returns a report of nothing */
export function emptyMarcWriteReport(): MarcWriteReport {
  return {
    nRecords: 0,
    nChanged: 0,
    nHeadingsAdded: 0,
    nHeadingsRemoved: 0,
    nPresent: 0,
    nRefused: 0,
    nBroken: 0,
    nNotConverted: 0,
  };
}

/** Adds what a part of the records came upon to the report of all. */
export function countUp(report: MarcWriteReport, part: Readonly<MarcWriteReport>): void {
  for (const key of Object.keys(part) as (keyof MarcWriteReport)[]) report[key] += part[key];
}

/** Says in sentences what a report holds that a user should know. */
export function describeMarcWrite(report: MarcWriteReport, sameFormat: boolean): string[] {
  const sentences: string[] = [];
  const say = (n: number, one: string, many: string) => {
    if (n > 0) sentences.push(`${n} ${n === 1 ? one : many}`);
  };
  const fate = sameFormat ? 'written as it was' : 'left out';
  const fates = sameFormat ? 'written as they were' : 'left out';
  say(report.nBroken, `record cannot be read: ${fate}`, `records cannot be read: ${fates}`);
  say(report.nNotConverted, 'record does not fit the format: left out', 'records do not fit the format: left out');
  say(
    report.nRefused,
    'record would be too long with its headings: written without',
    'records would be too long with their headings: written without',
  );
  return sentences;
}
