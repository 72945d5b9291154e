// From nothing to the first number.
import assert from 'node:assert/strict';
import { axe, browse, everySize, patience, settled, triedUntilSomebodyCrossed, url } from './browser.mjs';

const { FOOTFALL_ADMIN: name, FOOTFALL_ONCE: once } = process.env;

// signIn: nobody is let in but with the password that the server has printed, which must be changed at once.
async function signIn(page) {
  await page.waitForURL(/sign-in\?next=/);
  await axe(page, 'signing in');
  await everySize(page, 'signing in');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill('not the right one');
  await page.keyboard.press('Enter');
  await page.locator('.notice[data-mood="bad"]').waitFor();
  await page.getByLabel('Password').fill(once);
  await page.keyboard.press('Enter');
  await page.getByLabel('New password').fill('seven doors and a garden');
  await axe(page, 'setting a password');
  await everySize(page, 'setting a password');
  await page.keyboard.press('Enter');
}

// tryOut: a wrong password is said, the right one brings a picture, and nothing was added for it.
async function tryOut(page, camera) {
  await page.keyboard.type(camera.replace(':hidden@', ':guessed@'));
  await page.getByRole('button', { name: 'Try it out' }).click();
  await page.getByText('asks for another password').waitFor();
  await page.getByLabel('Address').focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(camera);
  await page.getByRole('button', { name: 'Try it out' }).click();
  await page.locator('.trial img').waitFor();
  await axe(page, 'a camera that was tried out');
  await everySize(page, 'a camera that was tried out');
}

// tryLine: before it is saved, the line is tried on what was seen since the camera is there.
async function tryLine(page) {
  await triedUntilSomebodyCrossed(page, 'door');
  await page.locator('.tried summary').focus();
  await page.keyboard.press('Enter');
  await page.locator('.tried time').first().waitFor();
  await axe(page, 'a line that was tried');
  await everySize(page, 'a line that was tried');
  const before = await page.evaluate(async () => (await fetch('/api/v1/cameras/main-entrance')).json());
  assert.equal(before.lines.length, 0, 'trying a line has saved it');
}

await browse(async open => {
  const page = await open();
  await page.goto(url);

  await signIn(page);
  await page.waitForURL('**/start');

  // 1. A wrong address says what is wrong; the right one brings a picture. By keyboard alone.
  const camera = process.env.FOOTFALL_CAMERA;
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type('Main entrance');
  await page.keyboard.press('Tab');
  await page.keyboard.type('http://not-a-camera/');
  await page.keyboard.press('Enter');
  await page.locator('.wrong, .notice[data-mood="bad"]').first().waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await tryOut(page, camera);
  await page.getByLabel('Address').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/camera=main-entrance/);
  const still = page.locator('.board img');
  await still.waitFor({ timeout: patience });
  assert.doesNotMatch(await page.content(), /hidden@|:hidden/, 'the password is shown');

  // 2. A line is drawn from the top to the bottom: the arrow says that in is to the left of the picture.
  await page.getByRole('button', { name: 'Line' }).click();
  const board = page.locator('.board');
  const at = async (x, y) => {
    const { width, height } = await board.boundingBox();
    await board.click({ position: { x: x * width, y: y * height } });
  };
  await at(0.5, 0.15);
  await at(0.5, 0.9);
  await page.getByRole('button', { name: 'Finish' }).click();
  const word = text => page.locator('.drawn .arrow text', { hasText: new RegExp(`^${text}$`) });
  const [inside, outside] = [await word('in').boundingBox(), await word('out').boundingBox()];
  assert.ok(inside.x < outside.x, 'walking down the picture, right is on the left');

  // It is swapped, undone, and one of its points is moved with the keyboard.
  await page.getByRole('button', { name: /Swap in and out/ }).click();
  assert.ok((await word('in').boundingBox()).x > (await word('out').boundingBox()).x);
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.ok((await word('in').boundingBox()).x < (await word('out').boundingBox()).x);
  await page.locator('.handle').first().focus();
  await page.keyboard.press('Shift+ArrowDown');
  await axe(page, 'drawing a line');
  await everySize(page, 'drawing a line');

  await tryLine(page);
  await page.getByRole('button', { name: 'Save' }).click();

  // 3. It counts, and the number is the API's.
  await page.waitForFunction(() => Number(document.querySelector('.first-number strong')?.textContent) > 0, null, {
    timeout: patience,
  });
  const { items } = await page.evaluate(async () => (await fetch('/api/v1/counts?camera=main-entrance')).json());
  await everySize(page, 'the first number');
  const shown = Number(await page.locator('.first-number strong').textContent());
  assert.ok(items[0].in + items[0].out >= shown - 1, `${shown} shown, ${JSON.stringify(items[0])}`);
  await page.getByRole('link', { name: 'Counts' }).last().click();
  await page.waitForURL('**/counts');
  await settled(page);

  // 4. A session that ends elsewhere says so, and whoever signs in again is where they were.
  await page.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
  await page.getByRole('link', { name: 'Set-up' }).click();
  await page.waitForURL(/sign-in\?next=%2Fsetup/);
  await page.getByText('Your session has ended').waitFor();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill('seven doors and a garden');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/setup/cameras');
});
