// Makes the package's JavaScript: build.mjs NODE_MODULES FOLDER. There is one implementation, in CommonJS, and a door to
// it for `import`: so both kinds of program share one class RemitError.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules, folder] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const dist = join(folder, 'dist');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const compiler = join(modules, 'typescript', 'lib', 'tsc.js');
const roots = ['--typeRoots', join(modules, '@types')];
const done = spawnSync(process.execPath, [compiler, '-p', join(here, 'tsconfig.json'), ...roots, '--outDir', dist], { stdio: 'inherit' });
if (done.status !== 0) process.exit(1);

const require = createRequire(import.meta.url);
for (const name of ['index', 'testing', 'express', 'native']) {
    const names = Object.keys(require(join(dist, `${name}.js`))).sort();
    const list = names.map((exported) => `export const ${exported} = all.${exported};\n`).join('');
    writeFileSync(join(dist, `${name}.mjs`), `import all from './${name}.js';\n${list}`);
    writeFileSync(join(dist, `${name}.d.mts`), `export * from './${name}.js';\n`);
}
for (const file of ['package.json', 'README.md']) cpSync(join(here, file), join(folder, file));
