// The wall of cameras. Live over WebRTC; where that cannot pass, one still after the other.
import {Session, iceServers} from '/preview/whep.js';

const wall = document.querySelector('#wall');
const api = '/api/v1/cameras';
const wait = ms => new Promise(done => setTimeout(done, ms));
const seconds = ms => ms < 9950 ? (ms / 1000).toFixed(1) : ms < 120000 ? String(Math.round(ms / 1000)) : `${Math.round(ms / 60000)} min`;
const reasons = {
  unreachable: 'cannot be reached', authentication_failed: 'asks for another password', stream_not_found: 'has no such stream',
  address_not_allowed: 'has an address that is not allowed', unsupported: 'sends nothing that can be decoded',
  stalled: 'sends nothing', stream_ended: 'has ended its stream', frozen: 'repeats the same picture', dark: 'is black or covered',
  garbage: 'sends garbage', quarantined: 'crashed its worker and is kept out', worker_lost: 'has lost its worker',
  no_capacity: 'waits for a worker with room', detector_failed: 'cannot be analysed', moved: 'was moved',
};

class Camera {
  constructor(camera) {
    this.id = camera.id;
    this.node = document.querySelector('#camera').content.firstElementChild.cloneNode(true);
    this.video = this.node.querySelector('video');
    this.image = this.node.querySelector('img');
    this.node.onclick = () => zoom(this);
    this.node.onkeydown = event => { if (event.key === 'Enter') zoom(this); };
    this.size = 'tile';
    this.failures = 0;
    this.news = null;
    this.heard = 0;
    this.update(camera);
    this.run();
  }

  address(what) { return `${api}/${this.id}/${what}?class=${this.size}`; }

  update(camera) {
    this.camera = camera;
    this.node.querySelector('.name').textContent = camera.name;
    this.image.alt = `Camera ${camera.name}`;
    this.video.setAttribute('aria-label', `Camera ${camera.name}, live`);
    if (!this.fresh()) this.state = camera.status;
    this.show();
  }

  fresh() { return performance.now() - this.heard < 3000; }

  // run keeps the picture alive for as long as the camera is on the wall.
  async run() {
    while (!this.gone) {
      const live = await this.live();
      if (this.gone) return;
      if (live) { this.failures = 0; await wait(250 + 500 * Math.random()); continue; }
      this.failures++;
      await this.stills(this.failures < 3 ? 3000 : 30000);
    }
  }

  // live shows WebRTC until it ends, and says whether a picture came.
  live() {
    return new Promise(done => {
      let came = false;
      const over = () => { clearInterval(watch); clearTimeout(patience); this.video.srcObject = null; this.session = null; done(came); };
      const session = new Session(this.address('whep'), {
        onpicture: stream => { this.video.srcObject = stream; },
        onnews: news => { this.heard = performance.now(); this.news = news; this.state = news; this.show(); },
        onend: why => { this.why = why; over(); },
      }, {servers});
      this.session = {close: () => { session.close(); over(); }};
      this.video.onplaying = () => { came = true; this.way('live'); };
      const patience = setTimeout(() => { if (!came && !this.fresh()) session.end('no connection'); }, 6000);
      // A server that was started anew, or a network that went away without a word, falls silent.
      const watch = setInterval(() => { if (came && !this.fresh()) session.end('the server fell silent'); }, 1000);
      session.open();
    });
  }

  // stills shows one picture after the other for some time.
  async stills(time) {
    const end = performance.now() + time;
    while (!this.gone && performance.now() < end) {
      const began = performance.now();
      try {
        const answer = await fetch(this.address('snapshot.jpg'));
        if (!answer.ok) throw new Error((await answer.json()).detail);
        const old = this.image.src;
        const taken = answer.headers.get('X-Timestamp'), date = answer.headers.get('Date');
        this.image.src = URL.createObjectURL(await answer.blob());
        if (old) URL.revokeObjectURL(old);
        this.news = {...this.camera.status, age_ms: Number(answer.headers.get('Age')) * 1000 || Math.max(0, Date.parse(date) - Date.parse(taken)), lines: this.news?.lines || [], picture: 'live'};
        this.heard = performance.now();
        this.state = this.camera.status;
        this.way('stills');
      } catch (error) {
        this.why = error.message;
      }
      this.show();
      await wait(Math.max(0, 500 - (performance.now() - began)));
    }
  }

