// An auditor looks at a clip, counts, compares, checks it, holds it, takes it along, and reads of it all in the log.
import assert from 'node:assert/strict';
import { axe, browse, everySize, settled, url } from './browser.mjs';

// paired waits until both the person's and the system's count are shown.
const paired = page => page.locator('.compared tbody tr').first().waitFor();

// Whoever looks says why; then there are pictures.
async function choose(page) {
  await page.waitForURL('**/audit/clips');
  await page.locator('.clip-tile').first().waitFor();
  assert.equal(await page.locator('.clip-tile img').count(), 0, 'pictures are shown without a reason');
  await axe(page, 'clips without a reason');
  await page.getByLabel('Why do you look at clips?').fill('monthly check');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.clip-tile img')?.naturalWidth > 0);
  await page.getByLabel('Why there is one').selectOption('crossing');
  await page.waitForURL(/trigger=crossing/);
  await settled(page);
  await axe(page, 'clips');
  await everySize(page, 'clips');
}

// The clip plays, and goes on and back by the picture.
async function play(page) {
  await page.locator('.clip-tile .picture').last().click();
  await page.waitForURL(/audit\/clips\/./);
  const id = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1));
  const at = () => page.locator('video').evaluate(video => video.currentTime);
  await page.waitForFunction(() => document.querySelector('video')?.readyState >= 2);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.3);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const before = await at();
  await page.getByRole('button', { name: 'A picture back' }).click();
  await page.waitForFunction(was => document.querySelector('video').currentTime < was, before);
  return id;
}

// Count first, by keyboard; the system's count is not on the page until then.
async function count(page, ask, id) {
  assert.equal(await page.locator('.compared').count(), 0);
  const clip = JSON.parse(await ask(`/api/v1/clips/${id}`));
  assert.deepEqual(clip.revealed, []);
  if (clip.lines.length > 1) await page.getByLabel('Line', { exact: true }).selectOption('middle');
  await page.getByRole('button', { name: 'Start counting' }).click();
  for (const key of ['i', 'o', 'Backspace', 'i']) await page.keyboard.press(key);
  assert.equal(await page.locator('ol.taps li').count(), 2);
  await axe(page, 'counting');
  await everySize(page, 'counting');
  await page.getByRole('button', { name: 'Done' }).click();
  await paired(page);
  const { items } = JSON.parse(await ask(`/api/v1/clips/${id}/reviews`));
  assert.equal(items.length, 1);
  const [review] = items;
  assert.ok(review.blind, 'the count is not blind');
  assert.deepEqual([review.in.human, review.out.human], [2, 0]);
  const shown = await page.locator('.compared tbody tr').first().locator('td').allTextContents();
  assert.deepEqual(
    shown.map(Number),
    [review.in.human, review.in.system, review.in.missed, review.in.extra],
    'the table is not what the API says',
  );
}

// It is genuine, is held with a reason, and is taken along.
async function prove(page, ask, id) {
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('Genuine:').waitFor();
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByLabel('Reason').fill('a complaint');
  await axe(page, 'holding');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'End the hold' }).waitFor();
  assert.equal(JSON.parse(await ask(`/api/v1/clips/${id}`)).hold.reason, 'a complaint');
  const [bundle] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Bundle' }).click(),
  ]);
  assert.equal(bundle.suggestedFilename(), 'footfall-clips.zip');
  assert.equal(await bundle.failure(), null);
  await axe(page, 'a clip that was counted');
  await everySize(page, 'a clip that was counted');
}

// What was counted goes into the accuracy, and all of it into the log.
async function readUp(page) {
  await page.getByRole('link', { name: 'Accuracy' }).click();
  await page.getByText('Nobody has counted yet').waitFor(); // this clip was not drawn by lot
  await page.getByLabel('All counts').check();
  await page.locator('.accuracy table').waitFor();
  await page.getByText('Each count').click();
  await axe(page, 'accuracy');
  await everySize(page, 'accuracy');
  await page.getByRole('link', { name: 'Log' }).click();
  await page.getByLabel('What').selectOption('clip.');
  await page.waitForURL(/action=clip/);
  await settled(page);
  const log = await page.locator('.log').textContent();
  for (const action of ['clip.view', 'clip.review', 'clip.hold', 'clip.export']) assert.match(log, new RegExp(action));
  assert.match(log, /monthly check/);
  await axe(page, 'the log');
  await everySize(page, 'the log');
}

// In Chinese and in the dark, too.
async function inChinese(open, id) {
  const chinese = await open({ locale: 'zh-CN', colorScheme: 'dark' });
  await chinese.addInitScript(() => sessionStorage.setItem('footfall.reason', '月度检查'));
  for (const path of ['/audit/clips', `/audit/clips/${id}`, '/audit/accuracy?all=true', '/audit/log']) {
    await chinese.goto(url + path);
    await settled(chinese);
    await everySize(chinese, `${path} zh-CN`);
    await axe(chinese, `${path} dark`);
  }
}

await browse(async (open, ask) => {
  const page = await open();
  await page.goto(url);
  await choose(page);
  const id = await play(page);
  await count(page, ask, id);
  await prove(page, ask, id);
  await readUp(page);
  await inChinese(open, id);
});
