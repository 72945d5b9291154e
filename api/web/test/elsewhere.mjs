// Signing in at a provider of identities: first as somebody whose groups have no role here, then as somebody who has one.
import assert from 'node:assert/strict';
import { axe, browse, settled, url } from './browser.mjs';

await browse(async open => {
  const page = await open();
  await page.goto(`${url}/account`);
  const button = page.getByRole('link', { name: 'Sign in with Example ID' });
  await button.click();
  await page.getByText('none of your groups has a role').waitFor();
  await settled(page);
  await axe(page, 'sign-in');
  if (process.env.FOOTFALL_PICTURES) await page.screenshot({ path: `${process.env.FOOTFALL_PICTURES}/elsewhere.png` });
  await page.goto(`${url}/account`);
  await button.click();
  await page.getByText('You sign in at the provider of identities').waitFor();
  assert.equal(new URL(page.url()).pathname, '/account');
  assert.equal(await page.getByLabel('Present password').count(), 0);
  await settled(page);
  if (process.env.FOOTFALL_PICTURES) await page.screenshot({ path: `${process.env.FOOTFALL_PICTURES}/account.png` });
});
