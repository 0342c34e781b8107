import type { SubjectId, SubjectIndex } from '@catchword/core';
import { displayLabel } from './display-label.js';

/** Subjects of which each has a label to show, in whatever language it is asked for. */
export class LabelledSubjects implements SubjectIndex {
  private readonly subjects: SubjectIndex;

  constructor(subjects: SubjectIndex) {
    this.subjects = subjects;
  }

  get nSubjects(): number {
    return this.subjects.nSubjects;
  }

  idOfUri(uri: string): SubjectId {
    return this.subjects.idOfUri(uri);
  }

  idOfLabel(label: string, language: string): SubjectId {
    return this.subjects.idOfLabel(label, language);
  }

  uri(id: SubjectId): string {
    return this.subjects.uri(id);
  }

  /** @see displayLabel */
  label(id: SubjectId, language: string): string {
    return displayLabel(this.subjects, id, language);
  }

  notation(id: SubjectId): string | undefined {
    return this.subjects.notation(id);
  }
}
