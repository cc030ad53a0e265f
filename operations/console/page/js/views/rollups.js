// A metric of windows as a chart, with the SQL that gives it, as a table, and as CSV.
import {address, get} from '../api.js';
import {Chart, figure, without_holes} from '../chart.js';
import {attribute, h, replace, say} from '../dom.js';
import {clock, words} from '../format.js';
import {Polled} from '../polled.js';
import {live_table} from '../table.js';

const kEvery = 15000;
const kHour = 3600000;
const kRanges = {'5m': [[1, 'the last hour'], [6, 'the last 6 hours'], [24, 'the last day']], '1h': [[24, 'the last day'], [168, 'the last week']], '1d': [[720, 'the last 30 days'], [2160, 'the last 90 days']]};
const kSteps = {'5m': kHour / 12, '1h': kHour, '1d': 24 * kHour};
const kMetrics = ['total_tasks', 'completed_tasks', 'failed_tasks', 'success_rate', 'avg_execution_time_ms', 'throughput_per_minute'];

function select(id, label, choices) {
  const control = h('select', {id}, ...choices.map(([value, text]) => h('option', {value, text})));
  return {control, node: h('div', {class: 'field'}, h('label', {for: id, text: label}), control)};
}

class Rollups {
  constructor(app) {
    this.app = app;
    this.metric = select('rollups-metric', 'Metric', kMetrics.map((name) => [name, words(name)]));
    this.level = select('rollups-level', 'Windows', [['5m', '5 minutes'], ['1h', 'hours'], ['1d', 'days']]);
    this.range = select('rollups-range', 'Time', []);
    this.organization = select('rollups-organization', 'Organization', [['', 'all']]);
    this.chart = new Chart();
    this.title = h('h3');
    this.none = h('p', {class: 'empty', hidden: true, text: 'No window in this time.'});
    this.sql = h('pre', {class: 'raw', tabindex: '0', role: 'region', 'aria-label': 'SQL'});
    this.copied = h('span', {class: 'small faint', role: 'status'});
    this.csv = h('a', {class: 'button', text: 'Download CSV', download: ''});
    this.rows = live_table('Windows', [
      {head: 'Window', cell: (row) => clock(row[0], 0), is_head: true}, {head: 'Value', cell: (row) => figure(row[1], this.unit), number: true},
      {head: 'Final', cell: (row) => (row[2] ? 'yes' : 'not yet')},
    ], (row) => row[0]);
    this.table = h('details', {}, h('summary', {text: 'As a table'}), this.rows.node);
    this.table.addEventListener('toggle', () => this.fill_table());
    this.polled = new Polled(kEvery, () => get('/api/series', this.parameters()), (series) => this.fill(series));
    this.fill_ranges();
    for (const choice of [this.metric, this.level, this.range, this.organization]) choice.control.addEventListener('change', () => this.changed(choice));
    this.build();
  }

  build() {
    const copy = h('button', {type: 'button', class: 'plain', text: 'Copy', 'aria-label': 'Copy the SQL', on: {click: () => this.copy()}});
    this.node = h('div', {class: 'view'},
      h('section', {class: 'section'}, h('h2', {tabindex: '-1', text: 'Rollups'}), h('p', {class: 'faint', text: 'What weir rollups has made of executions, in windows of event time.'}),
        h('div', {class: 'card'}, h('div', {class: 'fields'}, this.metric.node, this.level.node, this.range.node, this.organization.node))),
      this.polled.fault,
      h('figure', {class: 'card'}, h('div', {class: 'card-head'}, this.title, this.csv), this.chart.node, this.none,
        h('figcaption', {class: 'small faint', text: 'Pale or hollow: the window is not final, late events may still change it. Times are those of your clock.'}), this.table),
      h('section', {class: 'section'}, h('div', {class: 'section-head'}, h('h3', {text: 'The SQL that gives it'}), h('div', {class: 'actions'}, this.copied, copy)), this.sql));
  }

  fill_ranges() {
    replace(this.range.control, ...kRanges[this.level.control.value].map(([hours, text]) => h('option', {value: hours, text})));
    if (this.level.control.value === '5m') this.range.control.value = '6';
  }

  changed(choice) {
    if (choice === this.level) this.fill_ranges();
    this.polled.load();
  }

  parameters() {
    const now = Date.now();
    return {
      metric: this.metric.control.value, level: this.level.control.value, organization: this.organization.control.value,
      from: new Date(now - Number(this.range.control.value) * kHour).toISOString(), to: new Date(now).toISOString(),
    };
  }

  fill(series) {
    this.series = series;
    this.unit = series.unit;
    say(this.title, `${words(series.metric)}, ${series.unit}`);
    say(this.sql, series.sql);
    attribute(this.csv, 'href', address('/api/series.csv', this.parameters()));
    this.none.hidden = series.rows.length > 0;
    this.chart.node.hidden = series.rows.length === 0;
    this.chart.update({...series, rows: without_holes(series.rows, kSteps[series.level])});
    this.fill_table();
  }

  fill_table() {
    if (this.table.open && this.series) this.rows.update([...this.series.rows].reverse());
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.sql.textContent);
      say(this.copied, 'Copied.');
    } catch {
      getSelection().selectAllChildren(this.sql);
      say(this.copied, 'Selected: copy it by Ctrl+C.');
    }
  }

  async show() {
    this.polled.show();
    try {
      const {organizations} = await get('/api/organizations');
      const chosen = this.organization.control.value;
      replace(this.organization.control, h('option', {value: '', text: 'all'}), ...organizations.map((one) => h('option', {value: one.id, text: one.name || one.id})));
      this.organization.control.value = chosen;
    } catch {
      return;  // all organizations together can be shown without their names
    }
  }
}

export function rollups(app) {
  const view = new Rollups(app);
  return {node: view.node, title: 'Rollups', show: () => view.show(), hide: () => view.polled.stop()};
}
