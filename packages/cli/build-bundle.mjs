// Joins the compiled packages to a few files in dist/bundle, which start in half of the time that hundreds of modules take.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const packages = fileURLToPath(new URL('../', import.meta.url));
const out = join(packages, 'cli/dist/bundle');
/** What threads begin with. */
const THREADS = [
  'learners/dist/label-tree/tree-worker.js',
  'learners/dist/shard-worker.js',
  'lexical/dist/mllm/collect-worker.js',
  'marc/dist/write-worker.js',
  'project/dist/panel-worker.js',
  'project/dist/serving/serving-worker.js',
  'project/dist/suggest-worker.js',
  'text/dist/vectors/tokenize-worker.js',
].map((path) => join(packages, path));

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(
    [join(packages, 'cli/dist/main.js'), ...THREADS].map((path) => [basename(path, '.js'), path]),
  ),
  platform: 'node',
  external: (id) => !/^[./]|^@catchword\//.test(id),
  plugins: [{ name: 'packages', resolveId: ownPackage, transform: placed }],
  onLog(level, log) {
    if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') console.error(`${level}: ${log.message}`);
  },
});
const { output } = await bundle.generate({
  format: 'esm',
  comments: false,
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});
mkdirSync(out, { recursive: true });
for (const { fileName, code } of output) writeFileSync(join(out, fileName), escaped(code));

function ownPackage(id) {
  return id.startsWith('@catchword/') ? join(packages, id.slice('@catchword/'.length), 'dist/index.js') : null;
}

/** V8 keeps sources in memory, each character in two bytes where one of them is beyond Latin-1; comments are left out, too. */
function escaped(code) {
  if (/\\[^\0-\x7f]/.test(code)) throw new Error('a backslash before a character that has to be escaped');
  return code.replace(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Files that a module names by its own place are named by the bundle's; threads begin with the bundle's files. */
function placed(code, id) {
  const moved = code.replace(/new URL\('([^']+)', import\.meta\.url\)/g, (_, path) => {
    const target = join(dirname(id), path);
    const place = THREADS.includes(target) ? `./${basename(target)}` : relative(out, target);
    return `new URL('${place}${target.endsWith('/') ? '/' : ''}', IMPORT_META_URL)`;
  });
  if (id.startsWith(packages) && moved.includes('import.meta.url'))
    throw new Error(`${id}: only new URL('…', import.meta.url) can be joined`);
  return moved === code ? null : { code: moved.replaceAll('IMPORT_META_URL', 'import.meta.url'), map: null };
}
