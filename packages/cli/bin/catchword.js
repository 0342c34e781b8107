#!/usr/bin/env node
import { readdirSync, statSync } from 'node:fs';

/** When a file was written, in milliseconds; 0 where it is not there. */
const written = (url) => statSync(url, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// The packages joined to a few files, unless one has been compiled since.
const packages = new URL('../../', import.meta.url);
const bundle = new URL('../dist/bundle/main.js', import.meta.url);
const joined = written(bundle);
const isFresh = readdirSync(packages).every(
  (name) => written(new URL(`${name}/tsconfig.tsbuildinfo`, packages)) <= joined,
);
await import(joined > 0 && isFresh ? bundle.href : '../dist/main.js');
