// Records that groups could not take: by reason, one by one, and what to do about those that a filter chooses.
import {act} from '../action.js';
import {get} from '../api.js';
import {attribute, h, replace, say} from '../dom.js';
import {ago, count, plural, words} from '../format.js';
import {live_table} from '../table.js';
import {kDiscard, kRedrive, open_letter} from './letter.js';

const kStatuses = ['dead', 'parked', 'redriving', 'resolved', 'discarded'];
const kNames = ['group', 'status', 'topic', 'kind', 'reason', 'path', 'from', 'to', 'organization'];
const kPage = 50;

function input(id, label, properties = {}) {
  const node = h('input', {id, type: 'text', autocomplete: 'off', spellcheck: 'false', ...properties});
  return {node: h('div', {class: 'field'}, h('label', {for: id, text: label}), node), control: node};
}

function select(id, label, choices) {
  const node = h('select', {id}, ...choices.map(([value, text]) => h('option', {value, text})));
  return {node: h('div', {class: 'field'}, h('label', {for: id, text: label}), node), control: node};
}

/** What is typed as a time of the reader's clock, as the server reads it. */
const zoned = (text) => (text === '' ? '' : new Date(text).toISOString());

class Letters {
  constructor(app) {
    this.app = app;
    this.after = null;
    this.fields = {
      group: select('letters-group', 'Group', [['', 'all groups']]),
      status: select('letters-status', 'Status', [...kStatuses.map((status) => [status, status]), ['', 'all']]),
      topic: input('letters-topic', 'Topic'), kind: input('letters-kind', 'Kind'), reason: input('letters-reason', 'Reason'),
      path: input('letters-path', 'Place in the value', {placeholder: '/after/status'}),
      from: input('letters-from', 'From', {type: 'datetime-local', step: '1'}), to: input('letters-to', 'To', {type: 'datetime-local', step: '1'}),
      organization: input('letters-organization', 'Organization', {placeholder: 'id'}),
    };
    this.reasons = live_table('Letters by reason', [
      {head: 'Group', cell: (row) => row.group}, {head: 'Status', cell: (row) => row.status},
      {head: 'Reason', cell: (row) => this.chooser(row), is_head: true}, {head: 'Place', cell: (row) => row.path, mono: true},
      {head: 'Kind', cell: (row) => words(row.kind)}, {head: 'Letters', cell: (row) => count(row.letters), number: true},
    ], (row) => [row.group, row.topic, row.status, row.kind, row.reason, row.path].join('/'));
    this.list = live_table('Letters one by one', [
      {head: 'Letter', cell: (row) => this.opener(row), is_head: true}, {head: 'When', cell: (row) => ago(row.time), short: true},
      {head: 'Group', cell: (row) => row.group}, {head: 'Status', cell: (row) => row.status}, {head: 'Reason', cell: (row) => words(row.reason)},
      {head: 'Place', cell: (row) => row.path, mono: true}, {head: 'Record', cell: (row) => `${row.topic} ${row.partition}:${row.offset}`, mono: true},
      {head: 'Tries', cell: (row) => count(row.attempts), number: true},
    ], (row) => `${row.id}/${row.status}`);
    this.build();
  }

  build() {
    this.status = h('p', {class: 'small faint', role: 'status'});
    this.fault = h('p', {class: 'note bad', role: 'alert', hidden: true});
    this.empty = h('p', {class: 'empty', hidden: true, text: 'No letter here.'});
    this.next = h('button', {type: 'button', text: 'Next page', hidden: true, on: {click: () => this.turn()}});
    this.redrive = h('button', {type: 'button', class: 'strong', text: 'Redrive these…', on: {click: () => this.act('redrive')}});
    this.discard = h('button', {type: 'button', text: 'Discard these…', on: {click: () => this.act('discard')}});
    this.why_not = h('p', {class: 'small faint', text: 'Choose a group, and the status dead, to redrive or discard all that the filter shows; single letters can be opened.'});
    const more = ['kind', 'from', 'to', 'organization'];
    const form = h('form', {class: 'card', 'aria-label': 'Filter of letters', on: {submit: (event) => this.submit(event), change: (event) => this.submit(event)}},
      h('div', {class: 'fields'}, ...kNames.filter((name) => !more.includes(name)).map((name) => this.fields[name].node)),
      h('details', {}, h('summary', {text: 'More filters'}), h('div', {class: 'fields'}, ...more.map((name) => this.fields[name].node))),
      h('div', {class: 'actions'}, h('button', {type: 'submit', class: 'plain', text: 'Filter'}),
        h('button', {type: 'button', class: 'plain', text: 'Clear', on: {click: () => this.app.go('letters', {status: 'dead'})}})));
    this.node = h('div', {class: 'view'},
      h('section', {class: 'section', 'aria-labelledby': 'letters-head'}, h('h2', {id: 'letters-head', tabindex: '-1', text: 'Letters'}),
        h('p', {class: 'faint', text: 'A record that a group cannot take is kept here, whole. Mend its cause, then redrive it.'}), form),
      this.fault,
      h('section', {class: 'section', 'aria-label': 'Reasons'}, this.reasons.node),
      h('section', {class: 'section', 'aria-label': 'Chosen letters'},
        h('div', {class: 'section-head'}, this.status, h('div', {class: 'actions'}, this.redrive, this.discard)), this.why_not,
        this.list.node, this.empty, h('div', {class: 'actions'}, this.next)));
  }

