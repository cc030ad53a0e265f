// A dialog holds the focus while it is open and gives it back to what opened it; where that is gone, to the heading of the view.
import {h} from './dom.js';

let opened = 0;

const kFocusable = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';

function hold(dialog, event) {
  if (event.key !== 'Tab') return;
  const all = [...dialog.querySelectorAll(kFocusable)].filter((node) => node.getClientRects().length > 0);
  if (all.length === 0) return;
  const [first, last] = [all[0], all.at(-1)];
  if (event.shiftKey && (document.activeElement === first || document.activeElement === dialog)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

function give_back(opener) {
  if (opener?.isConnected && !opener.disabled && opener.getClientRects().length > 0) opener.focus();
  else document.querySelector('.view:not([hidden]) h2')?.focus();
}

/**
 * Opens a dialog. Gives {body, end, close, node}: body and end are emptied and filled by whoever opened it. on_close is called once, however
 * the dialog was closed.
 */
export function open_dialog(title, {on_close} = {}) {
  const opener = document.activeElement;
  const id = `dialog-${++opened}`;
  const body = h('div', {class: 'section'});
  const end = h('div', {class: 'dialog-end'});
  const close_button = h('button', {type: 'button', class: 'plain', text: 'Close', on: {click: () => node.close()}});
  const node = h('dialog', {'aria-labelledby': id},
    h('div', {class: 'dialog-body'}, h('div', {class: 'dialog-head'}, h('h2', {id, text: title}), close_button), body, end));
  node.addEventListener('keydown', (event) => hold(node, event));
  node.addEventListener('close', () => {
    node.remove();
    give_back(opener);
    on_close?.();
  });
  document.body.append(node);
  node.showModal();
  return {node, body, end, close: () => node.close()};
}
