import { randomBytes } from 'node:crypto';
import type { Document, JsonObject, JsonValue, Vocabulary } from '@catchword/core';
import { OperationError } from '@catchword/core';
import { Journal } from '@catchword/storage';

/** A record that a project has learnt, as it stands in the journal: a document of a corpus in JSON Lines, and more. */
export interface LearntEntry {
  /** 12 hexadecimal digits. */
  readonly id: string;
  /** When it was learnt, ISO 8601 in UTC. */
  readonly time: string;
  readonly document_id?: string;
  readonly text: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly subjects: readonly { readonly uri: string; readonly label?: string }[];
  /** SHA-256 of the model that made the note. */
  readonly model?: string;
  /** What the backend noted of the record before it learnt it. */
  readonly note?: JsonValue;
}

/** An entry, and whether it counts. */
export interface JournalItem {
  readonly entry: LearntEntry;
  readonly isUndone: boolean;
}

/** A record to be learnt, with what the backend noted of it. */
export interface NotedDocument {
  readonly doc: Document;
  readonly note: JsonValue;
}

/**
 * What a project has learnt since it was trained: lines that are only added to, in a folder beside the model. To undo is a
 * line as well.
 */
export class ProjectJournal {
  private readonly journal: Journal;
  private readonly onWarning: (message: string) => void;

  constructor(folder: string, onWarning: (message: string) => void) {
    this.journal = new Journal(folder);
    this.onWarning = onWarning;
  }

  /** @returns how many bytes it has; another number after every change */
  size(): Promise<number> {
    return this.journal.size();
  }

  /**
   * Adds records; they are on the disk when the promise is fulfilled.
   *
   * @param model SHA-256 of the model that made the notes
   * @returns them as entries, and the bytes that the journal has grown by
   * @throws {OperationError} `write-failed`
   */
  async add(
    records: readonly NotedDocument[],
    vocabulary: Vocabulary,
    language: string,
    model: string,
  ): Promise<{ readonly added: LearntEntry[]; readonly nBytes: number }> {
    const now = new Date();
    const entries = records.map(({ doc, note }): LearntEntry => {
      const { documentId, text, metadata, subjects = [] } = doc;
      return {
        id: randomBytes(6).toString('hex'),
        time: now.toISOString(),
        ...(documentId === undefined ? undefined : { document_id: documentId }),
        text,
        ...(metadata === undefined ? undefined : { metadata }),
        subjects: subjects.map((id) => {
          const label = vocabulary.label(id, language);
          return { uri: vocabulary.uri(id), ...(label === undefined ? undefined : { label }) };
        }),
        ...(note === null ? undefined : { model, note }),
      };
    });
    const nBytes = await this.journal.appendAll(entries, now);
    return { added: entries, nBytes };
  }

  /**
   * @param ids of entries that count
   * @throws {OperationError} `usage-invalid`, naming those that are not there or were undone
   */
  async undo(ids: readonly string[]): Promise<LearntEntry[]> {
    const items = new Map((await this.items()).map((item) => [item.entry.id, item]));
    const found = ids.map((id) => items.get(id));
    const wrong = ids.filter((_, i) => found[i] === undefined || found[i].isUndone);
    if (wrong.length > 0) {
      throw new OperationError('usage-invalid', `The journal has no entry ${wrong.join(', ')} that could be undone`, {
        hint: 'Ids are those that are listed, of entries that are not undone.',
        context: { ids: wrong },
      });
    }
    const time = new Date();
    await this.journal.append({ undone: [...new Set(ids)], time: time.toISOString() }, time);
    return found.map((item) => (item as JournalItem).entry);
  }

  /**
   * Keeps notes that a newer model has made of entries.
   *
   * @param notes by id of the entry
   * @throws {OperationError} `write-failed`
   */
  async renote(notes: ReadonlyMap<string, JsonValue>, model: string): Promise<void> {
    const time = new Date();
    const lines = [...notes].map(([id, note]) => ({ noted: id, note, model, time: time.toISOString() }));
    await this.journal.appendAll(lines, time);
  }

  /** @returns all entries, the oldest first; a line that cannot be read is told and left out */
  async items(): Promise<JournalItem[]> {
    const entries: LearntEntry[] = [];
    const undone = new Set<string>();
    const noted = new Map<string, Pick<LearntEntry, 'note' | 'model'>>();
    const damaged: string[] = [];
    for await (const { value } of this.journal.read('', (place) => damaged.push(place))) {
      const line = value as JsonObject;
      if (isEntry(line)) entries.push(line as unknown as LearntEntry);
      else if (Array.isArray(line?.undone)) for (const id of line.undone) undone.add(String(id));
      else if (line?.note !== undefined) noted.set(String(line.noted), { note: line.note, model: String(line.model) });
    }
    if (damaged.length > 0) {
      const [first] = damaged;
      const more = damaged.length > 1 ? ` and ${damaged.length - 1} more` : '';
      this.onWarning(`The journal has a line that was cut short and is passed over: ${first}${more}`);
    }
    return entries.map((entry) => ({ entry: { ...entry, ...noted.get(entry.id) }, isUndone: undone.has(entry.id) }));
  }
}

function isEntry(line: JsonObject | null): boolean {
  return (
    typeof line?.id === 'string' &&
    typeof line.text === 'string' &&
    typeof line.time === 'string' &&
    Array.isArray(line.subjects)
  );
}
