// A table with a caption and headers, in a frame that scrolls by itself where it is wider than the page.
import {h, keyed, say} from './dom.js';

function cell_of(column, row) {
  const node = h(column.is_head ? 'th' : 'td', {
    scope: column.is_head ? 'row' : null,
    class: ['number', 'mono', 'short'].filter((name) => column[name]).join(' ') || null,
  });
  const update = (now) => {
    const value = column.cell(now);
    if (!(value instanceof Node)) say(node, value);
    else if (node.firstChild !== value) node.replaceChildren(value);
  };
  update(row);
  return {node, update};
}

function row_of(columns, row) {
  const cells = columns.map((column) => cell_of(column, row));
  return {node: h('tr', {}, ...cells.map((cell) => cell.node)), update: (now) => cells.forEach((cell) => cell.update(now))};
}

/** columns: [{head, cell(row) → text or node, number?, mono?, short?, is_head?}]; short: never broken into lines. Gives {node, update(rows, caption?)}. */
export function live_table(caption, columns, key_of) {
  const title = h('caption', {text: caption});
  const body = h('tbody');
  const head = h('tr', {}, ...columns.map((column) => h('th', {scope: 'col', class: column.number ? 'number' : null},
    column.is_unseen ? h('span', {class: 'unseen', text: column.head}) : column.head)));
  const node = h('div', {class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': caption}, h('table', {}, title, h('thead', {}, head), body));
  return {
    node,
    update(rows, words) {
      if (words !== undefined) say(title, words);
      keyed(body, rows, key_of, (row) => row_of(columns, row));
    },
  };
}

/** The same for rows that do not change. */
export function table(caption, columns, rows) {
  const made = live_table(caption, columns, (row) => rows.indexOf(row));
  made.update(rows);
  return made.node;
}
