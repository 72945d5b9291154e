// What the tests in a browser share.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const url = process.env.FOOTFALL_URL;
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// patience bounds every wait, in milliseconds: far longer than it takes, because the machine may be busy.
export const patience = Number(process.env.FOOTFALL_PATIENCE ?? 120_000);

// browse opens a browser, gives a test a way to open pages as somebody who has signed in, and to ask the server as the
// same, and fails when a page reported an error.
export async function browse(test) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', '--disable-quic'],
  });
  const errors = [];
  try {
    const somebody = await signedIn(browser);
    const storageState = await somebody.storageState();
    const open = async (options = {}) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        permissions: ['clipboard-read', 'clipboard-write'],
        storageState,
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
      page.on('pageerror', error => errors.push(`${page.url()}: ${error.message}`));
      return page;
    };
    const ask = async path => {
      const answer = await somebody.request.get(url + path);
      assert.equal(answer.status(), 200, path);
      return answer.text();
    };
    await test(open, ask);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
}

// signedIn signs in with a password that is good for once, if there is one, and sets another.
async function signedIn(browser) {
  const context = await browser.newContext();
  const { FOOTFALL_USER: name, FOOTFALL_PASSWORD: old } = process.env;
  if (!name) return context;
  const done = async answer => assert.ok((await answer).ok(), await (await answer).text());
  await done(context.request.post(`${url}/api/v1/session`, { data: { name, password: old } }));
  await done(
    context.request.put(`${url}/api/v1/session/password`, { data: { old, password: 'nobody else knows this' } }),
  );
  return context;
}

// axe looks for what keeps people out. It runs beside the page's own policy, which would not let it in.
export async function axe(page, where) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = found.violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target} ${n.failureSummary}`).join('; ')}`);
  assert.deepEqual(told, [], `axe at ${where}`);
}

// within checks that nothing sticks out of the page, or of a control with a label.
export async function within(page, where) {
  const out = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const cut = [...document.querySelectorAll('button, .button, .badge, h1, h2, dt, label')]
      .filter(
        node => node.clientWidth > 0 && !node.closest('.unseen, .screen') && node.scrollWidth > node.clientWidth + 1,
      )
      .map(node => node.textContent);
    // What scrolls by itself does so for tables of numbers only, and for those that have their own place.
    for (const node of document.querySelectorAll('.scroll:not(.table-box), .parts, nav'))
      if (node.scrollWidth > node.clientWidth + 1) cut.push(`${node.getAttribute('aria-label')} scrolls sideways`);
    return wide > 0 ? [`the page by ${wide} px`, ...cut] : cut;
  });
  assert.deepEqual(out, [], `sticks out at ${where}`);
}

const sizes = [
  [360, 760],
  [768, 1024],
  [2560, 1440],
  [1280, 800],
];

// everySize checks that at each of four sizes, and keeps pictures of all.
export async function everySize(page, name) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await within(page, `${name} ${width}`);
    await shot(page, `${name} ${width}`);
  }
}

// shot keeps a picture of the page for somebody to look at, where FOOTFALL_SHOTS says.
export async function shot(page, name) {
  const folder = process.env.FOOTFALL_SHOTS;
  if (!folder) return;
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${folder}/${name.replace(/^\W+/, '').replace(/\W+/g, '-')}.png`, fullPage: true });
}

// settled waits until a page has stopped asking.
export async function settled(page) {
  await page.waitForFunction(
    () => document.querySelector('h1') && !document.querySelector('.spinner, [aria-busy="true"]'),
    null,
    {
      timeout: patience,
    },
  );
}

// triedUntilSomebodyCrossed tries what is drawn on the last minutes, again and again.
export async function triedUntilSomebodyCrossed(page, line) {
  const tryIt = page.getByRole('button', { name: 'Try on the last minutes' });
  const counted = page.locator(`.tried [data-line="${line}"] td`);
  for (const until = Date.now() + patience; ; ) {
    await tryIt.click();
    await page.locator('.tried, .editor .notice[data-mood="bad"]').first().waitFor();
    await tryIt.and(page.locator(':not(:disabled, [aria-disabled])')).waitFor();
    const both = (await counted.allTextContents()).map(Number);
    if (both.length === 2 && both[0] + both[1] > 0) return;
    assert.ok(Date.now() < until, `nobody has crossed: ${both}`);
  }
}
