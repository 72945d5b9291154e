// Every page: nothing sticks out at four sizes in both languages, and axe finds nothing in light and dark.
import assert from 'node:assert/strict';
import { axe, browse, everySize, settled, shot, url } from './browser.mjs';
import { pages } from './rooms.mjs';

await browse(async open => {
  for (const locale of ['en-GB', 'zh-CN']) {
    const page = await open({ locale });
    for (const path of pages) {
      await page.goto(url + path);
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.lang), locale === 'zh-CN' ? 'zh-CN' : 'en');
      await axe(page, `${path} ${locale}`);
      await everySize(page, `${path} ${locale}`);
    }
    await page.context().close();
  }
  for (const colorScheme of ['light', 'dark']) {
    const page = await open({ colorScheme });
    for (const path of pages) {
      await page.goto(url + path);
      await settled(page);
      await axe(page, `${path} ${colorScheme}`);
      await shot(page, `${path} ${colorScheme}`);
    }
    await page.context().close();
  }
});
