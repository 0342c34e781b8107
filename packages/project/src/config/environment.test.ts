import { expect, test } from 'vitest';
import { readEnvironment } from './environment.js';

test("readEnvironment knows Annif's names, prefers its own, and tells what has no effect", () => {
  expect(readEnvironment({})).toEqual({ notes: [] });
  const annif = { ANNIF_PROJECTS: 'a.cfg', ANNIF_DATADIR: '/srv/annif', ANNIF_PROJECTS_INIT: 'yso-.*' };
  const read = readEnvironment(annif);
  expect(read).toMatchObject({ projects: 'a.cfg', dataDir: '/srv/annif', notes: [] });
  expect(read.projectsInit?.test('yso-en')).toBe(true);
  expect(read.projectsInit?.test('not-yso-en')).toBe(false);
  const both = { ...annif, CATCHWORD_PROJECTS: 'c.yaml', CATCHWORD_DATADIR: '' };
  expect(readEnvironment(both)).toMatchObject({ projects: 'c.yaml', dataDir: '/srv/annif' });
  expect(readEnvironment({ ANNIF_CONFIG: 'annif.default_config.ProductionConfig' }).notes).toEqual([
    'ANNIF_CONFIG is set and has no effect: it names Python code; use CATCHWORD_PROJECTS and CATCHWORD_DATADIR',
  ]);
  expect(() => readEnvironment({ ANNIF_PROJECTS_INIT: '(' })).toThrow('ANNIF_PROJECTS_INIT');
});
