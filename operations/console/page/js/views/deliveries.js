// Messages on their way to people: providers and their breakers, queues, limits, and why a message waits.
import {get} from '../api.js';
import {h, say} from '../dom.js';
import {ago, clock, count, kUnknown, words} from '../format.js';
import {Polled} from '../polled.js';
import {mark} from '../state.js';
import {live_table} from '../table.js';

const kEvery = 5000;

const kStates = {works: ['good', 'Works'], waits: ['still', 'Waits'], fails: ['bad', 'Breaker open'], quiet: ['none', 'No calls']};

const kWhy = {
  user_limit: 'The user has had as many messages as the limit lets through; it goes on by itself.',
  channel_limit: 'The user has had as many messages on this channel as its limit lets through.',
  destination_limit: 'The address has had as many messages as its limit lets through.',
  account_limit: 'The account of the provider has reached its limit.',
  quiet_hours: 'The user does not want to be disturbed now.',
  retry: 'A call failed, and is tried again.',
  account_rests: 'The provider fails or asked to be left alone; its breaker is open.',
};

/** Why a message waits, in a sentence where there is one. */
export const why = (reason) => kWhy[reason] ?? words(reason);

function state_node(row) {
  const [state, word] = kStates[row.state] ?? ['none', words(row.state)];
  return mark(state, word).node;
}

const number = (head, cell) => ({head, cell, number: true});

export function deliveries() {
  const accounts = live_table('Accounts of providers: calls of the last five minutes', [
    {head: 'Account', cell: (row) => row.account, is_head: true}, {head: 'State', cell: state_node},
    {head: 'Until', cell: (row) => (row.until ? clock(row.until) : kUnknown)},
    number('Calls', (row) => count(row.calls)), number('Failed', (row) => count(row.failed)),
    number('Median', (row) => (row.median_ms === null ? kUnknown : `${count(row.median_ms)} ms`)), number('Waiting', (row) => count(row.waiting)),
    {head: 'Last error', cell: (row) => row.last_error || kUnknown},
  ], (row) => row.account);
  const waits = live_table('Why messages wait', [
    {head: 'Reason', cell: (row) => words(row.reason) || 'their turn', is_head: true}, {head: 'Channel', cell: (row) => row.channel},
    number('Messages', (row) => count(row.messages)), {head: 'Next is due', cell: (row) => ago(row.next_due), short: true}, {head: 'Meaning', cell: (row) => why(row.reason) || 'They are about to be sent.'},
  ], (row) => `${row.reason}/${row.channel}`);
  const channels = live_table('Queues', [
    {head: 'Channel', cell: (row) => row.channel, is_head: true}, number('Waiting', (row) => count(row.waiting)), number('Due now', (row) => count(row.due)),
    {head: 'Oldest is due', cell: (row) => ago(row.oldest_due), short: true}, number('In hand', (row) => count(row.leased)),
  ], (row) => row.channel);
  const limits = live_table('Limits: how many messages each may have', [
    {head: 'Of each', cell: (row) => words(row.scope), is_head: true}, {head: 'Only', cell: (row) => row.subject || 'all'},
    number('A minute', (row) => count(row.minute_rate)), number('At once', (row) => count(row.minute_burst)),
    number('An hour', (row) => count(row.hour_rate)), number('At once, of an hour', (row) => count(row.hour_burst)),
  ], (row) => `${row.scope}/${row.subject}`);
  const messages = live_table('Messages that wait longest', [
    {head: 'Message', cell: (row) => row.id, is_head: true, mono: true}, {head: 'Channel', cell: (row) => row.channel}, {head: 'Template', cell: (row) => row.template},
    {head: 'Status', cell: (row) => words(row.status)}, {head: 'Waits for', cell: (row) => words(row.waits_for) || kUnknown},
    {head: 'Why', cell: (row) => why(row.reason) || kUnknown}, {head: 'Due', cell: (row) => ago(row.due_at), short: true}, number('Tries', (row) => count(row.attempts)),
  ], (row) => row.id);
  const none = h('p', {class: 'empty', text: 'No message waits.', hidden: true});
  const at = h('p', {class: 'small faint', text: 'Looking …'});
  const polled = new Polled(kEvery, () => get('/api/notifications'), (answer) => {
    accounts.update(answer.accounts);
    waits.update(answer.waits);
    channels.update(answer.channels);
    limits.update(answer.limits);
    messages.update(answer.messages);
    waits.node.hidden = answer.waits.length === 0;
    messages.node.hidden = answer.messages.length === 0;
    none.hidden = answer.messages.length > 0;
    say(at, `As of ${clock(answer.at)}.`);
  });
  const part = (title, ...nodes) => h('section', {class: 'section'}, h('h3', {text: title}), ...nodes);
  const node = h('div', {class: 'view'},
    h('section', {class: 'section'}, h('h2', {tabindex: '-1', text: 'Deliveries'}),
      h('p', {class: 'faint', text: 'Limits only defer: a message that waits is sent when its turn comes.'}), at, polled.fault),
    part('Providers', accounts.node), part('What waits', waits.node, messages.node, none), part('Queues', channels.node), part('Limits', limits.node));
  return {node, title: 'Deliveries', show: () => polled.show(), hide: () => polled.stop()};
}
