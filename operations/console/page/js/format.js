// Numbers, lengths of time and points in time as a tired person reads them. A value that is not known is a dash, never a zero.

export const kUnknown = '–';

const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const tenth = new Intl.NumberFormat('en', {minimumFractionDigits: 1, maximumFractionDigits: 1});

export const is_known = (value) => typeof value === 'number' && Number.isFinite(value);

export function count(value) {
  return is_known(value) ? whole.format(value) : kUnknown;
}

/** Events a second: tenths below ten, because 0.4 is not nothing. */
export function rate(value) {
  if (!is_known(value)) return kUnknown;
  if (value === 0) return '0';
  return value < 9.95 ? tenth.format(Math.max(value, 0.1)) : whole.format(value);
}

/** A length of time, in the two units that matter. */
export function seconds(value) {
  if (!is_known(value)) return kUnknown;
  if (value < 0.05) return '0 s';
  if (value < 9.95) return `${tenth.format(value)} s`;
  if (value < 119.5) return `${whole.format(value)} s`;
  const minutes = Math.round(value / 60);
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

export function bytes(value) {
  if (!is_known(value)) return kUnknown;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = value;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    ++unit;
  }
  return `${unit === 0 || amount >= 100 ? whole.format(amount) : tenth.format(amount)} ${units[unit]}`;
}

/** '1 letter', '2 letters'. */
export function plural(number, word, words = `${word}s`) {
  return `${count(number)} ${number === 1 ? word : words}`;
}

/** Milliseconds since 1970 of an instant that the server wrote; NaN where there is none. */
export function instant(text) {
  return text === null || text === undefined ? NaN : Date.parse(text);
}

const pad = (number) => String(number).padStart(2, '0');

/** The clock of the reader's zone, with the date where it is not today's. */
export function clock(text, now = Date.now()) {
  const at = instant(text);
  if (Number.isNaN(at)) return kUnknown;
  const when = new Date(at);
  const time = `${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`;
  const date = `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())}`;
  return when.toDateString() === new Date(now).toDateString() ? time : `${date} ${time}`;
}

/** '12 s ago', 'in 3 min'. */
export function ago(text, now = Date.now()) {
  const at = instant(text);
  if (Number.isNaN(at)) return kUnknown;
  const distance = (now - at) / 1000;
  if (Math.abs(distance) < 1) return 'now';
  return distance > 0 ? `${seconds(Math.round(distance))} ago` : `in ${seconds(Math.round(-distance))}`;
}

/** A name of the server in words: 'missing_field' is 'missing field'. */
export function words(name) {
  return String(name ?? '').replaceAll('_', ' ');
}