  way(how) {
    this.how = how;
    this.image.hidden = how !== 'stills';
    this.video.hidden = how === 'stills';
    this.node.querySelector('.way').textContent = how === 'stills' ? 'single pictures' : '';
  }

  show() {
    const state = this.state || {}, news = this.news;
    this.node.dataset.state = state.state || '';
    const age = news?.age_ms === undefined ? undefined : news.age_ms + (performance.now() - this.heard);
    const ageNode = this.node.querySelector('.age');
    ageNode.textContent = age === undefined ? '' : `picture is ${seconds(age)}${age < 120000 ? ' s' : ''} old`;
    ageNode.dataset.old = String(age > 2000);
    const stale = news && (news.picture === 'stalled' || age > 3000);
    const blind = this.node.querySelector('.blind');
    const text = state.state && state.state !== 'online' ? `${this.camera.name} ${reasons[state.reason] || `is ${state.state}`}${state.detail ? `: ${state.detail}` : ''}`
      : stale ? `No new picture for ${seconds(age)}${age < 120000 ? ' s' : ''}` : '';
    this.blind = Boolean(text);
    blind.hidden = !text;
    if (blind.textContent !== text) blind.textContent = text;
    const people = news && !stale && !text && this.how !== 'stills' ? news.people : undefined;
    this.node.querySelector('.people').textContent = people === undefined ? '' : `${people} in view`;
    const list = this.node.querySelector('.lines');
    list.replaceChildren(...(news?.lines || []).map(line => {
      const item = document.createElement('li'), known = this.camera.lines.find(l => l.id === line.id);
      const number = n => Object.assign(document.createElement('b'), {textContent: n});
      item.append(`${known?.name || line.id} `, number(line.in), ' in ', number(line.out), ' out');
      return item;
    }));
  }

  resize(size) {
    if (this.size === size) return;
    this.size = size;
    this.session?.close();
  }

  remove() {
    this.gone = true;
    this.session?.close();
    this.node.remove();
  }
}

const cameras = new Map();
let servers = [], large = null, reached = false;

// summarise says in one line whether all is well.
function summarise() {
  if (!reached || !cameras.size) return;
  const blind = [...cameras.values()].filter(camera => camera.blind).length;
  const text = `${cameras.size} ${cameras.size === 1 ? 'camera' : 'cameras'}, ${blind ? `${blind} blind` : 'all seeing'}`;
  const summary = document.querySelector('#summary');
  if (summary.textContent !== text) summary.textContent = text;
  document.title = `${blind ? `${blind} blind - ` : ''}Cameras - Footfall`;
}

function zoom(camera) {
  const next = large === camera ? null : camera;
  large?.node.classList.remove('large');
  large?.resize('tile');
  next?.node.classList.add('large');
  next?.resize('full');
  large = next;
  document.body.classList.toggle('one', Boolean(next));
}

