/** What reading a corpus came upon; the counts are those of the latest pass. */
export interface CorpusReport {
  /** Documents handed out. */
  readonly nDocuments: number;
  /** Documents that state no subject; kept out where subjects are required. */
  readonly nWithoutSubjects: number;
  /** Documents that state subjects and none is known; kept out where subjects are required. */
  readonly nWithoutKnownSubject: number;
  /** Documents handed out whose text is empty. */
  readonly nWithoutText: number;
  /** Lines, rows, objects or files that hold no document: no tab, not JSON, not what the format asks for. */
  readonly nInvalid: number;
  /** Distinct unknown subjects, by URI or label; at most MAX_DISTINCT are told apart. */
  readonly nUnknownSubjects: number;
  /** How often a document states an unknown subject. */
  readonly nUnknownAssignments: number;
  /** How often a document states a subject that the project's vocabulary rules exclude. */
  readonly nExcludedAssignments: number;
}

/** Warnings of one kind that are shown; the rest are counted. */
const MAX_WARNINGS = 20;
/** Unknown subjects that are told apart, so that a corpus of another vocabulary does not fill the memory. */
const MAX_DISTINCT = 100_000;

/** The counts of one pass over a corpus. */
export class Tally implements CorpusReport {
  nDocuments = 0;
  nWithoutSubjects = 0;
  nWithoutKnownSubject = 0;
  nWithoutText = 0;
  nInvalid = 0;
  nUnknownAssignments = 0;
  nExcludedAssignments = 0;
  private readonly unknown = new Set<string>();

  get nUnknownSubjects(): number {
    return this.unknown.size;
  }

  countUnknown(subject: string): void {
    this.nUnknownAssignments++;
    if (!this.unknown.has(subject) && this.unknown.size < MAX_DISTINCT) this.unknown.add(ownString(subject));
  }

  toReport(): CorpusReport {
    return {
      nDocuments: this.nDocuments,
      nWithoutSubjects: this.nWithoutSubjects,
      nWithoutKnownSubject: this.nWithoutKnownSubject,
      nWithoutText: this.nWithoutText,
      nInvalid: this.nInvalid,
      nUnknownSubjects: this.nUnknownSubjects,
      nUnknownAssignments: this.nUnknownAssignments,
      nExcludedAssignments: this.nExcludedAssignments,
    };
  }
}

/** Passes on the first warnings of each kind, each once over all passes. */
export class Warnings {
  private readonly shown = new Map<string, Set<string>>();
  private readonly sink: ((message: string) => void) | undefined;

  constructor(sink: ((message: string) => void) | undefined) {
    this.sink = sink;
  }

  /**
   * @param kind in the plural, for the line that ends the list
   * @param key what makes the warning the same as another
   * @param message called only for a warning that is shown
   */
  warn(kind: string, key: string, message: () => string): void {
    if (!this.sink) return;
    let keys = this.shown.get(kind);
    if (!keys) {
      keys = new Set();
      this.shown.set(kind, keys);
    }
    if (keys.size > MAX_WARNINGS || keys.has(key)) return;
    keys.add(ownString(key));
    this.sink(keys.size > MAX_WARNINGS ? `Further ${kind} are not shown` : message());
  }
}

/** Says in sentences what a report holds that a user should know, one for each kind; empty where nothing is amiss. */
export function describeReport(report: CorpusReport, requireSubjects: boolean): string[] {
  const sentences: string[] = [];
  const fate = requireSubjects ? 'left out' : 'kept';
  const say = (n: number, one: string, many: string) => {
    if (n > 0) sentences.push(`${n} ${n === 1 ? one : many}`);
  };
  say(report.nInvalid, 'line or file held no document: skipped', 'lines or files held no document: skipped');
  if (report.nUnknownAssignments > 0) {
    const times = report.nUnknownAssignments === 1 ? 'once' : `${report.nUnknownAssignments} times`;
    say(
      report.nUnknownSubjects,
      `subject is not in the vocabulary, stated ${times}: ignored`,
      `subjects are not in the vocabulary, stated ${times}: ignored`,
    );
  }
  say(
    report.nWithoutKnownSubject,
    `document states no subject of the vocabulary: ${fate}`,
    `documents state no subject of the vocabulary: ${fate}`,
  );
  if (requireSubjects)
    say(report.nWithoutSubjects, 'document states no subject: left out', 'documents state no subject: left out');
  say(report.nWithoutText, 'document has no text', 'documents have no text');
  return sentences;
}

/** Copies a string, so that keeping it does not keep the block of text that it was cut from. */
export function ownString(s: string): string {
  return Buffer.from(s, 'utf8').toString('utf8');
}
