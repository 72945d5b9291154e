// A camera of the configuration file is not changed in the app, but its lines are tried there.
import assert from 'node:assert/strict';
import { axe, browse, everySize, settled, triedUntilSomebodyCrossed, url } from './browser.mjs';

await browse(async open => {
  const page = await open();
  await page.goto(`${url}/setup/cameras/lobby`);
  await settled(page);
  await page.getByText('This stands in the configuration file').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
  await triedUntilSomebodyCrossed(page, 'middle');
  await axe(page, 'a declared line that was tried');
  await everySize(page, 'a declared line that was tried');
});
