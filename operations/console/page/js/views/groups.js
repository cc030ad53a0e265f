// A card a group: what comes, what is taken, how far behind, who reads, and the switch that lets it stand still.
import {act} from '../action.js';
import {small_curve} from '../chart.js';
import {attribute, h, keyed, say} from '../dom.js';
import {ago, count, plural, rate, seconds, words} from '../format.js';
import {state_of} from '../needs.js';
import {mark} from '../state.js';
import {live_table} from '../table.js';

function fact(name, title) {
  const value = h('dd', {text: '–'});
  return {node: h('div', {title}, h('dt', {text: name}), value), value};
}

function partitions_table(name) {
  return live_table(`Partitions of ${name}`, [
    {head: 'Partition', cell: (row) => `${row.topic} ${row.partition}`, is_head: true, mono: true},
    {head: 'Lag', cell: (row) => seconds(row.lag_seconds), number: true},
    {head: 'Records', cell: (row) => count(row.lag_records), number: true},
    {head: 'Next offset', cell: (row) => count(row.next_offset), number: true},
    {head: 'Log end', cell: (row) => count(row.log_end), number: true},
    {head: 'Epoch', cell: (row) => count(row.epoch), number: true},
    {head: 'Owner', cell: (row) => (row.paused ? `paused; ${row.owner || 'nobody'}` : row.owner || 'nobody')},
  ], (row) => `${row.topic}/${row.partition}`);
}

class Card {
  constructor(app, group) {
    this.app = app;
    this.name = group.group;
    this.state = mark();
    this.facts = {
      came: fact('In/s', 'Records that come, a second'), taken: fact('Out/s', 'Records that are taken, a second'),
      lag: fact('Lag', 'Age of the oldest record that waits'), waiting: fact('Waiting', 'Records that wait'),
      members: fact('Members', 'Instances that own partitions'), epoch: fact('Epoch', 'How often a partition has changed its owner: the highest'),
    };
    this.curve = small_curve();
    this.pauses = h('ul', {class: 'section small'});
    this.outcomes = h('p', {class: 'small faint'});
    this.partitions = partitions_table(this.name);
    this.members = h('ul', {class: 'small'});
    this.details = h('details', {}, h('summary', {text: 'Members, partitions and epochs'}), h('div', {class: 'section'}, this.members, this.partitions.node));
    this.details.addEventListener('toggle', () => this.open());
    this.pause = h('button', {type: 'button', class: 'plain', text: 'Pause', 'aria-label': `Pause ${this.name}`, on: {click: () => this.switch_to('pause')}});
    this.resume = h('button', {type: 'button', class: 'plain', text: 'Resume', 'aria-label': `Resume ${this.name}`, on: {click: () => this.switch_to('resume')}});
    this.letters = h('a', {class: 'small', href: `#letters?group=${encodeURIComponent(this.name)}`});
    this.node = h('article', {class: 'card', 'aria-label': this.name},
      h('div', {class: 'card-head'}, h('h3', {text: this.name}), this.state.node),
      this.curve.node,
      h('dl', {class: 'facts'}, ...Object.values(this.facts).map((one) => one.node)),
      this.pauses, this.outcomes, this.details,
      h('div', {class: 'card-head'}, h('div', {class: 'actions'}, this.pause, this.resume), this.letters));
  }

  update(group) {
    this.group = group;
    const {state, word} = state_of(group);
    this.state.update(state, word);
    say(this.facts.came.value, rate(group.in_per_second));
    say(this.facts.taken.value, rate(group.out_per_second));
    say(this.facts.lag.value, seconds(group.lag_seconds));
    say(this.facts.waiting.value, count(group.lag_records));
    say(this.facts.members.value, count(group.members.length));
    say(this.facts.epoch.value, count(group.partitions.length > 0 ? Math.max(...group.partitions.map((row) => row.epoch ?? 0)) : null));
    attribute(this.facts.lag.value, 'class', state === 'warn' ? 'warn' : null);
    this.curve.update(this.app.store.curves.get(this.name) ?? []);
    this.tell(group);
    this.pause.hidden = group.pauses.some((pause) => pause.topic === null && pause.partition === null);
    this.resume.hidden = group.pauses.length === 0;
    say(this.letters, group.letters > 0 ? plural(group.letters, 'letter') : 'No letters');
    if (this.details.open) this.open();
  }

  tell(group) {
    const counted = Object.entries(group.outcomes).filter(([, records]) => records > 0);
    say(this.outcomes, counted.map(([outcome, records]) => `${count(records)} ${words(outcome)}`).join(' · '));
    this.outcomes.hidden = counted.length === 0;
    this.pauses.hidden = group.pauses.length === 0;
    keyed(this.pauses, group.pauses, (pause) => `${pause.topic}/${pause.partition}/${pause.since}`, (pause) => {
      const node = h('li', {class: 'note'});
      const place = pause.topic === null ? 'All partitions' : `${pause.topic}${pause.partition === null ? '' : ` partition ${pause.partition}`}`;
      return {node, update: (now) => say(node, `${place}: paused by ${now.by}, ${ago(now.since)}: ${now.why}`)};
    });
  }

  open() {
    if (!this.group) return;
    this.partitions.update(this.group.partitions);
    keyed(this.members, this.group.members, (member) => member.owner, () => {
      const node = h('li');
      return {node, update: (member) => say(node, `${member.owner}: ${plural(member.partitions, 'partition')}`)};
    });
  }

  switch_to(verb) {
    const is_pause = verb === 'pause';
    act(this.app, {
      action: `groups.${verb}`,
      title: `${is_pause ? 'Pause' : 'Resume'} ${this.name}`,
      verb: is_pause ? 'Pause' : 'Resume',
      body: () => ({place: {group: this.name, topic: null, partition: null}}),
      consequence: is_pause ? 'The group stands still until somebody resumes it. Records wait in Kafka, as long as its retention keeps them.' : null,
    });
  }
}

/** {node, update(snapshot)} */
export function groups(app) {
  const cards = h('div', {class: 'cards'});
  const node = h('section', {class: 'section', 'aria-labelledby': 'groups-head'},
    h('div', {class: 'section-head'}, h('h2', {id: 'groups-head', text: 'Groups'}),
      h('p', {class: 'legend small faint'}, h('span', {class: 'key came', text: 'what comes'}), h('span', {class: 'key taken', text: 'what is taken'}), 'the last two minutes')),
    cards);
  return {
    node,
    update: (snapshot) => keyed(cards, snapshot.groups, (group) => group.group, (group) => new Card(app, group)),
  };
}
