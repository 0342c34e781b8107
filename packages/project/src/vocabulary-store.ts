import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type JsonObject,
  ModelError,
  OperationError,
  type Progress,
  SUBJECT_ACTIVE,
  SUBJECT_REMOVED,
  type Vocabulary,
} from '@catchword/core';
import { dataFolderPath, readManifest, readModelFolder, withFolderLock, writeModelFolder } from '@catchword/storage';
import {
  type ConceptDefinitions,
  openVocabulary,
  readVocabulary,
  updateVocabulary,
  type VocabularyChanges,
} from '@catchword/vocabulary';
import { isDefinitionsName, readDefinitions, removeOtherDefinitions, writeDefinitions } from './definition-folder.js';
import { labelLanguages } from './label-languages.js';
import { type ChangeCount, countChange } from './vocabulary-changes.js';

const KIND = 'vocabulary';

/** A vocabulary of the data folder, open. */
export interface StoredVocabulary {
  readonly id: string;
  readonly vocabulary: Vocabulary;
  /** The fingerprint that it was first loaded with; subject ids of one lineage mean the same. */
  readonly lineage: string;
  /**
   * Reads what its concepts mean, at the first call; others have it from memory.
   *
   * @returns undefined where the file had no definitions, or it was loaded before they were kept
   * @throws {ModelError} `model-damaged`, `model-incompatible`
   */
  definitions(): Promise<ConceptDefinitions | undefined>;
}

export interface UpdateVocabularyOptions {
  /** The language of labels in a TSV file. */
  readonly language?: string;
  /** Builds the vocabulary anew: subject ids are given again, and models trained before no longer fit. */
  readonly force?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What loading a vocabulary changed. */
export interface VocabularyUpdate {
  readonly id: string;
  /** True where there was none before, or it was built anew. */
  readonly created: boolean;
  readonly nActive: number;
  /** Rows of the subject index, those of removed subjects included. */
  readonly nSubjects: number;
  readonly nLabels: number;
  readonly languages: readonly string[];
  readonly added: ChangeCount;
  readonly removed: ChangeCount;
  readonly relabelled: ChangeCount;
  readonly restored: ChangeCount;
  /** Still there, and no longer suggested. */
  readonly deprecated: ChangeCount;
  readonly seconds: number;
  readonly folder: string;
}

/** The vocabularies of a data folder, each a model folder under `vocabs/`. */
export class VocabularyStore {
  private readonly dataDir: string;
  private readonly open_ = new Map<string, Promise<StoredVocabulary>>();

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  /** @throws {ConfigurationError} `id-invalid` */
  folder(id: string): string {
    return dataFolderPath(this.dataDir, 'vocabs', id);
  }

  /** @returns the ids of all vocabularies that were loaded, sorted */
  ids(): string[] {
    const folder = join(this.dataDir, 'vocabs');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((id) => existsSync(join(folder, id, 'manifest.json')))
      .sort();
  }

  exists(id: string): boolean {
    return existsSync(join(this.folder(id), 'manifest.json'));
  }

  /**
   * Opens a vocabulary; once, until it is updated here or forgotten.
   *
   * @throws {OperationError} `vocabulary-not-found` if it was never loaded
   * @throws {ModelError} `model-damaged`, `model-incompatible`
   */
  open(id: string): Promise<StoredVocabulary> {
    let opened = this.open_.get(id);
    if (!opened) {
      opened = this.read(id);
      this.open_.set(id, opened);
      opened.catch(() => this.open_.delete(id));
    }
    return opened;
  }

  /** Makes the next `open` read the vocabulary again: for whoever sees that another process has updated it. */
  forget(id: string): void {
    this.open_.delete(id);
  }

