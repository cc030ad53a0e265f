// What the page shows, and that it says so when what it shows is old.
import {strict as assert} from 'node:assert';
import {readFile, readdir} from 'node:fs/promises';
import {judge, open_page, quiet, until} from '../../support/browser/browser.mjs';
import {kHostile} from './fake_console.mjs';

const kRefused = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;
const card = (page, group) => page.locator('article.card', {has: page.getByRole('heading', {name: group, exact: true})});
const figure_of = (page, group, name) => card(page, group).locator('.facts div', {hasText: name}).locator('dd');
const curve_of = (page) => card(page, 'weir.rollups').locator('.curve.taken').getAttribute('d');
const points = (path) => (path.match(/[ML]/g) ?? []).length;
const runs = (path) => (path.match(/M/g) ?? []).length;

export const reading = [
  ['the tables of the flow are those of the migrations', async () => {
    const page = await readFile(new URL('../../../operations/console/page/js/tables.js', import.meta.url), 'utf8');
    const {kTables} = await import(`data:text/javascript,${encodeURIComponent(page)}`);
    const folder = new URL('../../../schemas/migrations/', import.meta.url);
    const texts = await Promise.all((await readdir(folder)).filter((name) => name.endsWith('.up.sql')).map((name) => readFile(new URL(name, folder), 'utf8')));
    const made = new Set(texts.flatMap((text) => [...text.matchAll(/CREATE TABLE (?:public\.)?([a-z_]+)/g)].map((found) => found[1])));
    for (const table of Object.values(kTables).flat()) assert.ok(made.has(table), `${table} is a table`);
  }],
  ['axe finds no fault in any view, light or dark', async ({browser, url}) => {
    const faults = [];
    for (const colorScheme of ['light', 'dark']) {
      const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;  // the rest is the same
      const page = await open_page(browser, url, {colorScheme});
      await page.getByText('Live', {exact: true}).waitFor();
      for (const view of ['overview', 'letters', 'deliveries', 'rollups', 'alerts', 'tail', 'log']) {
        await page.goto(`${url}/#${view}`);
        await page.waitForFunction(() => document.querySelectorAll('.view:not([hidden]) :is(tbody tr, article, .empty, form)').length > 0);
        faults.push(...(await judge(page, rules)).map((fault) => `${view}, ${colorScheme}: ${fault}`));
      }
      await page.goto(`${url}/#letters?group=weir.rollups`);
      await page.getByRole('button', {name: 'Open letter 3'}).click();
      await page.getByRole('region', {name: 'Value'}).waitFor();
      faults.push(...(await judge(page, rules)).map((fault) => `a letter, ${colorScheme}: ${fault}`));
      quiet(page);
    }
    assert.deepEqual(faults, []);
  }],
  ['data move: rates, lag and curves follow the stream', async ({browser, url}) => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    const first = await figure_of(page, 'weir.rollups', 'In/s').textContent();
    await until(async () => (await figure_of(page, 'weir.rollups', 'In/s').textContent()) !== first, 'the rate of weir.rollups changes');
    assert.equal(await figure_of(page, 'weir.rollups', 'Lag').textContent(), '0.4 s');
    await until(async () => points(await curve_of(page)) > 3, 'the curve grows');
    quiet(page);
  }],
  ['the flow joins sources, topics, groups and tables, and hides topics without traffic until they are asked for', async ({browser, url}) => {
    const page = await open_page(browser, url);
    const topics = page.getByRole('region', {name: /^Topics/});
    await topics.getByText('cdc.public.agent_executions').waitFor();
    assert.equal(await topics.getByText('cdc.public.users').count(), 0);
    await page.getByRole('button', {name: 'Show 3 topics without traffic'}).click();
    await topics.getByText('cdc.public.users').waitFor();
    const line = page.locator('.flow-line[data-from="group:weir.rollups"][data-to="table:agent_metrics"]');
    assert.match(await line.getAttribute('d'), /^M\d+ \d+C/);
    quiet(page);
  }],
  ['a connection that breaks leaves no gap in the curve', async ({browser, url, console_}) => {
    const page = await open_page(browser, url);
    await until(async () => points(await curve_of(page).catch(() => '')) > 2, 'the curve begins');
    const before = points(await curve_of(page));
    const sent = console_.seq;
    console_.server.closeAllConnections();
    await until(async () => console_.viewers.size > 0 && console_.seq > sent + 6, 'the page is back');
    await until(async () => points(await curve_of(page)) >= Math.min(before + console_.seq - sent - 1, 120), 'what was sent meanwhile is drawn');
    assert.equal(runs(await curve_of(page)), 1, 'the curve has no hole');
    quiet(page, kRefused);
  }],
  ['a console that is gone is said to be gone, and one that starts again is taken up', async ({browser, url, console_}) => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    const port = console_.port;
    await console_.stop();
    await page.getByText(/^Connection lost: what you see is/).waitFor();
    await page.getByText('Connection lost. The figures are old.').waitFor({state: 'attached'});
    await console_.start(port);
    await page.locator('#banner').waitFor({state: 'hidden'});
    await page.getByText('Live', {exact: true}).waitFor();
    await page.getByText('Connected again').waitFor({state: 'attached'});
    quiet(page, kRefused);
  }],
  ['a stream that hangs is said to be old although it is connected', async ({browser, url, console_}) => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    console_.is_hung = true;
    await page.getByText(/^No news: what you see is \d+ s old/).or(page.getByText(/^No news: what you see is [\d.]+ s old/)).waitFor();
    console_.is_hung = false;
    await page.locator('#banner').waitFor({state: 'hidden'});
    quiet(page);
  }],
  ['Postgres that is away stands first among what needs a person', async ({browser, url, console_}) => {
    console_.faults = [{source: 'postgres', detail: 'could not connect to server', since: new Date().toISOString()}];
    const page = await open_page(browser, url);
    await page.getByText('Postgres is away').waitFor();
    assert.match(await page.locator('.needs li').first().textContent(), /could not connect to server Figures are those from before/);
    quiet(page);
  }],
  ['hostile text of a letter stays text, in the list, as a filter and opened', async ({browser, url}) => {
    const page = await open_page(browser, `${url}/#letters?group=weir.scoring`);
    await page.getByRole('button', {name: 'Open letter 41'}).waitFor();
    await page.getByRole('button', {name: /^Only <img/}).click();
    await page.getByRole('button', {name: 'Open letter 41'}).click();
    const dialog = page.getByRole('dialog', {name: 'Letter 41'});
    assert.equal(await dialog.getByRole('region', {name: 'Value'}).textContent(), kHostile);
    assert.equal(await dialog.getByRole('rowheader').textContent(), kHostile);
    assert.deepEqual(await page.evaluate(() => [window.hurt, document.querySelectorAll('main img, dialog img, main script, dialog script').length]), [undefined, 0]);
    quiet(page);
  }],
  ['the rollup shows its chart to the eye, to the keyboard and as a table, with its SQL and CSV', async ({browser, url}) => {
    const page = await open_page(browser, `${url}/#rollups`);
    await page.getByRole('img', {name: /^total tasks: \d+ windows, lowest/}).waitFor();
    assert.ok((await page.locator('.window').count()) > 50);
    await page.locator('.chart-frame').focus();
    await page.keyboard.press('End');
    await page.getByText(/^[\d: -]+: [\d,]+ tasks, not final yet$/).waitFor();
    await page.getByText('As a table').click();
    await page.getByRole('cell', {name: 'not yet'}).first().waitFor();
    await page.getByLabel('Metric').selectOption('success_rate');
    await page.getByText('SELECT time, success_rate').waitFor();
    assert.match(await page.getByRole('link', {name: 'Download CSV'}).getAttribute('href'), /^\/api\/series\.csv\?metric=success_rate&level=5m&from=/);
    quiet(page);
  }],
  ['deliveries say which breaker is open, how long a provider waits, and why messages wait', async ({browser, url}) => {
    const page = await open_page(browser, `${url}/#deliveries`);
    const accounts = page.getByRole('region', {name: /^Accounts of providers/});
    await accounts.getByRole('row', {name: /email:default Breaker open .*37 .*503 Service Unavailable/}).waitFor();
    await accounts.getByRole('row', {name: /slack:default Waits \d\d:\d\d:\d\d/}).waitFor();
    await page.getByRole('row', {name: /user limit slack 8 in \d+ s The user has had as many messages/}).waitFor();
    quiet(page);
  }],
  ['alerts and decisions are listed', async ({browser, url}) => {
    const page = await open_page(browser, `${url}/#alerts`);
    await page.getByRole('rowheader', {name: 'The queue has been longer than 80 for 10 minutes'}).waitFor();
    await page.getByText('2 alerts open.').waitFor();
    await page.getByRole('link', {name: 'Decisions'}).click();
    await page.getByText('Nobody has decided anything yet.').waitFor();
    quiet(page);
  }],
  ['the tail shows records as they come and says how many are left out', async ({browser, url, console_}) => {
    const page = await open_page(browser, `${url}/#tail`);
    await page.getByRole('button', {name: 'Start'}).click();
    await page.getByText('1,200 records came too fast').waitFor();
    await until(async () => (await page.locator('.tail tbody tr').count()) > 3, 'records come');
    await page.getByRole('button', {name: 'Stop'}).click();
    await until(() => console_.tails.size === 0, 'the tail ends');
    await page.locator('.tail tbody button').first().click();
    await page.getByRole('dialog', {name: /^Record \d/}).getByText('Personal columns are masked').waitFor();
    quiet(page);
  }],
  ['a screen reader hears nothing while nothing but numbers change', async ({browser, url, console_}) => {
    const page = await open_page(browser, url);
    await page.getByText('Live', {exact: true}).waitFor();
    await page.evaluate(() => {
      window.heard = [];
      for (const region of document.querySelectorAll('[aria-live], [role=status], [role=alert], output')) {
        new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {childList: true, characterData: true, subtree: true});
      }
    });
    const seen = console_.seq;
    await until(() => console_.seq > seen + 12, 'a dozen snapshots');
    assert.deepEqual(await page.evaluate(() => window.heard), []);
    quiet(page);
  }],
];
