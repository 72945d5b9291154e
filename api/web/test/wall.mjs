// The wall of four.
import assert from 'node:assert/strict';
import { axe, browse, patience, settled, url } from './browser.mjs';

const fault = async what => assert.equal((await fetch(`${process.env.FOOTFALL_FAULTS}/${what}`)).status, 200);

// sessions is how many pictures the server sends.
const sent = async ask => Number(/^footfall_preview_sessions (\d+)/m.exec(await ask('/metrics'))?.[1] ?? 0);

async function eventually(what, holds) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise(done => setTimeout(done, 200))) {
    if (await holds()) return;
  }
  assert.fail(`${what}: not within ${patience} ms`);
}

await browse(async (open, ask) => {
  const sessions = () => sent(ask);
  const page = await open();
  await page.goto(url);
  await page.waitForURL('**/live');
  await settled(page);
  const playing = () =>
    page.evaluate(() => [...document.querySelectorAll('.tile video')].filter(v => v.currentTime > 0).length);
  await eventually('four pictures play', async () => (await playing()) === 4);
  await eventually('four pictures are sent', async () => (await sessions()) === 4);

  // 1. One dies: its tile says so and why, and there is an alarm.
  await fault('break/east');
  const east = page.locator('[data-camera="east"]');
  await east.locator('.blind').getByText('cannot be reached').waitFor();
  const alarm = page.locator('.alarm').getByText('east door');
  await alarm.waitFor();
  await page.locator('#summary').getByText('1 of 4 blind').waitFor();
  await axe(page, 'a wall with an alarm');

  // 2. It comes back by itself; the alarm stays until somebody takes note.
  await fault('heal/east');
  await east.locator('.blind').waitFor({ state: 'detached' });
  assert.equal(await alarm.isVisible(), true);
  await page.reload();
  await settled(page);
  await alarm.waitFor();
  await page.getByRole('button', { name: 'Noted' }).click();
  await alarm.waitFor({ state: 'detached' });

  // 3. By keyboard alone: from tile to tile, larger, back, another layout. Only what is seen is sent.
  await eventually('four pictures play again', async () => (await playing()) === 4);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/live/north');
  await eventually('one picture is sent', async () => (await sessions()) === 1);
  await page.keyboard.press('Escape');
  await page.waitForURL('**/live');
  await page.keyboard.press('1');
  await page.waitForURL(/layout=1/);
  assert.equal(await page.locator('.tile').count(), 1);
  await page.keyboard.press('PageDown');
  await page.waitForURL(/page=2/);
  await page.keyboard.press('w');
  await page.waitForURL(/wall=1/);
  assert.equal(await page.locator('header.bar').count(), 0);
  await page.keyboard.press('Escape');
  await page.locator('header.bar').waitFor();
});
