// Debian's Chromium, driven by playwright-core from the cache (`./dev deps --browser`), and cases that also fail by what the browser's
// console says: an error, a warning, or something that the page's policy of content forbids.
import {strict as assert} from 'node:assert';
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {readFile} from 'node:fs/promises';

const kPackages = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'weir', 'browser');
const load = createRequire(join(kPackages, 'package.json'));
const {chromium} = load('playwright-core');

export const kPatience = 30000;  // ms that a page has to show what it should

export function open_browser() {
  return chromium.launch({executablePath: process.env.WEIR_CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});
}

/** A page whose console is kept: page.said. */
export async function open_page(browser, url, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(kPatience);
  page.said = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.said.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => page.said.push(`exception: ${error.message}`));
  await page.goto(url);
  return page;
}

/** Fails where the console has words that allowed, a regular expression, does not name. */
export function quiet(page, allowed = /^$/) {
  const heard = page.said.filter((line) => !allowed.test(line));
  assert.deepEqual(heard, [], 'the browser\'s console stays empty');
}

/** What axe-core finds wrong with the page as it stands; by the rules that are named, where they are. */
export async function judge(page, rules) {
  await page.evaluate(await readFile(load.resolve('axe-core/axe.min.js'), 'utf8'));
  const run_only = rules ? {type: 'rule', values: rules} : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const {violations} = await page.evaluate((runOnly) => window.axe.run(document, {runOnly}), run_only);
  return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

/** Waits until what() is true, asking again and again. */
export async function until(what, why) {
  const end = Date.now() + kPatience;
  while (!(await what())) {
    assert.ok(Date.now() < end, `in time: ${why}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs cases, [name, run], some beside each other, since they wait more than they compute; those whose name holds chosen, where it is given. The
 * exit code says whether all passed. */
export async function run_cases(cases, {chosen = process.argv[2], beside = 4} = {}) {
  let failed = 0;
  const waiting = cases.filter(([name]) => !chosen || name.includes(chosen));
  const work = async () => {
    const next = waiting.shift();
    if (!next) return;
    const [name, run] = next;
    const begin = Date.now();
    try {
      await run();
      console.log(`passed: ${name} (${Date.now() - begin} ms)`);
    } catch (error) {
      ++failed;
      console.log(`FAILED: ${name}\n${error.stack ?? error}`);
    }
    await work();
  };
  await Promise.all(Array.from({length: beside}, work));
  process.exitCode = failed === 0 ? 0 : 1;
}
