// What opens on pages: menus and dialogues, in both languages, light and dark.
import { axe, browse, everySize, settled, url } from './browser.mjs';

const opened = [
  ['/counts', /^(Language and colours|语言与配色)$/],
  ['/counts', /^second$/],
  ['/live', /^(Keys|快捷键)$/],
  ['/live', /^(Connection test|连接测试)$/],
  ['/setup/people', /^(Add a person|添加人员)$/],
  ['/setup/people', /^guest$/],
  ['/setup/people', /^(Make a token|生成令牌)$/],
];

// secret makes a token, which is shown once, and ends it.
async function secret(page, where) {
  await page.getByRole('dialog').getByRole('textbox').fill('till of the north gate, second floor');
  await page.keyboard.press('Enter');
  await page.locator('.secret').waitFor();
  await axe(page, `a secret ${where}`);
  await everySize(page, `a secret ${where}`);
  await page.keyboard.press('Escape');
  await page.locator('.token-list').waitFor();
  await axe(page, `a token ${where}`);
  await everySize(page, `a token ${where}`);
  await page.locator('.token-list button').click();
  await page.locator('.token-list').waitFor({ state: 'detached' });
}

await browse(async open => {
  for (const [locale, colorScheme] of [
    ['en-GB', 'light'],
    ['en-GB', 'dark'],
    ['zh-CN', 'dark'],
  ]) {
    const page = await open({ locale, colorScheme });
    for (const [path, name] of opened) {
      await page.goto(url + path);
      await settled(page);
      await page.getByRole('button', { name }).first().click();
      const where = `${name} of ${path} ${locale} ${colorScheme}`;
      await axe(page, where);
      await everySize(page, where);
    }
    await secret(page, `${locale} ${colorScheme}`);
    await page.context().close();
  }
});
