import {fileURLToPath} from 'node:url';
import {open_browser, run_cases} from '../../support/browser/browser.mjs';
import {FakeConsole} from './fake_console.mjs';
import {acting} from './acting.mjs';
import {reading} from './reading.mjs';
import {reaching} from './reaching.mjs';

const page_folder = fileURLToPath(new URL('../../../operations/console/page', import.meta.url));
const browser = await open_browser();

/** A case with a console of its own, which ends with it. */
function with_console(run) {
  return async () => {
    const console_ = new FakeConsole(page_folder);
    const url = await console_.start();
    const contexts = [];
    const own = {
      async newContext(options) {
        contexts.push(await browser.newContext(options));
        return contexts.at(-1);
      },
    };
    try {
      await run({browser: own, url, console_});
    } finally {
      await Promise.all(contexts.map((context) => context.close()));
      await console_.stop();
    }
  };
}

await run_cases([...reading, ...acting, ...reaching].map(([name, run]) => [name, with_console(run)]));
await browser.close();
