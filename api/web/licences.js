// What is inside the binary, and under which licences: the Go modules that it is built of, the npm packages in the app,
// the built-in detectors; and what it is linked with, loads and starts on this machine. Read from what is built, never
// written by hand; a part without a licence ends the build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';

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

const told = (program, ...words) => execFileSync(program, words, { encoding: 'utf8' }).trim();

// packaged is the part that a file belongs to, as the Debian package says that it came in; undefined: it came in none.
function packaged(name, file) {
  const real = realpathSync(file);
  // Where /lib is a link to /usr/lib, a package may know its files by either.
  for (const path of [real, real.replace(/^\/usr/, '')]) {
    let owner;
    try {
      owner = execFileSync('dpkg-query', ['-S', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      continue;
    }
    const [pack] = owner.split(/:| /);
    const version = told('dpkg-query', '-W', '-f', `\${source:Upstream-Version}\n`, pack).split('\n')[0];
    return { part: `${name} ${version}`, texts: [readFileSync(`/usr/share/doc/${pack}/copyright`, 'utf8').trim()] };
  }
  return undefined;
}

// ofDebian is the same of a file that must be there.
function ofDebian(name, file) {
  const part = file && existsSync(file) && packaged(name, file);
  if (!part)
    throw new Error(`${name}: ${file || 'it'} is of no Debian package, so its licence is not known: make setup`);
  return part;
}

// onnxRuntime is the library that would be loaded here, if there is one: a Debian package's, or its maker's.
function onnxRuntime() {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const known = execFileSync('ldconfig', ['-p'], { encoding: 'utf8', env });
  const file = [
    process.env.FOOTFALL_ONNXRUNTIME,
    `${root}/bin/lib/libonnxruntime.so.1`,
    /libonnxruntime\.so\S* .*=> (\S+)/.exec(known)?.[1],
  ].find(candidate => candidate && existsSync(candidate));
  if (!file) return [];
  const part = packaged('ONNX Runtime', file);
  if (part) return [part];
  // Its symbols carry its version.
  const [, version] = /VERS_(\d+\.\d+\.\d+)/.exec(readFileSync(file, 'latin1')) ?? [];
  if (!version) throw new Error(`ONNX Runtime: ${file} does not say which version it is`);
  return [
    { part: `ONNX Runtime ${version}`, texts: [readFileSync(`${root}/deploy/onnxruntime.LICENSE`, 'utf8').trim()] },
  ];
}

// beside is what is not inside the binary, but runs with it.
function beside() {
  const program = (process.env.PATH ?? '')
    .split(':')
    .map(folder => `${folder}/ffmpeg`)
    .find(existsSync);
  return [
    ofDebian('OpenCV', `${told('pkg-config', '--variable=libdir', 'opencv4')}/libopencv_core.so`),
    ofDebian('FFmpeg', program),
    ...onnxRuntime(),
  ];
}

const list = parts => parts.map(({ part }) => `  ${part}`).join('\n');

// licences writes them all into one text: first the parts, then each text once, with whose it is.
export function licences(file) {
  const inside = [...detectors(), ...npmPackages(), ...goModules()];
  const outside = beside();
  const texts = new Map();
  for (const { part, texts: own } of [...inside, ...outside]) {
    for (const text of own) {
      const key = createHash('sha256').update(text.replace(/\s+/g, ' ')).digest('hex');
      const known = texts.get(key) ?? { text, of: [] };
      known.of.push(part);
      texts.set(key, known);
    }
  }
  const footfall = { text: readFileSync(`${root}/LICENSE`, 'utf8').trim(), of: ['Footfall'] };
  const rule = `\n\n${'='.repeat(80)}\n\n`;
  const contents = [
    `Footfall is under the Apache-2.0 licence. Inside it are:\n\n${list(inside)}`,
    `It runs with these, as they were where it was built; they are not inside it:\n\n${list(outside)}`,
  ].join('\n\n');
  const chapters = [footfall, ...texts.values()].map(({ text, of }) => `${of.join('\n')}\n\n${text}`);
  writeFileSync(file, `${[contents, ...chapters].join(rule)}\n`);
}
