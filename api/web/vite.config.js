import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';
import { licences } from './licences.js';

const outDir = 'site/app';

// finished adds the licences, and puts a .gz beside every text that is worth it, so that the server compresses nothing.
const finished = {
  name: 'finished',
  closeBundle() {
    licences(`${outDir}/licences.txt`);
    for (const entry of readdirSync(outDir, { recursive: true })) {
      const file = `${outDir}/${entry}`;
      if (/\.(js|css|html|svg|txt)$/.test(file))
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
    }
  },
};

export default defineConfig({
  build: { outDir, emptyOutDir: true, target: 'es2022', cssTarget: 'chrome123', modulePreload: { polyfill: false } },
  plugins: [finished],
});
