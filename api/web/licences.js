// What is inside the binary, and under which licences: the Go modules that it is built of, the npm packages in the app,
// the built-in detectors. Read from what is built, never written by hand; a part without a licence ends the build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = '../..';

// textsOf are the licence and the notice that lie in a folder.
function textsOf(part, folder) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && /^(licen[cs]e|copying|notice)/i.test(entry.name) && !/\.go$/.test(entry.name))
    .map(entry => entry.name);
  if (!names.some(name => !/^notice/i.test(name))) throw new Error(`${part}: no licence in ${folder}`);
  return names.sort().map(name => readFileSync(`${folder}/${name}`, 'utf8').trim());
}

function goModules() {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}';
  const listed = execFileSync('go', ['list', '-deps', '-f', format, '.'], { cwd: root, encoding: 'utf8' });
  const modules = [...new Set(listed.split('\n').filter(Boolean))].sort().map(line => {
    const [name, version, folder] = line.split(' ');
    return { part: `${name} ${version}`, texts: textsOf(name, folder) };
  });
  const [version, goroot] = execFileSync('go', ['env', 'GOVERSION', 'GOROOT'], { encoding: 'utf8' }).split('\n');
  // Distributions package Go without its licence beside it; its own modules carry the same.
  const ofGo = existsSync(`${goroot}/LICENSE`)
    ? textsOf('go', goroot)
    : modules.find(({ part }) => part.startsWith('golang.org/x/')).texts;
  return [{ part: `Go's standard library ${version}`, texts: ofGo }, ...modules];
}

function npmPackages() {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.entries(dependencies).map(([name, version]) => ({
    part: `${name} ${version} (npm)`,
    texts: textsOf(name, `node_modules/${name}`),
  }));
}

function detectors() {
  const folder = `${root}/models/weights/embedded`;
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .map(name => {
      const card = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
      return { part: `detector ${card.name} ${card.version}`, texts: [`Weights: ${card.licence}, as Footfall.`] };
    });
}

// licences writes them all into one text: first the parts, then each text once, with whose it is.
export function licences(file) {
  const parts = [...detectors(), ...npmPackages(), ...goModules()];
  const texts = new Map();
  for (const { part, texts: own } of parts) {
    for (const text of own) {
      const key = createHash('sha256').update(text.replace(/\s+/g, ' ')).digest('hex');
      const known = texts.get(key) ?? { text, of: [] };
      known.of.push(part);
      texts.set(key, known);
    }
  }
  const footfall = { text: readFileSync(`${root}/LICENSE`, 'utf8').trim(), of: ['Footfall'] };
  const rule = `\n\n${'='.repeat(80)}\n\n`;
  const contents = `Footfall is under the Apache-2.0 licence. Inside it are:\n\n${parts.map(p => `  ${p.part}`).join('\n')}`;
  const chapters = [footfall, ...texts.values()].map(({ text, of }) => `${of.join('\n')}\n\n${text}`);
  writeFileSync(file, `${[contents, ...chapters].join(rule)}\n`);
}
