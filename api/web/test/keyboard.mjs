// What the tests by keyboard share: a person who has no mouse, and sees where the focus is.
import assert from 'node:assert/strict';
import { patience } from './browser.mjs';

// noMouse makes a page fail that is pointed at.
export async function noMouse(page) {
  await page.addInitScript(() => {
    const refuse = () => {
      throw new Error('a mouse was used');
    };
    for (const name of ['pointerdown', 'mousedown', 'touchstart']) addEventListener(name, refuse, true);
  });
}

// what is wrong with the place of the focus, if anything: nothing has it, it cannot be seen, or something covers it.
function looked() {
  const node = document.activeElement;
  if (!node || node === document.body) return { nowhere: true };
  const name = `${node.localName} "${(node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent).trim().slice(0, 40)}"`;
  const seen = (style, width) => style !== 'none' && Number.parseFloat(width) >= 1;
  const ringed = n => {
    const s = getComputedStyle(n);
    return seen(s.outlineStyle, s.outlineWidth) && !/, 0\)$|^transparent$/.test(s.outlineColor);
  };
  // The points of a drawing have their ring drawn, being parts of a picture.
  const drawn = n => {
    const s = getComputedStyle(n);
    return seen(s.stroke, s.strokeWidth) && n.matches(':focus-visible > .reach');
  };
  const box = node.getBoundingClientRect();
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const wrong = () => {
    if (!ringed(node) && !(node instanceof SVGElement && [...node.children].some(drawn)))
      return 'no ring is seen around';
    if (right - left < 1 || bottom - top < 1) return 'out of the window is';
    const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (over && !node.contains(over) && !over.contains(node)) return `${over.localName}.${over.className} covers`;
  };
  globalThis.stops ??= new Map();
  if (!globalThis.stops.has(node)) globalThis.stops.set(node, globalThis.stops.size);
  return { name, stop: globalThis.stops.get(node), wrong: wrong(), many: node.matches('input[type="date"]') };
}

// stop is where the focus is: it can be seen.
export async function stop(page) {
  const at = await page.evaluate(looked);
  assert.ok(!at.nowhere, `${page.url()}: nothing has the focus`);
  assert.equal(at.wrong, undefined, `${page.url()}: ${at.wrong} ${at.name}`);
  return at;
}

// focused waits until something has the focus, and sees that.
export async function focused(page, locator) {
  const has = () => locator.evaluateAll(nodes => nodes.includes(document.activeElement));
  for (const end = Date.now() + patience; !(await has()); ) {
    if (Date.now() > end)
      assert.fail(`${locator} does not get the focus, ${JSON.stringify(await page.evaluate(looked))} has`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  return stop(page);
}

const most = 300; // stops of a page

// steps goes on by one key until done says so. At each stop the focus is seen, and none holds it. A field for a date
// has stops inside; where the page ends the focus may be with the browser once.
async function steps(page, key, done) {
  let [last, same, outside] = [-1, 0, 0];
  for (let n = 0; n < most; n++) {
    await page.keyboard.press(key);
    if ((await page.evaluate(looked)).nowhere) {
      assert.ok(++outside < 3, `${page.url()}: nothing gets the focus any more`);
      continue;
    }
    const at = await stop(page);
    if (process.env.FOOTFALL_STOPS) process.stdout.write(`${key} ${JSON.stringify(at)}\n`);
    same = at.stop === last ? same + 1 : 0;
    assert.ok(same < (at.many ? 5 : 1), `${page.url()}: ${at.name} holds the focus`);
    last = at.stop;
    if (await done(at)) return;
  }
  assert.fail(`${page.url()}: not reached with ${most} times ${key}`);
}

// walk goes by Tab, or back, to something that can be worked.
export async function walk(page, locator, key = 'Tab') {
  await locator.first().waitFor();
  await steps(page, key, () => locator.evaluateAll(nodes => nodes.includes(document.activeElement)));
}

// press goes to a button or a link and presses it.
export async function press(page, locator, key = 'Enter') {
  await walk(page, locator);
  await page.keyboard.press(key);
}

// write goes to a field and writes into it, in place of what is there.
export async function write(page, locator, text) {
  await walk(page, locator);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

// choose goes to a list and chooses by the first letter.
export async function choose(page, locator, option) {
  await walk(page, locator);
  await page.keyboard.press(option[0]);
  await page.waitForFunction(want => document.activeElement.selectedOptions?.[0]?.textContent === want, option);
  await stop(page);
}

// round goes through a whole page, forth and a piece back.
export async function round(page) {
  const seen = new Set();
  await steps(page, 'Tab', at => {
    if (seen.has(at.stop)) return !at.many;
    seen.add(at.stop);
    return false;
  });
  let left = Math.min(5, seen.size);
  await steps(page, 'Shift+Tab', at => !at.many && --left <= 0);
  return seen.size;
}

// signIn is a person's first way: the password is good for one time.
export async function signIn(page, { name, once, fresh }) {
  await focused(page, page.getByLabel('Name'));
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await stop(page);
  await page.keyboard.type(once);
  await page.keyboard.press('Enter');
  await focused(page, page.getByLabel('New password'));
  await page.keyboard.type(fresh);
  await page.keyboard.press('Enter');
}
