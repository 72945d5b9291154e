// Somebody with one role sees its rooms, begins in the first of them, and is not let into the others.
import assert from 'node:assert/strict';
import { browse, settled, url } from './browser.mjs';

const rooms = process.env.FOOTFALL_ROOMS.split(' ');

await browse(async open => {
  const page = await open();
  await page.goto(url);
  await page.waitForURL(`**/${process.env.FOOTFALL_FIRST ?? rooms[0].toLowerCase()}`);
  await settled(page);
  assert.deepEqual(await page.locator('nav.ways a').allTextContents(), rooms);
  await page.goto(`${url}/setup/people`);
  const allowed = rooms.includes('Set-up');
  await page.getByText(allowed ? 'Add a person' : 'Set-up is for administrators').waitFor();
  if (!allowed) assert.equal(await page.getByText('Add a person').count(), 0);
});
