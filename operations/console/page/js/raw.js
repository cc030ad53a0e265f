// A record as it is: headers, key and value, as text. What it holds was written by others and is shown letter by letter.
import {h, replace} from './dom.js';
import {table} from './table.js';

/** JSON with its indents; any other text as it stands. */
export function laid_out(text) {
  if (text === null || text === undefined) return '(no value)';
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A number in JSON may have more digits than a script keeps: then the text is not laid out anew. */
function is_same(text, laid) {
  const bare = (value) => value.replace(/\s+/g, '');
  return bare(text) === bare(laid);
}

function value_of(text) {
  if (text === null || text === undefined) return h('p', {class: 'faint', text: 'No value: a tombstone.'});
  const laid = laid_out(text);
  return h('pre', {class: 'raw', tabindex: '0', role: 'region', 'aria-label': 'Value', text: is_same(text, laid) ? laid : text});
}

/** Pairs of words and texts; those without a text are left out. */
export function pairs(all) {
  return h('dl', {class: 'pairs'}, ...all.filter(([, text]) => text !== null && text !== undefined && text !== '')
    .flatMap(([word, text]) => [h('dt', {text: word}), h('dd', {}, text instanceof Node ? text : String(text))]));
}

/** Fills parent with a record's headers, key and value. */
export function show_record(parent, record) {
  replace(parent,
    record.masked ? h('p', {class: 'small faint', text: 'Personal columns are masked (***).'}) : h('p', {class: 'note warn small', text: 'Shown unmasked. That you looked is recorded.'}),
    record.headers.length > 0
      ? table('Headers', [{head: 'Name', cell: (row) => row[0], is_head: true, mono: true}, {head: 'Text', cell: (row) => row[1], mono: true}], record.headers)
      : h('p', {class: 'faint', text: 'No headers.'}),
    h('h3', {text: 'Key'}), h('pre', {class: 'raw', text: record.key ?? '(no key)'}),
    h('h3', {text: 'Value'}), value_of(record.value));
}
