// The picture of the set-up for the documentation: a line that is tried.
import { browse, settled, triedUntilSomebodyCrossed, url } from './browser.mjs';

await browse(async open => {
  const page = await open({ viewport: { width: 1280, height: 960 } });
  await page.goto(`${url}/setup/cameras/concourse`);
  await settled(page);
  await page.locator('.board img').waitFor();
  await triedUntilSomebodyCrossed(page, 'platform');
  await page.locator('.shape .pick').first().click();
  await page.screenshot({ path: process.env.FOOTFALL_SETUP_PICTURE });
});
