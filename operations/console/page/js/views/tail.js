// Records of a topic as they come, masked. A reconnect goes on at the place where the stream broke off.
import {act} from '../action.js';
import {address} from '../api.js';
import {open_dialog} from '../dialog.js';
import {attribute, h, replace, say} from '../dom.js';
import {clock, count, plural} from '../format.js';
import {pairs, show_record} from '../raw.js';

const kKept = 200;

function field(id, label, properties) {
  const control = h('input', {id, type: 'text', autocomplete: 'off', spellcheck: 'false', ...properties});
  return {control, node: h('div', {class: 'field'}, h('label', {for: id, text: label}), control)};
}

class Tail {
  constructor(app) {
    this.app = app;
    this.topic = h('select', {id: 'tail-topic'});
    this.fields = {
      partition: field('tail-partition', 'Partition', {inputmode: 'numeric', size: 5}), type: field('tail-type', 'Type', {placeholder: 'user.action'}),
      key: field('tail-key', 'Key'), where: field('tail-where', 'Where', {placeholder: '/after/status=failed'}),
    };
    this.start_button = h('button', {type: 'submit', class: 'strong', text: 'Start'});
    this.status = h('p', {class: 'small faint', role: 'status', text: 'Not started.'});
    this.fault = h('p', {class: 'note bad', role: 'alert', hidden: true});
    this.left = h('p', {class: 'note warn small', hidden: true});
    this.body = h('tbody');
    this.list = h('div', {class: 'scrolls tail', tabindex: '0', role: 'region', 'aria-label': 'Records', hidden: true},
      h('table', {}, h('caption', {text: `The newest ${kKept} records, newest first`}),
        h('thead', {}, h('tr', {}, ...['Time', 'Place', 'Key', 'Value'].map((text) => h('th', {scope: 'col', text})))), this.body));
    this.node = h('div', {class: 'view'}, h('section', {class: 'section'}, h('h2', {tabindex: '-1', text: 'Live tail'}),
      h('form', {class: 'card', 'aria-label': 'Which records', on: {submit: (event) => this.submit(event)}},
        h('div', {class: 'fields'}, h('div', {class: 'field wide'}, h('label', {for: 'tail-topic', text: 'Topic'}), this.topic),
          ...Object.values(this.fields).map((one) => one.node), this.start_button)),
      this.fault, this.status, this.left, this.list));
    app.session.on_change((session) => this.fill_topics(session.topics));
  }

  fill_topics(topics) {
    const chosen = this.topic.value;
    replace(this.topic, ...topics.map((topic) => h('option', {value: topic, text: topic})));
    if (topics.includes(chosen)) this.topic.value = chosen;
    attribute(this.start_button, 'disabled', topics.length === 0);
  }

  submit(event) {
    event.preventDefault();
    if (this.source) this.stop('Stopped.');
    else this.start();
  }

  start() {
    const parameters = {topic: this.topic.value, last: 10};
    for (const [name, one] of Object.entries(this.fields)) parameters[name] = one.control.value.trim();
    replace(this.body);
    this.came = 0;
    this.left_out = 0;
    this.fault.hidden = this.left.hidden = true;
    this.list.hidden = true;
    say(this.start_button, 'Stop');
    say(this.status, 'Waiting for records …');
    this.source = new EventSource(address('/api/tail', parameters));
    this.source.addEventListener('record', (message) => this.take(JSON.parse(message.data)));
    this.source.addEventListener('left_out', (message) => this.leave_out(JSON.parse(message.data).records));
    this.source.addEventListener('fault', (message) => this.fail(JSON.parse(message.data).detail));
    this.source.addEventListener('error', () => this.broke());
  }

  broke() {
    if (this.source?.readyState === EventSource.CLOSED) this.fail('The console refuses this tail: there may be four already, or a filter that it cannot read.');
    else if (this.source) say(this.status, 'Connection lost; it goes on where it broke off.');
  }

  fail(detail) {
    this.stop('Stopped.');
    say(this.fault, detail);
    this.fault.hidden = false;
  }

  stop(words) {
    this.source?.close();
    this.source = null;
    say(this.start_button, 'Start');
    say(this.status, this.came ? `${words} ${plural(this.came, 'record')} came.` : words);
  }

  take(record) {
    this.list.hidden = false;
    ++this.came;
    if (this.came === 1) say(this.status, 'Records come.');
    const value = record.value ?? '(tombstone)';
    const open = h('button', {type: 'button', class: 'quiet mono', text: `${record.partition}:${record.offset}`,
      'aria-label': `Open record ${record.partition}:${record.offset}`, on: {click: () => this.open(record)}});
    this.body.prepend(h('tr', {}, h('td', {text: clock(record.time)}), h('th', {scope: 'row'}, open), h('td', {class: 'mono', text: record.key ?? ''}),
      h('td', {class: 'mono one-line', text: value.length > 400 ? `${value.slice(0, 400)}…` : value})));
    while (this.body.children.length > kKept) this.body.lastChild.remove();
  }

  leave_out(records) {
    this.left_out += records;
    say(this.left, `${count(this.left_out)} records came too fast and are not shown: choose fewer by a filter.`);
    this.left.hidden = false;
  }

  open(record) {
    const dialog = open_dialog(`Record ${record.partition}:${record.offset}`);
    const body = h('div', {class: 'section'});
    dialog.body.append(pairs([['Topic', record.topic], ['Partition', record.partition], ['Offset', record.offset], ['Time', clock(record.time)]]), body);
    show_record(body, record);
    const {topic, partition, offset} = record;
    dialog.end.append(h('button', {type: 'button', text: 'Unmask', on: {click: () => act(this.app, {
      action: 'record.unmask', title: 'Unmask a record', verb: 'Unmask', body: () => ({topic, partition, offset}),
      show: (answer) => show_record(body, answer.record), consequence: 'Personal data become visible on this screen.',
    })}}));
  }

  hide() {
    if (this.source) this.stop('Stopped, since another view was opened.');
  }

  /** Without Kafka the console knows no topics: they are asked for again. */
  show() {
    if (this.topic.options.length === 0) this.app.load_session();
  }
}

export function tail(app) {
  const view = new Tail(app);
  return {node: view.node, title: 'Live tail', show: () => view.show(), hide: () => view.hide()};
}
