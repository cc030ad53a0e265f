// What operators decided: who, when, and why.
import {get} from '../api.js';
import {h} from '../dom.js';
import {clock} from '../format.js';
import {Polled} from '../polled.js';
import {live_table} from '../table.js';

const kEvery = 10000;

/** {"group":"weir.rollups","letters":12} as 'group weir.rollups, letters 12'. */
function flat(value) {
  if (value === null || typeof value !== 'object') return String(value ?? '');
  return Object.entries(value).filter(([, one]) => one !== null && one !== '').map(([name, one]) => `${name} ${typeof one === 'object' ? JSON.stringify(one) : one}`).join(', ');
}

export function log() {
  const list = live_table('Decisions, newest first', [
    {head: 'When', cell: (row) => clock(row.at), short: true}, {head: 'Who', cell: (row) => row.by}, {head: 'What', cell: (row) => row.command, is_head: true},
    {head: 'Of what', cell: (row) => flat(row.filter)}, {head: 'Result', cell: (row) => flat(row.counts)}, {head: 'Why', cell: (row) => row.why},
  ], (row) => row.id);
  const none = h('p', {class: 'empty', hidden: true, text: 'Nobody has decided anything yet.'});
  const polled = new Polled(kEvery, () => get('/api/actions', {limit: 50}), (answer) => {
    list.update(answer.actions);
    list.node.hidden = answer.actions.length === 0;
    none.hidden = answer.actions.length > 0;
  });
  const node = h('div', {class: 'view'}, h('section', {class: 'section'}, h('h2', {tabindex: '-1', text: 'Decisions'}),
    h('p', {class: 'faint', text: 'By the command line and by this page, kept in weir.operator_actions.'}), polled.fault, list.node, none));
  return {node, title: 'Decisions', show: () => polled.show(), hide: () => polled.stop()};
}
