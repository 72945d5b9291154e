// The main ways through the app without a mouse: FOOTFALL_WAY says whose.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { axe, browse, everySize, patience, settled, url } from './browser.mjs';
import { choose, focused, noMouse, press, round, signIn, stop, walk, write } from './keyboard.mjs';
import { pages } from './rooms.mjs';

const person = {
  name: process.env.FOOTFALL_PERSON,
  once: process.env.FOOTFALL_ONCE,
  fresh: 'seven doors and a garden',
};
const button = (page, name) => page.getByRole('button', { name, exact: true });
const times = async (page, key, n) => {
  for (let i = 0; i < n; i++) await page.keyboard.press(key);
};
// asked is what the server tells whoever has signed in.
const asked = (page, path) => page.evaluate(async of => (await fetch(of)).json(), path);
const query = (page, name) => new URL(page.url()).searchParams.get(name);

// The line is drawn from the top to the bottom: what is said aloud, taken back, given up and moved on the way.
async function drawLine(page) {
  const board = page.locator('.board');
  const heard = board.locator('[role="status"]');
  await press(page, button(page, 'Line'));
  await focused(page, board);
  await heard.getByText('0 points, 50% across, 50% down').waitFor();
  await page.keyboard.press('Escape');
  await focused(page, button(page, 'Line'));

  await page.keyboard.press('Enter');
  await focused(page, board);
  await times(page, 'Shift+ArrowLeft', 3);
  await page.keyboard.press('Enter');
  await heard.getByText(/^1 point,/).waitFor();
  await page.keyboard.press('Backspace');
  await heard.getByText(/^0 points,/).waitFor();
  await times(page, 'Shift+ArrowRight', 3);
  await times(page, 'Shift+ArrowUp', 200); // farther than the picture: its edge holds the cross
  await heard.getByText('0 points, 50% across, 0% down').waitFor();
  await page.keyboard.press('Enter');
  await times(page, 'Shift+ArrowDown', 200);
  await page.keyboard.press('Enter');
  await heard.getByText('2 points, 50% across, 100% down').waitFor();
  await axe(page, 'drawing by keyboard');
  await everySize(page, 'drawing by keyboard');
  await page.keyboard.press('Enter');

  // The first point of what was drawn has the focus, and is moved, taken back and moved again.
  const first = page.getByRole('button', { name: /^Point 1 of door/ });
  await focused(page, first);
  const y = async () => Number(await first.locator('.knob').getAttribute('cy'));
  await times(page, 'Shift+ArrowDown', 2);
  assert.equal(await y(), 20);
  await page.keyboard.press('ControlOrMeta+Z');
  assert.equal(await y(), 10);
  await focused(page, first);
  assert.equal(await page.locator('.handle').count(), 2);
}

async function administrator(page) {
  await signIn(page, person);
  await page.waitForURL('**/start');
  await focused(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type('Main entrance');
  await write(page, page.getByLabel('Address'), process.env.FOOTFALL_CAMERA);
  await page.keyboard.press('Enter');
  await page.waitForURL(/camera=main-entrance/);
  await page.locator('.board img').waitFor();
  await focused(page, page.locator('h1'));
  await drawLine(page);
  await press(page, button(page, 'Save'));
  await page.waitForFunction(() => Number(document.querySelector('.first-number strong')?.textContent) > 0, null, {
    timeout: patience,
  });
  await focused(page, page.locator('h1'));
  await press(page, page.locator('main').getByRole('link', { name: 'Live' }));
  await page.waitForURL('**/live');
  await focused(page, page.locator('h1'));

  // On its own page, a second line is drawn and removed; saving leaves the focus where it is.
  await page.goto(`${url}/setup/cameras/main-entrance`);
  await settled(page);
  await press(page, button(page, 'Line'), 'Space');
  await focused(page, page.locator('.board'));
  for (const key of ['Space', ...Array(9).fill('Shift+ArrowRight'), 'Space', 'Space']) await page.keyboard.press(key);
  await focused(page, page.getByRole('button', { name: /^Point 1 of line-2/ }));
  await press(page, button(page, 'Remove line-2'));
  await page.getByRole('button', { name: /^Point 1 of line-2/ }).waitFor({ state: 'detached' });
  await focused(page, page.locator('.shapes button'));
  await press(page, button(page, 'Zone'));
  await focused(page, page.locator('.board'));
  for (const to of ['Right', 'Down', 'Left'])
    await times(page, `Shift+Arrow${to}`, 9).then(() => page.keyboard.press('Enter'));
  await page.keyboard.press('Enter');
  await focused(page, page.getByRole('button', { name: /^Point 1 of zone-1/ }));
  assert.equal(await page.locator('.drawn.zone').count(), 1);
  await page.keyboard.press('ControlOrMeta+Z');
  await page.locator('.drawn.zone').waitFor({ state: 'detached' });
  await focused(page, page.getByRole('button', { name: /^Point 1 of door/ }));
  await press(page, button(page, 'Swap in and out of door'));
  await press(page, button(page, 'Save'));
  await page.getByText('Counting goes on at once').waitFor();
  await focused(page, button(page, 'Save'));
  await press(page, button(page, 'Remove'));
  await focused(page, button(page, 'Cancel'));
  await page.keyboard.press('Escape');
  await focused(page, button(page, 'Remove'));
  const [line, none] = (await asked(page, '/api/v1/cameras/main-entrance')).lines;
  assert.equal(none, undefined);
  assert.deepEqual(line.points[0], [0.5, 1]);
  assert.equal(line.points[1][0], 0.5);
}

async function auditor(page) {
  await signIn(page, person);
  await page.waitForURL('**/audit/clips');
  await write(page, page.getByLabel('Why do you look at clips?'), 'monthly check');
  await page.keyboard.press('Enter');
  await focused(page, page.locator('h1'));
  await press(page, page.locator('.clip-tile .picture'));
  await page.waitForURL(/audit\/clips\/./);
  await focused(page, page.locator('h1'));
  await page.waitForFunction(() => document.querySelector('video')?.readyState >= 2);
  const at = () => page.locator('video').evaluate(video => video.currentTime);
  await press(page, button(page, 'Play'));
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.3);
  await page.keyboard.press('Enter');
  await button(page, 'Play').waitFor();
  await focused(page, button(page, 'Play'));
  const before = await at();
  await press(page, button(page, 'A picture back'));
  await page.waitForFunction(was => document.querySelector('video').currentTime < was, before);

  await press(page, button(page, 'Start counting'));
  await focused(page, page.locator('.tap.in'));
  for (const key of ['i', 'o', 'Backspace', 'i']) await page.keyboard.press(key);
  assert.equal(await page.locator('ol.taps li').count(), 2);
  await press(page, button(page, 'Done'));
  await page.locator('.compared').first().waitFor();
  await focused(page, page.locator('[aria-labelledby="count-title"] button'));
  const id = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1));
  const [review] = (await asked(page, `/api/v1/clips/${id}/reviews`)).items;
  assert.deepEqual([review.in.human, review.out.human], [2, 0]);
}

