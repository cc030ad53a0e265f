// The first view: what needs a person, how events flow, and a card a group.
import {attribute, h, keyed, say} from '../dom.js';
import {ago, count, kUnknown, plural, rate} from '../format.js';
import {needs_of} from '../needs.js';
import {mark} from '../state.js';
import {groups} from './groups.js';
import {Topology} from './topology.js';

function need(item) {
  const state = mark();
  const text = h('p');
  const since = h('span', {class: 'small faint'});
  const link = h('a', {class: 'small'});
  const command = h('code', {class: 'small'});
  return {
    node: h('li', {}, state.node, text, command, link, since),
    update(now) {
      state.update(now.state, now.word);
      say(text, now.text);
      say(since, now.since ? ago(now.since) : '');
      link.hidden = !now.link;
      attribute(link, 'href', now.place);
      say(link, now.link ?? '');
      command.hidden = !now.command;
      say(command, now.command ?? '');
    },
  };
}

/** The sum of what is known; null where nothing is. */
function sum(values) {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : known.reduce((one, other) => one + other, 0);
}

export function overview(app) {
  const verdict = h('p', {class: 'verdict'});
  const totals = h('p', {class: 'faint'});
  const list = h('ul', {class: 'needs'});
  const all = h('div', {class: 'card', hidden: true}, list);
  const topology = new Topology(app);
  const cards = groups(app);
  const node = h('div', {class: 'view'},
    h('section', {class: 'section', 'aria-labelledby': 'overview-head'}, h('h2', {id: 'overview-head', class: 'unseen', tabindex: '-1', text: 'Overview'}), verdict, totals, all),
    topology.node, cards.node);
  return {
    node,
    title: 'Overview',
    update(snapshot) {
      const needs = needs_of(snapshot);
      const worst = needs.length === 0 ? 'good' : needs[0].state;
      say(verdict, needs.length === 0 ? 'All is well.' : `${plural(needs.length, 'thing')} to look at.`);
      attribute(verdict, 'class', `verdict ${worst}`);
      const came = sum(snapshot.topics.map((topic) => topic.in_per_second));
      const lag = sum(snapshot.groups.map((group) => group.lag_records));
      say(totals, `${came === null ? kUnknown : rate(came)} records a second come in; ${count(lag)} wait in ${plural(snapshot.groups.length, 'group')}.`);
      all.hidden = needs.length === 0;
      keyed(list, needs, (item) => `${item.word}/${item.text.replace(/[\d.,]+/g, '')}/${item.since ?? ''}`, need);
      topology.update(snapshot);
      cards.update(snapshot);
    },
  };
}