async function list() {
  const found = [];
  for (let cursor = ''; cursor !== undefined;) {
    const answer = await fetch(`${api}?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    if (answer.status === 401 || answer.status === 403) { await signIn(); continue; }
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    const page = await answer.json();
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return found.filter(camera => !camera.disabled);
}

// signIn asks who is there until the server knows, and for a password of one's own where it is the first time.
function signIn() {
  const dialog = document.querySelector('#door'), form = dialog.querySelector('form'), says = form.querySelector('p');
  const ask = name => { form[name].parentElement.hidden = false; form[name].required = true; form[name].focus(); };
  const send = (path, method, body) => fetch(path, {method, headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  if (!dialog.open) dialog.showModal();
  return new Promise(done => {
    form.onsubmit = async event => {
      event.preventDefault();
      says.textContent = '';
      const body = {name: form.name.value, password: form.password.value, ...(form.totp.value && {totp: form.totp.value})};
      let answer = await send('/api/v1/session', 'POST', body);
      if (answer.ok && (await answer.json()).must_change_password) {
        if (!form.fresh.value) { ask('fresh'); says.textContent = 'Set a password of your own.'; return; }
        answer = await send('/api/v1/session/password', 'PUT', {old: form.password.value, password: form.fresh.value});
      }
      if (answer.ok) { form.reset(); dialog.close(); done(); return; }
      const problem = await answer.json().catch(() => ({}));
      if (problem.field === 'totp') ask('totp');
      says.textContent = problem.detail || `The server answers ${answer.status}`;
    };
    dialog.oncancel = event => event.preventDefault();
  });
}

async function refresh() {
  const summary = document.querySelector('#summary');
  try {
    const found = await list();
    if (found.length && !cameras.size) servers = await iceServers(`${api}/${found[0].id}/whep`).catch(() => []);
    for (const camera of found) {
      if (cameras.has(camera.id)) { cameras.get(camera.id).update(camera); continue; }
      const shown = new Camera(camera);
      cameras.set(camera.id, shown);
      wall.append(shown.node);
    }
    for (const [id, shown] of cameras) {
      if (found.some(camera => camera.id === id)) continue;
      if (large === shown) zoom(shown);
      shown.remove();
      cameras.delete(id);
    }
    if (!found.length) summary.textContent = 'There are none yet. Add one through the API, or in the configuration file.';
    reached = true;
  } catch (error) {
    reached = false;
    summary.textContent = `The server cannot be reached: ${error.message}`;
  }
}

// The connection test.
async function tryWay(options) {
  const began = performance.now(), first = [...cameras.keys()][0];
  return new Promise(done => {
    const session = new Session(`${api}/${first}/whep?class=tile`, {
      onstate: state => { if (state === 'connected') finish(true); },
      onend: why => finish(false, why),
    }, options);
    const patience = setTimeout(() => finish(false, 'no answer within 8 s'), 8000);
    let over = false;
    function finish(works, why) {
      if (over) return;
      over = true;
      clearTimeout(patience);
      session.close();
      done({works, text: works ? `works, connected after ${Math.round(performance.now() - began)} ms` : `does not work: ${why}`});
    }
    session.open();
  });
}

async function test() {
  const body = document.querySelector('#tester tbody');
  body.replaceChildren();
  document.querySelector('#tester').showModal();
  const turn = servers.filter(server => String(server.urls).startsWith('turn'));
  const ways = [['UDP', {servers, only: 'udp'}], ['TCP', {servers, only: 'tcp'}], ['TURN', turn.length && {servers: turn, relay: true}], ['Single pictures', null]];
  for (const [name, options] of ways) {
    const row = body.insertRow();
    row.insertCell().textContent = name;
    const cell = row.insertCell();
    if (!cameras.size) { cell.textContent = 'needs a camera'; continue; }
    if (options === 0) { cell.textContent = 'no TURN server is configured (preview.turn)'; continue; }
    cell.textContent = 'trying';
    const result = options ? await tryWay(options)
      : await fetch(`${api}/${[...cameras.keys()][0]}/snapshot.jpg?class=tile`).then(async answer => ({works: answer.ok, text: answer.ok ? 'works' : `does not work: ${(await answer.json()).detail}`}), error => ({works: false, text: error.message}));
    cell.dataset.result = result.works ? 'works' : 'fails';
    cell.textContent = result.text;
  }
}

document.querySelector('#test').onclick = test;
document.onkeydown = event => { if (event.key === 'Escape' && large && !document.querySelector('#tester').open) zoom(large); };
setInterval(() => { cameras.forEach(camera => camera.show()); summarise(); }, 250);
addEventListener('pagehide', () => cameras.forEach(camera => camera.session?.close()));
for (;;) {
  await refresh();
  await wait(3000);
}
