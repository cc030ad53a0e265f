// What is wrong in organizations' windows. Alerts open and resolve by themselves.
import {get} from '../api.js';
import {h, say} from '../dom.js';
import {ago, kUnknown, plural, words} from '../format.js';
import {figure} from '../chart.js';
import {Polled} from '../polled.js';
import {mark} from '../state.js';
import {live_table} from '../table.js';

const kEvery = 10000;

function severity(row) {
  if (row.resolved_at) return mark('good', 'Over').node;
  return row.severity === 'critical' ? mark('bad', 'Critical').node : mark('warn', 'Warning').node;
}

export function alerts() {
  const all = h('input', {type: 'checkbox', id: 'alerts-all'});
  const list = live_table('Alerts, the newest first', [
    {head: 'Severity', cell: severity}, {head: 'Alert', cell: (row) => row.message, is_head: true}, {head: 'Organization', cell: (row) => row.organization ?? 'all'},
    {head: 'Kind', cell: (row) => words(row.kind)}, {head: 'Value', cell: (row) => figure(row.value), number: true},
    {head: 'Threshold', cell: (row) => figure(row.threshold), number: true}, {head: 'Opened', cell: (row) => ago(row.opened_at), short: true},
    {head: 'Over', cell: (row) => (row.resolved_at ? ago(row.resolved_at) : kUnknown)}, {head: 'Remark', cell: (row) => (row.corrected_at ? `corrected ${ago(row.corrected_at)}` : '')},
  ], (row) => row.id);
  const none = h('p', {class: 'empty', hidden: true, text: 'No alert is open.'});
  const status = h('p', {class: 'small faint', role: 'status'});
  const polled = new Polled(kEvery, () => get('/api/alerts', {all: all.checked ? 1 : 0, limit: 100}), (answer) => {
    list.update(answer.alerts);
    list.node.hidden = answer.alerts.length === 0;
    none.hidden = answer.alerts.length > 0;
    const open = answer.alerts.filter((alert) => !alert.resolved_at).length;
    say(status, `${plural(open, 'alert')} open.`);
  });
  all.addEventListener('change', () => polled.load());
  const node = h('div', {class: 'view'}, h('section', {class: 'section'}, h('h2', {tabindex: '-1', text: 'Alerts'}),
    h('p', {class: 'faint', text: 'weir rollups opens and resolves them by itself; nothing is to be acknowledged.'}),
    h('div', {class: 'section-head'}, status, h('div', {class: 'check'}, all, h('label', {for: 'alerts-all', text: 'Also those that are over'}))),
    polled.fault, list.node, none));
  return {node, title: 'Alerts', show: () => polled.show(), hide: () => polled.stop()};
}