  chooser(row) {
    return h('button', {type: 'button', class: 'quiet', text: words(row.reason), 'aria-label': `Only ${words(row.reason)} of ${row.group}`,
      on: {click: () => this.app.go('letters', {group: row.group, status: row.status, reason: row.reason, path: row.path})}});
  }

  opener(row) {
    return h('button', {type: 'button', class: 'quiet', text: `${row.id}`, 'aria-label': `Open letter ${row.id}`, on: {click: () => open_letter(this.app, row.id, () => this.load())}});
  }

  submit(event) {
    event.preventDefault();
    this.app.go('letters', Object.fromEntries(kNames.map((name) => [name, this.fields[name].control.value])), {keeps_focus: true});
  }

  /** Shown, with the parameters of the address. */
  show(parameters) {
    this.fill_groups();
    for (const name of kNames) this.fields[name].control.value = parameters.get(name) ?? (name === 'status' && !parameters.has('status') ? 'dead' : '');
    this.after = null;
    return this.load();
  }

  fill_groups() {
    const control = this.fields.group.control;
    const names = this.app.store.latest?.groups.map((group) => group.group) ?? [];
    const asked = new URLSearchParams(location.hash.split('?')[1]).get('group');
    const all = [...new Set([...names, ...(asked ? [asked] : [])])];
    if ([...control.options].slice(1).map((option) => option.value).join() === all.join()) return;
    const chosen = control.value || asked || '';
    replace(control, h('option', {value: '', text: 'all groups'}), ...all.map((name) => h('option', {value: name, text: name})));
    control.value = chosen;
  }

  filter() {
    const chosen = Object.fromEntries(kNames.map((name) => [name, this.fields[name].control.value.trim()]).filter(([, value]) => value !== ''));
    for (const name of ['from', 'to']) if (chosen[name]) chosen[name] = zoned(chosen[name]);
    return chosen;
  }

  async load() {
    const turn = (this.turns = (this.turns ?? 0) + 1);
    try {
      const filter = this.filter();
      const [letters, reasons] = await Promise.all([get('/api/letters', {...filter, limit: kPage, after: this.after}), get('/api/letters/reasons', filter)]);
      if (turn !== this.turns) return;  // the filter was changed meanwhile
      this.fault.hidden = true;
      this.fill(letters, reasons.reasons);
    } catch (refusal) {
      if (turn !== this.turns) return;
      say(this.fault, refusal.message);
      this.fault.hidden = false;
    }
  }

  fill({letters, next}, reasons) {
    const all = reasons.reduce((sum, row) => sum + row.letters, 0);
    this.reasons.update(reasons);
    this.list.update(letters);
    this.reasons.node.hidden = reasons.length === 0;
    this.list.node.hidden = letters.length === 0;
    this.empty.hidden = letters.length > 0;
    this.follows = next;
    this.next.hidden = next === null && this.after === null;
    say(this.next, next === null ? 'First page' : 'Next page');
    say(this.status, all === letters.length ? plural(all, 'letter') : `${plural(letters.length, 'letter')} of ${count(all)}`);
    const status = this.fields.status.control.value;
    const can_act = this.fields.group.control.value !== '' && ['', 'dead'].includes(status) && all > 0;
    this.redrive.disabled = this.discard.disabled = !can_act;
    this.why_not.hidden = can_act || all === 0;
    attribute(this.redrive, 'aria-describedby', can_act ? null : 'letters-why-not');
    attribute(this.why_not, 'id', 'letters-why-not');
  }

  turn() {
    this.after = this.follows;
    return this.load();
  }

  act(verb) {
    const {status, ...filter} = this.filter();  // dead letters are meant: those that wait or are over need nothing
    const is_redrive = verb === 'redrive';
    const rate = input('redrive-rate', 'Letters a second (empty: at once)', {type: 'number', min: '1', inputmode: 'numeric'});
    act(this.app, {
      action: `dlq.${verb}`, title: is_redrive ? 'Redrive letters' : 'Discard letters', verb: is_redrive ? 'Redrive' : 'Discard', danger: !is_redrive,
      text: `Dead letters: ${Object.entries(filter).map(([name, value]) => `${name} ${value}`).join(', ')}.`,
      fields: is_redrive ? [rate.node] : null,
      body: () => ({filter, ...(is_redrive && rate.control.value !== '' ? {rate: Number(rate.control.value)} : {})}),
      consequence: is_redrive ? kRedrive : kDiscard,
      after: () => this.load(),
    });
  }

  /** Letters that come or go are seen by the groups' own counts. */
  update(snapshot) {
    this.fill_groups();
    const now = snapshot.groups.map((group) => `${group.letters}/${group.outcomes.dead}/${group.outcomes.parked}`).join();
    const is_news = this.seen !== undefined && this.seen !== now;
    this.seen = now;
    if (is_news && this.after === null) this.load();
  }
}

export function letters(app) {
  const view = new Letters(app);
  return {node: view.node, title: 'Letters', show: (parameters) => view.show(parameters), update: (snapshot) => view.update(snapshot)};
}
