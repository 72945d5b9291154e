// Counts: what is shown is what the API says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { browse, patience, settled, url } from './browser.mjs';
import { printed, share } from './paper.mjs';

const zone = 'Europe/Berlin';
const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
const yesterday = day.format(Date.now() - 86_400_000);
const today = day.format(Date.now());

// days asks for the hours of yesterday, which the report names by its date.
async function hours(ask, place) {
  const offset = new Date(`${yesterday}T12:00:00Z`).toLocaleString('en', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  });
  const utc = /GMT([+-]\d\d:\d\d)/.exec(offset)[1];
  const from = encodeURIComponent(`${yesterday}T00:00:00${utc}`);
  const to = encodeURIComponent(`${today}T00:00:00${utc}`);
  return JSON.parse(await ask(`/api/v1${place}${place.includes('?') ? '&' : '?'}step=1h&from=${from}&to=${to}`)).items;
}

const figure = (page, title) =>
  page.locator('figure').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

async function tableOf(page, title) {
  await figure(page, title).getByRole('button', { name: 'Table' }).click();
  return figure(page, title)
    .locator('tbody tr')
    .evaluateAll(rows => rows.map(row => [...row.children].map(cell => cell.textContent)));
}

const written = n => (n === null ? '–' : n.toLocaleString('en-GB'));

// onPaper: there is the report, and none of what only a screen can use: on one page, in the light colours, also from a
// phone in the dark. A table that is open comes along.
async function onPaper(open, number, hours) {
  const report = `${url}/counts?area=ground&period=yesterday`;
  for (const options of [{}, { viewport: { width: 360, height: 760 }, colorScheme: 'dark' }]) {
    const reader = await open(options);
    await reader.goto(report);
    await settled(reader);
    await figure(reader, 'People inside').locator('.u-wrap').waitFor();
    const paper = await printed(reader);
    assert.equal(paper.pages, 1);
    for (const words of ['Ground floor', number, 'People inside', 'Hours of the week'])
      assert.ok(paper.text.includes(words), `${words} is not on the paper:\n${paper.text}`);
    assert.doesNotMatch(paper.text, /Copy link|CSV|Period/);
    assert.ok(share(paper.picture, [11, 92, 173]) > 0.02, 'the bars are not on the paper');
    assert.ok(share(paper.picture, [255, 255, 255]) > 0.6, 'the paper is not white');
    await tableOf(reader, 'Footfall');
    const longer = await printed(reader);
    assert.equal(longer.pages, 2);
    assert.equal(longer.text.match(/^ *\w{3} \d+ \w{3,4}, \d\d:00–\d\d:00/gm).length, hours);
    // Back on the screen, it is as it was.
    const width = () =>
      figure(reader, 'Footfall')
        .locator('.uplot')
        .evaluate(node => node.clientWidth);
    const room = () =>
      figure(reader, 'Footfall')
        .locator('.chart')
        .evaluate(node => node.clientWidth);
    assert.equal(await width(), await room());
    await reader.context().close();
  }
}

await browse(async (open, ask) => {
  const page = await open();
  await page.goto(`${url}/counts?site=mall`);
  await settled(page);

  // 1. Site, area and period are chosen, and each choice is in the address.
  await page.getByLabel('Area').selectOption('Ground floor');
  await page.getByLabel('Period').selectOption('Yesterday');
  await page.waitForURL(/area=ground.*period=yesterday/);
  await settled(page);

  // 2. The table, the number and the file hold what the API answers.
  const want = await hours(ask, '/areas/ground/counts');
  const rows = await tableOf(page, 'Footfall');
  assert.deepEqual(
    rows.map(row => [row[1], row[2]]),
    want.map(c => [written(c.in), written(c.out)]),
  );
  const sum = want.reduce((n, c) => n + (c.in ?? 0), 0);
  assert.equal(await page.locator('.number').first().locator('strong').textContent(), written(sum));
  const download = page.waitForEvent('download');
  await figure(page, 'Footfall').getByRole('button', { name: 'Footfall as CSV' }).click();
  const file = readFileSync(await (await download).path(), 'utf8')
    .replace('\ufeff', '')
    .trim()
    .split('\r\n');
  assert.equal(file.length, want.length + 1);
  assert.deepEqual(
    file.slice(1).map(line => line.split(',')[1]),
    want.map(c => String(c.in ?? '')),
  );

  // 3. Of what nobody watched there is no number, above all not zero.
  await page.getByLabel('Line').selectOption('Garage · barrier');
  await page.waitForURL(/line=garage/);
  await settled(page);
  await page.waitForFunction(() => document.querySelector('h1').textContent.includes('Garage'));
  const line = await hours(ask, `/counts?camera=garage&line=barrier&tz=${zone}`);
  assert.equal(line.filter(c => c.in === null).length, 3, 'three hours were not watched');
  const gaps = (await tableOf(page, 'In and out')).map(row => row[1]);
  assert.deepEqual(
    gaps,
    line.map(c => written(c.in)),
  );

  // 4. Back is where one was; the link shows the same to somebody else.
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('h1').textContent === 'Ground floor');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await open({ locale: 'zh-CN' });
  await other.goto(link);
  await settled(other);
  const numbers = () => [...document.querySelectorAll('.number strong')].map(node => node.textContent);
  assert.equal((await other.evaluate(numbers))[0], (await page.evaluate(numbers))[0]);
  assert.match(await other.locator('.number dt').first().textContent(), /进入/);

  // 5. By keyboard alone: to another period, and through a chart.
  await page.getByLabel('Period').focus();
  await page.keyboard.press('ArrowUp');
  await page.waitForURL(url => !url.search.includes('period='));
  await settled(page);
  await page.locator('.chart [role="img"]').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('.tip').first().waitFor({ state: 'visible', timeout: patience });

  // 6. What is printed has the same number, and as many hours.
  await onPaper(open, written(sum), want.length);
});
