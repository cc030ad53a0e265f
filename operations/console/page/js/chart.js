// Curves as plain SVG: small ones of a group's last two minutes, and the large one of a rollup.
import {attribute, h, replace, s, say} from './dom.js';
import {clock, count, is_known, kUnknown} from './format.js';

/** The end of an axis: the next 1, 2, 3, 4, 5, 6 or 8 with zeros. */
export function nice(highest) {
  if (!(highest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  for (const factor of [1, 2, 3, 4, 5, 6, 8]) if (factor * power >= highest * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/** Rows of a series with a row for each window between the first and the last that lacks one: nothing ended there. step in ms. */
export function without_holes(rows, step) {
  const full = [];
  for (const row of rows) {
    const at = Date.parse(row[0]);
    let before = full.length > 0 ? Date.parse(full.at(-1)[0]) + step : at;
    for (; before < at; before += step) full.push([new Date(before).toISOString(), null, true]);
    full.push(row);
  }
  return full;
}

/** Runs of points between holes, as the path of a line. */
export function line_of(points) {
  let path = '';
  let is_open = false;
  for (const [x, y] of points) {
    if (y === null) is_open = false;
    else {
      path += `${is_open ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      is_open = true;
    }
  }
  return path;
}

const kSmall = {width: 240, height: 44, points: 120};

/** What came and what was taken, over each other: {node, update(curve)}. The words beside it say the same, so that it is hidden from readers. */
export function small_curve() {
  const came = s('path', {class: 'curve came'});
  const taken = s('path', {class: 'curve taken'});
  const node = s('svg', {class: 'small-curve', viewBox: `0 0 ${kSmall.width} ${kSmall.height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'}, came, taken);
  return {
    node,
    update(curve) {
      const end = nice(Math.max(1, ...curve.map((point) => Math.max(point.in ?? 0, point.out ?? 0))));
      const place = (name) => curve.map((point, index) => [
        (kSmall.width * (kSmall.points - curve.length + index)) / (kSmall.points - 1),
        point[name] === null ? null : 2 + (kSmall.height - 4) * (1 - Math.min(point[name] / end, 1)),
      ]);
      attribute(came, 'd', line_of(place('in')));
      attribute(taken, 'd', line_of(place('out')));
    },
  };
}

const kFrame = {left: 58, right: 14, top: 14, bottom: 28};
const kTall = 260;

/** A value with as many figures as its axis needs. */
export function figure(value, unit) {
  if (!is_known(value)) return kUnknown;
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits});
  return unit ? `${text} ${unit}` : text;
}

const kSteps = [5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map((minutes) => minutes * 60000);

/** Round times of the reader's clock between two, at most most of them. */
export function times_between(from, to, most) {
  const step = kSteps.find((length) => (to - from) / length <= most) ?? kSteps.at(-1);
  const shift = new Date(from).getTimezoneOffset() * 60000;
  const found = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) found.push(at);
  return found;
}

function time_label(at, is_long) {
  const [date, time] = clock(new Date(at).toISOString(), 0).split(' ');
  return is_long ? date.slice(5) : time.slice(0, 5);
}

/** The chart of a rollup: bars that darken once they are final, a cursor for pointer and arrow keys, and words for who sees neither. */
export class Chart {
  constructor() {
    this.svg = s('svg', {class: 'chart', role: 'img', height: kTall});
    this.cursor_text = h('output', {class: 'chart-value small', 'aria-live': 'polite'});
    this.frame = h('div', {class: 'chart-frame', tabindex: '0', role: 'group', 'aria-label': 'Chart. Left and right arrow keys go through its windows.'}, this.svg);
    this.node = h('div', {class: 'section'}, this.frame, this.cursor_text);
    this.at = null;
    this.frame.addEventListener('pointermove', (event) => this.point(event));
    this.frame.addEventListener('pointerleave', () => this.move(null));
    this.frame.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  update(series) {
    this.series = series;
    this.at = null;
    this.draw();
  }

  x(index) {
    return kFrame.left + (index + 0.5) * this.slot;
  }

  y(value) {
    return kFrame.top + (kTall - kFrame.top - kFrame.bottom) * (1 - Math.min(Math.max(value, 0) / this.end, 1));
  }

  draw() {
    const width = this.frame.clientWidth;
    if (!this.series || width === 0) return;
    const rows = this.series.rows;
    this.slot = (width - kFrame.left - kFrame.right) / Math.max(rows.length, 1);
    this.end = this.series.unit === '%' ? 100 : nice(Math.max(0, ...rows.map((row) => row[1] ?? 0)));
    attribute(this.svg, 'viewBox', `0 0 ${width} ${kTall}`);
    attribute(this.svg, 'width', width);
    this.cursor = s('line', {class: 'cursor', y1: kFrame.top, y2: kTall - kFrame.bottom, visibility: 'hidden'});
    replace(this.svg, ...this.grid(width), ...this.marks(rows), ...this.times(rows, width), this.cursor);
    attribute(this.svg, 'aria-label', this.words(rows));
    this.move(this.at);
  }

  words(rows) {
    const known = rows.filter((row) => row[1] !== null);
    if (known.length === 0) return `${this.series.metric}: no value in this time`;
    const values = known.map((row) => row[1]);
    const unit = this.series.unit;
    return `${this.series.metric.replaceAll('_', ' ')}: ${count(known.length)} windows, lowest ${figure(Math.min(...values), unit)}, highest ${figure(Math.max(...values), unit)}, newest ${figure(values.at(-1), unit)}`;
  }

  grid(width) {
    return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
      const y = this.y(this.end * share);
      return [s('line', {class: 'grid', x1: kFrame.left, x2: width - kFrame.right, y1: y, y2: y}),
        s('text', {class: 'tick', x: kFrame.left - 8, y: y + 4, 'text-anchor': 'end', text: figure(this.end * share)})];
    });
  }

  marks(rows) {
    const is_share = this.series.unit === '%' || this.series.unit === 'ms';
    if (is_share) {
      const place = rows.map((row, index) => [this.x(index), row[1] === null ? null : this.y(row[1])]);
      const open = rows.flatMap((row, index) => (row[1] === null || row[2] ? [] : [s('circle', {class: 'open-point', cx: this.x(index), cy: this.y(row[1]), r: 3})]));
      return [s('path', {class: 'series', d: line_of(place)}), ...open];
    }
    const bottom = this.y(0);
    return rows.flatMap((row, index) => (row[1] === null ? [] : [s('rect', {
      class: row[2] ? 'window' : 'window open', x: this.x(index) - this.slot * 0.42, width: Math.max(this.slot * 0.84, 1), y: this.y(row[1]), height: Math.max(bottom - this.y(row[1]), 0),
    })]));
  }

  times(rows, width) {
    if (rows.length < 2) return [];
    const first = Date.parse(rows[0][0]);
    const last = Date.parse(rows.at(-1)[0]);
    const is_long = last - first > 3 * 86400000;
    return times_between(first, last, Math.max(2, Math.floor(width / 90))).map((at) => s('text', {
      class: 'tick', y: kTall - 8, 'text-anchor': 'middle', text: time_label(at, is_long),
      x: kFrame.left + ((at - first) / (last - first)) * (this.slot * (rows.length - 1)) + this.slot / 2,
    }));
  }

  point(event) {
    const inside = event.clientX - this.frame.getBoundingClientRect().left - kFrame.left;
    const index = Math.floor(inside / this.slot);
    this.move(index >= 0 && index < this.series?.rows.length ? index : null);
  }

  key(event) {
    const last = (this.series?.rows.length ?? 0) - 1;
    const to = {ArrowLeft: (this.at ?? last + 1) - 1, ArrowRight: (this.at ?? -1) + 1, Home: 0, End: last, Escape: null}[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.move(to === null ? null : Math.min(Math.max(to, 0), last));
  }

  move(index) {
    this.at = index;
    const row = index === null ? null : this.series?.rows[index];
    if (this.cursor) attribute(this.cursor, 'visibility', row ? 'visible' : 'hidden');
    if (!row) {
      say(this.cursor_text, this.series ? 'Point at a window, or go through them with the arrow keys.' : '');
      return;
    }
    attribute(this.cursor, 'x1', this.x(index));
    attribute(this.cursor, 'x2', this.x(index));
    say(this.cursor_text, `${clock(row[0])}: ${figure(row[1], this.series.unit)}${row[2] ? '' : ', not final yet'}`);
  }
}
