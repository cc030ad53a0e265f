// What an operator does: always a dry run first, a reason, and words about how it ended.
import {strict as assert} from 'node:assert';
import {open_page, quiet} from '../../support/browser/browser.mjs';
import {kToken} from './fake_console.mjs';

const kUnauthorized = /status of 401/;
const kGone = /status of 41\d/;

async function log_in(page, token = kToken) {
  const dialog = page.getByRole('dialog', {name: 'Log in'});
  await dialog.getByLabel('Token').fill(token);
  await dialog.getByRole('button', {name: 'Log in'}).click();
}

export const acting = [
  ['letters are redriven to the end: filter, login, dry run, reason, confirm, gone', async ({browser, url, console_}) => {
    const page = await open_page(browser, `${url}/#letters?status=dead`);
    await page.getByText('14 letters').waitFor();
    assert.ok(await page.getByRole('button', {name: 'Redrive these…'}).isDisabled(), 'without a group nothing is redriven');
    await page.getByRole('button', {name: 'Only missing field of weir.rollups'}).click();
    await page.getByText('12 letters', {exact: true}).first().waitFor();
    await page.getByRole('button', {name: 'Redrive these…'}).click();
    await log_in(page);
    const dialog = page.getByRole('dialog', {name: 'Redrive letters'});
    await dialog.getByText('Dead letters: group weir.rollups, reason missing_field').waitFor();
    await dialog.getByRole('button', {name: 'Dry run'}).click();
    await dialog.getByText('12 dead letters go through their group again').waitFor();
    assert.equal(console_.rows.length, 0, 'a dry run changes nothing');
    await dialog.getByRole('button', {name: 'Redrive', exact: true}).click();
    assert.equal(console_.rows.length, 0, 'without a reason nothing is done');
    await dialog.getByLabel('Why').fill('release 1.4.2 reads the new name');
    await dialog.getByRole('button', {name: 'Redrive', exact: true}).click();
    await dialog.getByText('Done: 12 letters.').waitFor();
    assert.equal(console_.rows.length, 12);
    await dialog.getByRole('button', {name: 'Close'}).last().click();
    await page.getByText('No letter here.').waitFor();
    await page.getByRole('link', {name: 'Decisions'}).click();
    await page.getByRole('row', {name: /ada dlq redrive .*letters 12 release 1\.4\.2/}).waitFor();
    quiet(page);
  }],
  ['a plan that is gone is planned again', async ({browser, url, console_}) => {
    const page = await open_page(browser, `${url}/#letters?group=weir.scoring`);
    await page.getByRole('button', {name: 'Discard these…'}).click();
    await log_in(page);
    const dialog = page.getByRole('dialog', {name: 'Discard letters'});
    await dialog.getByText('2 dead letters').waitFor();
    console_.plans.clear();
    await dialog.getByLabel('Why').fill('an import of 2020');
    await dialog.getByRole('button', {name: 'Discard', exact: true}).click();
    await dialog.getByText('plan again').waitFor();
    await dialog.getByRole('button', {name: 'Dry run again'}).click();
    await dialog.getByLabel('Why').fill('an import of 2020');
    await dialog.getByRole('button', {name: 'Discard', exact: true}).click();
    await dialog.getByText('Done: 2 letters.').waitFor();
    quiet(page, kGone);
  }],
  ['one letter is shown unmasked only on purpose, and redriven alone', async ({browser, url, console_}) => {
    const page = await open_page(browser, `${url}/#letters?group=weir.rollups`);
    await page.getByRole('button', {name: 'Open letter 3', exact: true}).click();
    const letter = page.getByRole('dialog', {name: 'Letter 3', exact: true});
    await letter.getByText('Personal columns are masked').waitFor();
    await letter.getByRole('button', {name: 'Unmask'}).click();
    await log_in(page);
    const unmask = page.getByRole('dialog', {name: 'Unmask letter 3'});
    await unmask.getByLabel('Why').fill('the customer asked');
    await unmask.getByRole('button', {name: 'Unmask'}).click();
    await letter.getByText('Shown unmasked').waitFor();
    await letter.getByText('execution-17').waitFor();
    await letter.getByRole('button', {name: 'Redrive'}).click();
    const redrive = page.getByRole('dialog', {name: 'Redrive letter 3'});
    await redrive.getByLabel('Why').fill('mended');
    await redrive.getByRole('button', {name: 'Redrive', exact: true}).click();
    await redrive.getByText('Done: 1 letter.').waitFor();
    assert.deepEqual(console_.rows, [3]);
    quiet(page);
  }],
  ['a group is paused and resumed, and says by whom and why', async ({browser, url}) => {
    const page = await open_page(browser, url);
    await page.getByRole('button', {name: 'Pause weir.rollups'}).click();
    await log_in(page);
    const dialog = page.getByRole('dialog', {name: 'Pause weir.rollups'});
    await dialog.getByLabel('Why').fill('the source is busy');
    await dialog.getByRole('button', {name: 'Pause', exact: true}).click();
    await dialog.getByText('Done: 6 partitions will stand still').waitFor();
    await dialog.getByRole('button', {name: 'Close'}).last().click();
    await page.getByText(/^All partitions: paused by ada, .*the source is busy$/).waitFor();
    await page.getByRole('button', {name: 'Resume weir.rollups'}).click();
    const resume = page.getByRole('dialog', {name: 'Resume weir.rollups'});
    await resume.getByLabel('Why').fill('it is quiet again');
    await resume.getByRole('button', {name: 'Resume', exact: true}).click();
    await resume.getByText('Done: 1 pause lifted.').waitFor();
    await resume.getByRole('button', {name: 'Close'}).last().click();
    await page.getByText(/^All partitions: paused/).waitFor({state: 'detached'});
    quiet(page);
  }],
  ['a wrong token is refused in words, and who is logged in is shown', async ({browser, url}) => {
    const page = await open_page(browser, url);
    await page.getByRole('button', {name: 'Log in'}).click();
    await log_in(page, 'wrong');
    await page.getByText('no operator has this token').waitFor();
    await log_in(page);
    await page.getByText('ada', {exact: true}).waitFor();
    await page.getByRole('button', {name: 'Log out'}).click();
    await page.getByText('read only').waitFor();
    quiet(page, kUnauthorized);
  }],
];
