// What an operator does in the browser over the real console; browser_test.cpp runs it.
import {strict as assert} from 'node:assert';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {judge, open_browser, open_page, quiet, run_cases, until} from '../../support/browser/browser.mjs';

const {WEIR_CONSOLE_URL: url, WEIR_CONSOLE_TOKEN: token, WEIR_CONSOLE_GROUP: group, WEIR_CONSOLE_TOPIC: topic, WEIR_CONSOLE_HOSTILE: hostile, WEIR_CONSOLE_ASKS: asks} = process.env;
const browser = await open_browser();
const letters = `#letters?${new URLSearchParams({group, status: 'dead'})}`;
const ask = (what) => writeFile(join(asks, what), '');
const card = (page) => page.locator('article.card', {has: page.getByRole('heading', {name: group, exact: true})});
const figure_of = (page, name) => card(page).locator('.facts div', {hasText: name}).locator('dd').textContent();

async function log_in(page) {
  await page.getByRole('button', {name: 'Log in'}).click();
  const dialog = page.getByRole('dialog', {name: 'Log in'});
  await dialog.getByLabel('Token').fill(token);
  await dialog.getByRole('button', {name: 'Log in'}).click();
  await page.getByText('ada', {exact: true}).waitFor();
}

/** Gives the reason of the dialog and goes on. */
async function confirm(page, title, verb, done) {
  const dialog = page.getByRole('dialog', {name: title});
  await dialog.getByText('Dry run:').waitFor();
  await dialog.getByLabel('Why').fill('a test');
  await dialog.getByRole('button', {name: verb, exact: true}).click();
  if (done) {
    await dialog.getByText(done).waitFor();
    await dialog.getByRole('button', {name: 'Close'}).last().click();
  }
}

await run_cases([
  ['data move: rate, lag and curve of the group', async () => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    await until(async () => parseFloat(await figure_of(page, 'In/s')) > 0 && parseFloat(await figure_of(page, 'Out/s')) > 0, 'records come and are taken');
    assert.match(await figure_of(page, 'Lag'), / s$/);
    await page.getByRole('region', {name: /^Topics/}).getByText(topic.replace(/^weir\./, ''), {exact: true}).waitFor();
    await card(page).getByText('5 letters').waitFor();
    quiet(page);
  }],
  ['hostile text stays text when it is shown unmasked, and is discarded', async () => {
    const page = await open_page(browser, `${url}/${letters}`);
    await log_in(page);
    const rows = page.getByRole('region', {name: 'Letters one by one'}).locator('tbody tr');
    await rows.nth(4).waitFor();
    let id = null;
    for (const row of await rows.all()) {
      const opener = row.getByRole('button');
      id = await opener.textContent();
      await opener.click();
      const dialog = page.getByRole('dialog', {name: `Letter ${id}`, exact: true});
      await dialog.getByRole('button', {name: 'Unmask'}).click();
      await confirm(page, `Unmask letter ${id}`, 'Unmask');
      await dialog.getByText('Shown unmasked').waitFor();
      if ((await dialog.getByRole('region', {name: 'Value'}).textContent()) === hostile) break;
      await page.keyboard.press('Escape');
      id = null;
    }
    assert.notEqual(id, null, 'one letter has the hostile text');
    assert.deepEqual(await page.evaluate(() => [window.hurt, document.querySelectorAll('main img, dialog img, main script, dialog script').length]), [undefined, 0]);
    await page.getByRole('dialog', {name: `Letter ${id}`, exact: true}).getByRole('button', {name: 'Discard'}).click();
    await confirm(page, `Discard letter ${id}`, 'Discard', 'Done: 1 letter.');
    quiet(page);
  }],
  ['letters are redriven: a dry run, the reason, and none is left', async () => {
    const page = await open_page(browser, `${url}/${letters}`);
    await log_in(page);
    await page.getByText('4 letters', {exact: true}).first().waitFor();
    await page.getByRole('button', {name: 'Redrive these…'}).click();
    await page.getByRole('dialog', {name: 'Redrive letters'}).getByRole('button', {name: 'Dry run'}).click();
    await confirm(page, 'Redrive letters', 'Redrive', 'Done: 4 letters.');
    await page.getByText('No letter here.').waitFor();
    await page.getByLabel('Status').selectOption('resolved');
    await page.getByText('4 letters', {exact: true}).first().waitFor();
    await page.getByRole('link', {name: 'Decisions'}).click();
    await page.getByRole('row', {name: /ada dlq redrive/}).waitFor();
    quiet(page);
  }],
  ['the group is paused and resumed', async () => {
    const page = await open_page(browser, url);
    await log_in(page);
    await page.getByRole('button', {name: `Pause ${group}`}).click();
    await confirm(page, `Pause ${group}`, 'Pause', /^Done: \d+ partitions will stand still/);
    await card(page).getByText('Paused', {exact: true}).waitFor();
    await until(async () => parseFloat(await figure_of(page, 'Waiting')) > 0, 'records wait');
    await page.getByRole('button', {name: `Resume ${group}`}).click();
    await confirm(page, `Resume ${group}`, 'Resume', 'Done: 1 pause lifted.');
    await card(page).getByText('Keeps up').waitFor();
    quiet(page);
  }],
  ['records are shown as they come', async () => {
    const page = await open_page(browser, `${url}/#tail`);
    await page.locator('#tail-topic').selectOption(topic);
    await page.getByRole('button', {name: 'Start'}).click();
    await until(async () => (await page.locator('.tail tbody tr').count()) > 12, 'records come after the last ten');
    await page.getByRole('button', {name: 'Stop'}).click();
    quiet(page);
  }],
  ['no view has a fault or is wider than 375 pixels', async () => {
    const page = await open_page(browser, url, {viewport: {width: 375, height: 740}, colorScheme: 'dark'});
    await page.getByText('Live', {exact: true}).waitFor();
    for (const view of ['overview', 'letters', 'deliveries', 'rollups', 'alerts', 'tail', 'log']) {
      await page.goto(`${url}/#${view}`);
      await page.locator('.view:not([hidden])').waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, view);
      assert.equal(await page.locator('.view:not([hidden]) [role=alert]:not([hidden])').count(), 0, `${view} shows a refusal`);
    }
    await page.goto(`${url}/#overview`);
    assert.deepEqual(await judge(page), []);
    quiet(page);
  }],
  ['a console that was killed is said to be gone, and is taken up when it starts again', async () => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    await ask('stop');
    await page.getByText(/^Connection lost: what you see is/).waitFor();
    await ask('start');
    await page.locator('#banner').waitFor({state: 'hidden'});
    await until(async () => parseFloat(await figure_of(page, 'In/s')) > 0, 'data move again');
    quiet(page, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  }],
], {beside: 1});
await browser.close();
