// Builds dist/: one page, one script, one style sheet and the licences, each compressed, the same bytes every time.
//
//   npm ci --ignore-scripts && npm run build            writes dist/
//   npm ci --ignore-scripts && npm run build -- --check  fails when dist/ is not what would be written

import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const check = process.argv.includes('--check');
const root = import.meta.dirname;

/** Leaves out the Latin fonts, three quarters of GraphiQL's style sheet. */
const withoutFonts = {
  name: 'without-fonts',
  setup(build) {
    build.onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

const result = await build({
  absWorkingDir: root,
  entryPoints: { ide: 'src/main.jsx' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020', 'chrome90', 'firefox90', 'safari15'],
  charset: 'utf8',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [withoutFonts],
  metafile: true,
  write: false,
  logLevel: 'warning',
});

const files = new Map(result.outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]));
files.set('index.html', await readFile(path.join(root, 'src/index.html')));
files.set('LICENSES.txt', Buffer.from(await licences(Object.keys(result.metafile.inputs))));

await mkdir(path.join(root, 'dist'), { recursive: true });
let stale = false;
for (const [name, contents] of files) {
  const packed = gzipSync(contents, { level: 9 });
  // The operating system is part of the format; "unknown" is the same everywhere.
  packed[9] = 255;
  const target = path.join(root, 'dist', `${name}.gz`);
  if (check) {
    const present = await readFile(target).catch(() => Buffer.alloc(0));
    if (!present.equals(packed)) {
      stale = true;
      console.error(`dist/${name}.gz is not what the sources give`);
    }
  } else {
    await writeFile(target, packed);
    console.log(`dist/${name}.gz  ${contents.length} bytes, ${packed.length} compressed`);
  }
}
process.exit(stale ? 1 : 0);

/** The licence text of every package of which something is in the bundle. */
async function licences(inputs) {
  const directories = new Set();
  for (const input of inputs) {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (found) {
      directories.add(found[0]);
    }
  }
  const texts = new Map();
  for (const directory of directories) {
    const manifest = JSON.parse(await readFile(path.join(root, directory, 'package.json'), 'utf8'));
    const names = (await readdir(path.join(root, directory))).sort();
    const file = names.find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file ? await readFile(path.join(root, directory, file), 'utf8') : unwritten(manifest);
    texts.set(`${manifest.name} ${manifest.version} (${manifest.license})`, text.replace(/\r\n/g, '\n').trim());
  }
  const sections = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, text]) => `${title}\n\n${text}\n`);
  return `The page /ide contains the following packages.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** The licence of a package that names one and brings no text of it. */
function unwritten({ name, license, author }) {
  if (license !== 'MIT') {
    throw new Error(`${name} has no licence text: add one here`);
  }
  const holder = typeof author === 'string' ? author : author?.name;
  return `MIT License

Copyright (c) ${holder ?? `the authors of ${name}`}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}
