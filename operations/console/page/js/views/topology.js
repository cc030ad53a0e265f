// How events flow: sources, topics, groups, tables. On a wide page lines join them; on a narrow one each says in words who reads it.
import {attribute, h, keyed, replace, s, say} from '../dom.js';
import {bytes, plural, rate, seconds} from '../format.js';
import {state_of} from '../needs.js';
import {mark} from '../state.js';

const short = (topic) => topic.replace(/^weir\./, '');

function column(title, kind) {
  const list = h('ul');
  return {node: h('section', {class: `flow-column ${kind}`, 'aria-label': title}, h('h3', {class: 'small faint', text: title}), list), list};
}

/** A place of the flow: a name, a figure, a line of words. */
function place(kind, name) {
  const figure = h('span', {class: 'flow-figure number'});
  const state = mark();
  const words = h('span', {class: 'flow-words small faint'});
  const title = h('span', {class: 'flow-name', text: kind === 'topic' ? short(name) : name, title: name});
  state.node.hidden = true;
  const node = h('li', {class: `flow-place ${kind}`, 'data-place': `${kind}:${name}`}, title, figure, state.node, words);
  return {
    node,
    show({value, of, text}) {
      say(figure, value ?? '');
      state.node.hidden = !of;
      if (of) state.update(of.state, of.word);
      say(words, text ?? '');
      words.hidden = !text;
    },
  };
}

function shown_of(list, kind, items, name_of, tell) {
  keyed(list, items, name_of, (item) => {
    const made = place(kind, name_of(item));
    return {node: made.node, update: (now) => made.show(tell(now))};
  });
}

function tell_source(source) {
  return {
    value: bytes(source.retained_bytes),
    of: source.active ? {state: 'good', word: 'Read'} : {state: 'bad', word: 'Idle'},
    text: `slot ${source.slot}`,
  };
}

export class Topology {
  constructor(app) {
    this.app = app;
    this.columns = {source: column('Sources', 'sources'), topic: column('Topics, records a second', 'topics'), group: column('Groups, lag', 'groups'), table: column('Tables', 'tables')};
    this.lines = s('svg', {class: 'flow-lines', 'aria-hidden': 'true'});
    this.quiet = h('button', {type: 'button', class: 'quiet small', 'aria-expanded': 'false', on: {click: () => this.toggle()}});
    this.columns.topic.node.append(this.quiet);
    this.flow = h('div', {class: 'flow'}, this.lines, ...Object.values(this.columns).map((one) => one.node));
    this.node = h('section', {class: 'section', 'aria-labelledby': 'flow-head'}, h('div', {class: 'section-head'}, h('h2', {id: 'flow-head', text: 'Flow'}),
      h('p', {class: 'small faint', text: 'The wider a line, the more records a second.'})), this.flow);
    this.shows_all = false;
    this.flow.addEventListener('pointerover', (event) => this.point(event.target.closest?.('.flow-place')));
    this.flow.addEventListener('pointerleave', () => this.point(null));
    new ResizeObserver(() => this.join()).observe(this.flow);
  }

  toggle() {
    this.shows_all = !this.shows_all;
    this.update(this.snapshot);
  }

