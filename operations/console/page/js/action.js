// An action is planned first, which changes nothing and says what would be done; then it is confirmed with a reason, which is recorded.
import {post} from './api.js';
import {open_dialog} from './dialog.js';
import {h, replace, say} from './dom.js';
import {count, plural, words} from './format.js';
import {table} from './table.js';

function reasons_table(reasons) {
  return table('Which letters', [
    {head: 'Group', cell: (row) => row.group},
    {head: 'Reason', cell: (row) => words(row.reason)},
    {head: 'Place', cell: (row) => row.path, mono: true},
    {head: 'Letters', cell: (row) => count(row.letters), number: true},
  ], reasons);
}

function outcome(answer) {
  if (answer.letters !== undefined) {
    return `Done: ${plural(answer.letters, 'letter')}.${answer.left > 0 ? ` ${plural(answer.left, 'letter')} left, since they cannot be taken again.` : ''}`;
  }
  if (answer.partitions !== undefined) return `Done: ${plural(answer.partitions, 'partition')} will stand still within two seconds.`;
  if (answer.pauses !== undefined) return `Done: ${plural(answer.pauses, 'pause')} lifted.`;
  return 'Done.';
}

class Action {
  constructor(app, choice) {
    this.app = app;
    this.choice = choice;
    this.fault = h('p', {class: 'note bad', role: 'alert', hidden: true});
  }

  open() {
    this.dialog = open_dialog(this.choice.title);
    if (this.choice.fields) this.ask();
    else this.plan();
  }

  fail(refusal, again) {
    say(this.fault, refusal.message);
    this.fault.hidden = false;
    if (!this.fault.isConnected) this.dialog.body.append(this.fault);
    if (again) this.buttons(h('button', {type: 'button', class: 'strong', text: 'Dry run again', on: {click: () => this.plan()}}));
  }

  buttons(...nodes) {
    replace(this.dialog.end, h('button', {type: 'button', text: 'Cancel', on: {click: () => this.dialog.close()}}), ...nodes);
  }

  /** Before the dry run: what the action lets one choose. */
  ask() {
    const run = h('button', {type: 'button', class: 'strong', text: 'Dry run', on: {click: () => this.plan()}});
    replace(this.dialog.body, h('p', {text: this.choice.text}), ...this.choice.fields, this.fault);
    this.buttons(run);
    run.focus();
  }

  async plan() {
    this.fault.hidden = true;
    replace(this.dialog.body, h('p', {class: 'faint', role: 'status', text: 'Dry run: nothing is changed …'}));
    try {
      this.planned = await this.app.session.run(() => post('/api/actions/plan', {action: this.choice.action, ...this.choice.body()}));
      if (this.planned === null) this.dialog.close();
      else this.confirm();
    } catch (refusal) {
      replace(this.dialog.body, h('p', {text: 'The dry run says no.'}), this.fault);
      this.fail(refusal, true);
    }
  }

  /** What the dry run says, and the reason for going on. */
  confirm() {
    const plan = this.planned;
    const why = h('input', {id: 'why', type: 'text', required: true, autocomplete: 'off', maxlength: 500});
    const go = h('button', {type: 'submit', form: 'confirm', class: this.choice.danger ? 'danger' : 'strong', text: this.choice.verb});
    const has_none = plan.letters === 0;
    replace(this.dialog.body,
      h('p', {class: this.choice.danger ? 'note warn' : 'note', role: 'status'}, h('strong', {text: 'Dry run: '}), plan.summary),
      plan.left > 0 ? h('p', {class: 'note warn', text: `${plural(plan.left, 'letter')} will be left: their headers are not kept byte by byte.`}) : null,
      plan.reasons?.length > 0 ? reasons_table(plan.reasons) : null,
      this.choice.consequence ? h('p', {text: this.choice.consequence}) : null,
      has_none ? null : h('form', {id: 'confirm', class: 'section', on: {submit: (event) => this.submit(event, why, go)}},
        h('div', {class: 'field'}, h('label', {for: 'why', text: 'Why (recorded with your name)'}), why)),
      this.fault);
    this.buttons(has_none ? null : go);
    if (!has_none) why.focus();
  }

  async submit(event, why, go) {
    event.preventDefault();
    if (why.value.trim() === '') {
      this.fail({message: 'Say why: whoever looks later wants to know.'});
      why.focus();
      return;
    }
    go.disabled = true;
    this.fault.hidden = true;
    try {
      const answer = await this.app.session.run(() => post('/api/actions/confirm', {plan: this.planned.plan, why: why.value.trim()}));
      if (answer === null) this.dialog.close();
      else this.done(answer);
    } catch (refusal) {
      go.disabled = false;
      this.fail(refusal, ['plan_changed', 'plan_gone'].includes(refusal.code));
    }
  }

  done(answer) {
    if (this.choice.show) {
      this.dialog.close();
      this.choice.show(answer);
      return;
    }
    replace(this.dialog.body, h('p', {class: 'note', role: 'status', text: outcome(answer)}));
    const close = h('button', {type: 'button', class: 'strong', text: 'Close', on: {click: () => this.dialog.close()}});
    replace(this.dialog.end, close);
    close.focus();
    this.choice.after?.(answer);
  }
}

/**
 * Runs an action from its dry run to its end. choice: {action, title, verb, body(), text?, fields?, consequence?, danger?, show?, after?};
 * show takes the answer in place of the closing words.
 */
export async function act(app, choice) {
  if (await app.session.run(async () => true)) new Action(app, choice).open();
}