  /**
   * Loads a vocabulary file: creates the vocabulary, or updates it so that every subject keeps its id.
   *
   * @throws the old vocabulary stays as it is
   */
  async update(id: string, file: string, options: UpdateVocabularyOptions = {}): Promise<VocabularyUpdate> {
    const started = performance.now();
    const folder = this.folder(id);
    const { language, onProgress, onWarning, signal } = options;
    const parsed = await readVocabulary(file, {
      ...(language === undefined ? undefined : { language }),
      ...(onProgress ? { onProgress } : undefined),
      ...(onWarning ? { onWarning } : undefined),
      ...(signal ? { signal } : undefined),
    });
    signal?.throwIfAborted();
    return withFolderLock(folder, async () => {
      this.open_.delete(id); // another process may have updated it
      const old = options.force || !this.exists(id) ? undefined : await this.openForUpdate(id);
      const { vocabulary, definitions, changes } = updateVocabulary(old?.vocabulary, parsed);
      signal?.throwIfAborted();
      if (old) warnOfLoss(id, file, old.vocabulary, changes, onWarning);
      const data = vocabulary.toModelData();
      const lineage = old?.lineage ?? vocabulary.fingerprint;
      const named = definitions && (await writeDefinitions(folder, definitions));
      const meta = { lineage, vocabulary: data.meta, ...(named === undefined ? undefined : { definitions: named }) };
      await writeModelFolder(folder, { kind: KIND, meta, pack: data.pack });
      this.open_.delete(id);
      await removeOtherDefinitions(folder, named);
      const languages = labelLanguages(vocabulary);
      const shown = options.language ?? languages.find((code) => code === 'en') ?? languages[0] ?? '';
      return {
        id,
        created: !old,
        nActive: vocabulary.status.reduce((n, status) => n + (status === SUBJECT_ACTIVE ? 1 : 0), 0),
        nSubjects: vocabulary.nSubjects,
        nLabels: vocabulary.labels.subject.length,
        languages,
        added: countChange(changes.added, vocabulary, shown),
        removed: countChange(changes.removed, old?.vocabulary ?? vocabulary, shown),
        relabelled: countChange(changes.relabelled, vocabulary, shown, old?.vocabulary),
        restored: countChange(changes.restored, vocabulary, shown),
        deprecated: countChange(changes.deprecated, old?.vocabulary ?? vocabulary, shown),
        seconds: (performance.now() - started) / 1000,
        folder,
      };
    });
  }

  /** Says what to do where the old vocabulary cannot be read. */
  private async openForUpdate(id: string): Promise<StoredVocabulary> {
    try {
      return await this.open(id);
    } catch (cause) {
      if (!(cause instanceof ModelError) || cause.code !== 'model-damaged') throw cause;
      throw new ModelError(
        cause.code,
        `Cannot update vocabulary "${id}", which is there and cannot be read. ${cause.message}`,
        {
          hint:
            'Restore its folder from a backup, or make it anew with: catchword load-vocab --force. ' +
            'Subjects then get new numbers, and the projects that use it must be trained again.',
          context: { ...cause.context, vocabularyId: id },
          cause,
        },
      );
    }
  }

  private async read(id: string): Promise<StoredVocabulary> {
    if (!this.exists(id)) {
      throw new OperationError('vocabulary-not-found', `Vocabulary "${id}" has not been loaded`, {
        hint: `Run: catchword load-vocab ${id} FILE`,
        context: { vocabularyId: id },
      });
    }
    const folder = this.folder(id);
    const { data } = await readModelFolder(folder, { kind: KIND });
    const { lineage, vocabulary: meta, definitions } = data.meta;
    const isNamed = definitions === undefined || isDefinitionsName(definitions);
    if (typeof lineage !== 'string' || typeof meta !== 'object' || meta === null || Array.isArray(meta) || !isNamed) {
      throw new ModelError('model-damaged', `Cannot read the vocabulary in ${folder}: its manifest is not one`, {
        hint: `Run: catchword load-vocab --force ${id} FILE`,
        context: { folder },
      });
    }
    const vocabulary = openVocabulary({ meta: meta as JsonObject, pack: data.pack });
    let read: Promise<ConceptDefinitions | undefined> | undefined;
    return {
      ...{ id, lineage, vocabulary },
      definitions: () => {
        if (read) return read;
        const reading = definitions === undefined ? Promise.resolve(undefined) : definitionsOf(folder, definitions);
        reading.catch(() => {
          read = undefined; // the next one who asks tries again
        });
        read = reading;
        return reading;
      },
    };
  }
}

/** @returns undefined where the vocabulary has been loaded again since, and they are gone with the version that they were of */
async function definitionsOf(folder: string, name: string): Promise<ConceptDefinitions | undefined> {
  try {
    return await readDefinitions(folder, name);
  } catch (error) {
    const { meta } = await readManifest(folder);
    if (meta.definitions === name) throw error;
    return undefined;
  }
}

/** Warns where more than half of the subjects go, which is hardly ever meant, unless it brings back others that had gone. */
function warnOfLoss(
  id: string,
  file: string,
  old: Vocabulary,
  changes: VocabularyChanges,
  onWarning: ((message: string) => void) | undefined,
): void {
  const nBefore = old.status.reduce((n, status) => n + (status === SUBJECT_REMOVED ? 0 : 1), 0);
  const nRemoved = changes.removed.length;
  if (nRemoved * 2 <= nBefore || changes.restored.length > changes.added.length) return;
  onWarning?.(
    `${file} removes ${nRemoved} of the ${nBefore} subjects of vocabulary "${id}". ` +
      'If it is the wrong file, load the old one again: that brings them back with their ids',
  );
}