async function guard(page) {
  await signIn(page, person);
  await page.waitForURL('**/live');
  await focused(page, page.locator('h1'));
  await page.locator('.alarm').getByText('Back door').waitFor();

  // Another layout, a picture that fills the screen, and back to the same one.
  await press(page, button(page, '4'));
  await page.waitForURL(/layout=4/);
  await focused(page, button(page, '4'));
  const tile = page.locator('[data-camera="main-entrance"] .screen');
  await page.keyboard.press('ArrowRight');
  await stop(page);
  while (!(await tile.evaluate(node => node === document.activeElement))) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/live/main-entrance?layout=4');
  await focused(page, tile);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement);
  await stop(page);
  await page.keyboard.press('f');
  await page.waitForFunction(() => !document.fullscreenElement);
  await page.keyboard.press('Escape');
  await page.waitForURL('**/live?layout=4');
  await focused(page, tile);

  // The keys are told in a dialogue, which the focus goes into and comes back from.
  await page.keyboard.press('?');
  await focused(page, button(page, 'Close'));
  await page.keyboard.press('Escape');
  await focused(page, tile);

  // Note the alarm: what is next to do has the focus, and nobody is told of it again.
  await walk(page, button(page, 'Noted'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.locator('.alarm').waitFor({ state: 'detached' });
  await focused(page, page.locator('h1'));
  await press(page, button(page, 'Language and colours'));
  await walk(page, page.getByRole('group', { name: 'Colours' }).locator(':checked'));
  await page.keyboard.press('ArrowUp');
  await focused(page, page.getByLabel('Dark'));
  await page.keyboard.press('Escape');
  await focused(page, button(page, 'Language and colours'));
}

async function manager(page) {
  await signIn(page, person);
  await page.waitForURL('**/counts');
  await focused(page, page.locator('h1'));
  await choose(page, page.getByLabel('Site'), 'Outlet');
  await page.waitForURL(/site=outlet/);
  await page.keyboard.press('ArrowUp');
  await page.waitForURL(/site=mall/);
  await choose(page, page.getByLabel('Area'), 'Ground floor');
  await page.waitForURL(/area=ground/);
  await choose(page, page.getByLabel('Line'), 'Garage · barrier');
  await page.waitForURL(/line=garage/);
  await choose(page, page.getByLabel('Period'), 'Yesterday');
  await page.waitForURL(/period=yesterday/);
  await settled(page);
  await press(page, button(page, 'Table'));
  const rows = page.locator('figure .table-box tbody tr');
  await rows.first().waitFor();
  const download = page.waitForEvent('download');
  await press(page, page.getByRole('button', { name: / as CSV$/ }));
  const file = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\r\n');
  assert.equal(file.length, (await rows.count()) + 1);
  assert.equal(query(page, 'line'), 'garage/barrier');
}

// everybody goes through every page: no stop is unseen, and none holds the focus.
async function everybody(page) {
  await signIn(page, person);
  await page.waitForURL('**/live');
  for (const path of pages) {
    await page.goto(url + path);
    await settled(page);
    assert.ok((await round(page)) > 5, path);
  }
}

await browse(async open => {
  const page = await open();
  await noMouse(page);
  await page.goto(url);
  await { administrator, auditor, guard, manager, everybody }[process.env.FOOTFALL_WAY](page);
});