  update(snapshot) {
    this.snapshot = snapshot;
    const readers = new Map();
    for (const group of snapshot.groups) for (const topic of group.topics) readers.set(topic.topic, [...(readers.get(topic.topic) ?? []), group.group]);
    const is_busy = (topic) => this.app.store.active_topics.has(topic.topic);
    const quiet = snapshot.topics.filter((topic) => !is_busy(topic)).length;
    const topics = this.shows_all ? snapshot.topics : snapshot.topics.filter(is_busy);
    this.quiet.hidden = quiet === 0;
    say(this.quiet, this.shows_all ? `Hide ${plural(quiet, 'topic')} without traffic` : `Show ${plural(quiet, 'topic')} without traffic`);
    attribute(this.quiet, 'aria-expanded', String(this.shows_all));
    shown_of(this.columns.source.list, 'source', snapshot.sources, (source) => source.database || source.slot, tell_source);
    shown_of(this.columns.topic.list, 'topic', topics, (topic) => topic.topic,
      (topic) => ({value: rate(topic.in_per_second), text: `${readers.has(topic.topic) ? `to ${readers.get(topic.topic).map(short).join(', ')}` : 'read by no group'}`}));
    shown_of(this.columns.group.list, 'group', snapshot.groups, (group) => group.group,
      (group) => ({value: seconds(group.lag_seconds), of: state_of(group), text: group.tables.length > 0 ? `writes ${group.tables.join(', ')}` : null}));
    const tables = snapshot.groups.flatMap((group) => group.tables.map((name) => ({name, group: group.group})));
    this.columns.table.node.hidden = tables.length === 0;
    this.flow.classList.toggle('without-tables', tables.length === 0);
    shown_of(this.columns.table.list, 'table', tables, (table) => table.name, (table) => ({text: `by ${table.group}`}));
    this.edges = this.edges_of(snapshot, topics);
    this.join();
  }

  edges_of(snapshot, topics) {
    const edges = [];
    const is_shown = new Set(topics.map((topic) => topic.topic));
    for (const source of snapshot.sources) {
      for (const topic of topics) {
        if (topic.topic.includes('.cdc.') || topic.topic.includes('.outbox')) edges.push({from: `source:${source.database || source.slot}`, to: `topic:${topic.topic}`, rate: topic.in_per_second});
      }
    }
    for (const group of snapshot.groups) {
      for (const topic of group.topics) {
        if (is_shown.has(topic.topic)) edges.push({from: `topic:${topic.topic}`, to: `group:${group.group}`, rate: topic.out_per_second, state: state_of(group).state});
      }
      for (const table of group.tables) edges.push({from: `group:${group.group}`, to: `table:${table}`, rate: group.out_per_second});
    }
    return edges;
  }

  /** Draws the lines from where the places stand now. */
  join() {
    if (!this.edges || this.flow.clientWidth === 0) return;
    const is_wide = getComputedStyle(this.lines).display !== 'none';
    if (!is_wide) return;
    const frame = (this.frame = this.flow.getBoundingClientRect());
    const places = (this.places = new Map([...this.flow.querySelectorAll('.flow-place')].map((node) => [node.dataset.place, node.getBoundingClientRect()])));
    attribute(this.lines, 'viewBox', `0 0 ${frame.width} ${frame.height}`);
    keyed(this.lines, this.edges.filter((edge) => places.has(edge.from) && places.has(edge.to)), (edge) => `${edge.from}>${edge.to}`, (edge) => {
      const node = s('path', {'data-from': edge.from, 'data-to': edge.to});
      return {node, update: (now) => this.draw(node, now)};
    });
  }

  draw(node, edge) {
    const frame = this.frame;
    const from = this.places.get(edge.from);
    const to = this.places.get(edge.to);
    const [x1, y1] = [from.right - frame.left, from.top + from.height / 2 - frame.top];
    const [x2, y2] = [to.left - frame.left, to.top + to.height / 2 - frame.top];
    const bend = (x2 - x1) / 2;
    attribute(node, 'd', `M${x1.toFixed(0)} ${y1.toFixed(0)}C${(x1 + bend).toFixed(0)} ${y1.toFixed(0)} ${(x2 - bend).toFixed(0)} ${y2.toFixed(0)} ${x2.toFixed(0)} ${y2.toFixed(0)}`);
    attribute(node, 'stroke-width', (1 + Math.log10(1 + (edge.rate ?? 0)) * 1.2).toFixed(1));
    attribute(node, 'class', `flow-line ${edge.rate > 0 ? 'moves' : ''} ${edge.state ?? ''}`);
  }

  /** Lines of a place that is pointed at stand out. */
  point(node) {
    const name = node?.dataset.place ?? null;
    if (name === this.pointed) return;
    this.pointed = name;
    for (const line of this.lines.children) line.classList.toggle('chosen', name !== null && (line.dataset.from === name || line.dataset.to === name));
    this.lines.classList.toggle('has-chosen', name !== null);
  }
}
