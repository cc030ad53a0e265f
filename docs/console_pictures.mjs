#!/usr/bin/env node
// Makes the pictures of docs/console.md from a running console: docs/console-light.webp, console-dark.webp and console-narrow.webp.
//
//     weir demo --for 300 &                                  # weir.yaml in its folder has what the console needs
//     weir console --config …/weir.yaml --ops-listen 127.0.0.1:0
//     docs/console_pictures.mjs http://127.0.0.1:8088
//
// It needs what ./dev deps --browser installs.
import {writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {open_browser, open_page} from '../tests/support/browser/browser.mjs';

const kCurve = 130000;  // ms until the curves of groups are full
const kQuality = 0.85;

const [url, wait = String(kCurve)] = process.argv.slice(2);
if (!url) {
  console.error('usage: docs/console_pictures.mjs URL [MILLISECONDS]');
  process.exit(64);
}

/** The browser itself turns a picture into WebP, so that no other program is needed. */
async function as_webp(browser, png) {
  const page = await browser.newPage();
  const text = await page.evaluate(async ([source, quality]) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', quality);
  }, [`data:image/png;base64,${png.toString('base64')}`, kQuality]);
  await page.close();
  return Buffer.from(text.split(',')[1], 'base64');
}

const browser = await open_browser();
const pictures = [
  ['light', '#overview', {viewport: {width: 1280, height: 1240}, colorScheme: 'light'}],
  ['dark', '#letters?status=dead', {viewport: {width: 1280, height: 900}, colorScheme: 'dark'}],
  ['narrow', '#overview', {viewport: {width: 375, height: 812}, deviceScaleFactor: 2, colorScheme: 'light'}],
];
const pages = await Promise.all(pictures.map(([, view, options]) => open_page(browser, `${url}/${view}`, options)));
await Promise.all(pages.map((page) => page.getByText('Live', {exact: true}).waitFor()));
await pages[0].waitForTimeout(Number(wait));
await pages[1].getByRole('button', {name: /^Open letter/}).first().click();
await pages[1].getByRole('region', {name: 'Value'}).waitFor();
for (const [index, [name]] of pictures.entries()) {
  const file = fileURLToPath(new URL(`console-${name}.webp`, import.meta.url));
  const picture = await as_webp(browser, await pages[index].screenshot());
  await writeFile(file, picture);
  console.log(`${file}: ${picture.length} bytes`);
}
await browser.close();
