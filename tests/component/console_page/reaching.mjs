// That everybody reaches it: by keyboard alone, on a narrow screen, in the dark, without motion.
import {strict as assert} from 'node:assert';
import {open_page, quiet, until} from '../../support/browser/browser.mjs';

const kViews = ['overview', 'letters', 'deliveries', 'rollups', 'alerts', 'tail', 'log'];

const focused = (page) => page.evaluate(() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  return {
    text: node.getAttribute('aria-label') ?? node.textContent.trim(), tag: node.tagName, is_seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    is_in_dialog: node.closest('dialog') !== null,
  };
});

/** Presses Tab until the focus is on text. */
async function tab_to(page, text, most = 80) {
  for (let press = 0; press < most; ++press) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now.tag !== 'BODY') assert.ok(now.is_seen, `the focus is seen on ${now.tag} ${now.text}`);
    if (now.text.startsWith(text)) return;
  }
  assert.fail(`Tab reaches ${text}`);
}

const too_wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function background(page) {
  const [red, green, blue] = (await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).match(/\d+/g).map(Number);
  return red + green + blue > 384 ? 'light' : 'dark';
}

export const reaching = [
  ['by keyboard alone: skip link, views, a letter, its dialog, and back to where one was', async ({browser, url}) => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).text, 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal((await focused(page)).tag, 'MAIN');
    await page.keyboard.press('Shift+Tab');
    await page.reload();
    await tab_to(page, 'Letters');
    await page.keyboard.press('Enter');
    await until(async () => (await focused(page)).text === 'Letters' && (await focused(page)).tag === 'H2', 'the heading of the view has the focus');
    await page.getByRole('button', {name: 'Open letter 2', exact: true}).waitFor();
    await tab_to(page, 'Open letter 2');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', {name: 'Letter 2', exact: true}).getByRole('button', {name: 'Redrive'}).waitFor();
    for (let press = 0; press < 12; ++press) {
      await page.keyboard.press(press < 8 ? 'Tab' : 'Shift+Tab');
      assert.ok((await focused(page)).is_in_dialog, 'the dialog holds the focus');
    }
    await page.keyboard.press('Escape');
    assert.equal((await focused(page)).text, 'Open letter 2');
    quiet(page);
  }],
  ['numbers that move leave the focus where it is', async ({browser, url, console_}) => {
    const page = await open_page(browser, url);
    await page.getByRole('button', {name: 'Pause weir.rollups'}).focus();
    const seen = console_.seq;
    await until(() => console_.seq > seen + 8, 'snapshots come');
    assert.equal((await focused(page)).text, 'Pause weir.rollups');
    quiet(page);
  }],
  ['at 375 pixels no view, and no dialog, is wider than the screen', async ({browser, url}) => {
    const page = await open_page(browser, url, {viewport: {width: 375, height: 740}});
    await page.getByText('Live', {exact: true}).waitFor();
    for (const view of kViews) {
      await page.goto(`${url}/#${view}`);
      await page.locator('.view:not([hidden]) h2').first().waitFor({state: 'attached'});
      if (view === 'tail') await page.getByRole('button', {name: 'Start'}).click();
      await page.waitForFunction(() => document.querySelectorAll('.view:not([hidden]) :is(tbody tr, article, .empty)').length > 0);
      assert.equal(await too_wide(page), 0, view);
    }
    await page.goto(`${url}/#letters?group=weir.rollups`);
    await page.getByRole('button', {name: 'Open letter 2', exact: true}).click();
    await page.getByRole('region', {name: 'Value'}).waitFor();
    const dialog = await page.getByRole('dialog').boundingBox();
    assert.ok(dialog.x >= 0 && dialog.x + dialog.width <= 375, `the dialog fits: ${JSON.stringify(dialog)}`);
    assert.equal(await page.getByRole('dialog').evaluate((node) => node.scrollWidth - node.clientWidth), 0);
    quiet(page);
  }],
  ['where less motion is asked for nothing moves', async ({browser, url}) => {
    const page = await open_page(browser, url, {reducedMotion: 'reduce'});
    await page.getByText('Live', {exact: true}).waitFor();
    const moving = () => page.evaluate(() => [...document.querySelectorAll('*')].filter((node) => {
      const style = getComputedStyle(node);
      return style.animationName !== 'none' || style.transitionDuration.split(',').some((length) => parseFloat(length) > 0);
    }).map((node) => node.tagName));
    assert.deepEqual(await moving(), []);
    await page.emulateMedia({reducedMotion: 'no-preference'});
    assert.ok((await moving()).length > 0, 'what moves is seen by this test');
    quiet(page);
  }],
  ['dark as the system has it, light or dark by the switch, and the choice is kept', async ({browser, url}) => {
    const page = await open_page(browser, url, {colorScheme: 'dark'});
    assert.equal(await background(page), 'dark');
    await page.emulateMedia({colorScheme: 'light'});
    assert.equal(await background(page), 'light');
    await page.getByRole('button', {name: 'Auto: colours as the system has them'}).click();
    await page.getByRole('button', {name: 'Light colours'}).click();
    assert.equal(await background(page), 'dark');
    await page.reload();
    assert.equal(await background(page), 'dark');
    await page.getByRole('button', {name: 'Dark colours'}).waitFor();
    quiet(page);
  }],
];
