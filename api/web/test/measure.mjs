// What the app costs: how soon there is something to see, and what a wall of nine previews takes of the browser.
import { browse, settled, url } from './browser.mjs';

const say = text => process.stdout.write(`${text}\n`);

// paint is when a page first shows something that means something: its heading, and for the wall its first tile.
async function paint(page, path, what) {
  const times = [];
  for (let i = 0; i < 5; i++) {
    await page.goto('about:blank');
    await page.goto(url + path, { waitUntil: 'commit' });
    await page.locator(what).first().waitFor();
    const { first, meaningful } = await page.evaluate(() => ({
      first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      meaningful: performance.now(),
    }));
    times.push({ first, meaningful });
  }
  const median = key =>
    times
      .map(t => t[key])
      .sort((a, b) => a - b)[2]
      .toFixed(0);
  say(`${path}: first paint after ${median('first')} ms, ${what} after ${median('meaningful')} ms (median of 5)`);
}

await browse(async (open, ask) => {
  const page = await open();
  await paint(page, '/counts', 'h1');
  await paint(page, '/live', '.tile');
  await page.goto(`${url}/live`);
  await settled(page);
  await page.waitForFunction(() => {
    const videos = [...document.querySelectorAll('.tile video')];
    return videos.length === 9 && videos.every(v => v.readyState >= 2 && v.currentTime > 1);
  });
  const session = await page.context().browser().newBrowserCDPSession();
  const spent = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo;
  const before = await spent();
  const began = Date.now();
  await page.waitForTimeout(15_000);
  const seconds = (Date.now() - began) / 1000;
  for (const now of await spent()) {
    const then = before.find(p => p.id === now.id)?.cpuTime ?? 0;
    say(`nine previews: ${(((now.cpuTime - then) / seconds) * 100).toFixed(0)} % of a core in ${now.type}`);
  }
  const metrics = await ask('/metrics');
  say(
    metrics
      .split('\n')
      .filter(line => /encoder/.test(line) && !line.startsWith('#'))
      .join('\n'),
  );
});
