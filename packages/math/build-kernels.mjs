// Compiles assembly/ to dist/kernels.wasm, unless what is there was made of the same sources by the same compiler.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const MEMORY = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
const OPTIONS = ['-O3', '--noAssert', '--enable', 'simd', '--enable', 'threads', '--runtime', 'stub', ...MEMORY];

const require = createRequire(import.meta.url);
const hash = createHash('sha256').update(require('assemblyscript/package.json').version).update(OPTIONS.join(' '));
for (const name of readdirSync(at('assembly')).sort()) hash.update(name).update(readFileSync(at(`assembly/${name}`)));
const key = hash.digest('hex');

const made = at('dist/kernels.wasm');
const keyFile = at('dist/kernels.key');
if (read(keyFile) !== key) {
  mkdirSync(at('dist'), { recursive: true });
  const { main } = await import('assemblyscript/asc');
  const { error, stderr } = await main([at('assembly/index.ts'), '-o', made, '--baseDir', '/', ...OPTIONS]);
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
  writeFileSync(keyFile, key);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
