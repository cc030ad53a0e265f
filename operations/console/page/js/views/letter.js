// One letter: why the group could not take it, its record as it came, and what can be done about it.
import {act} from '../action.js';
import {get} from '../api.js';
import {open_dialog} from '../dialog.js';
import {h, replace} from '../dom.js';
import {clock, count, words} from '../format.js';
import {pairs, show_record} from '../raw.js';

function facts(letter) {
  return pairs([
    ['Group', letter.group], ['Status', words(letter.status)], ['Kind', words(letter.kind)], ['Reason', words(letter.reason)],
    ['Place in the value', letter.path ? h('code', {text: letter.path}) : null], ['Constraint', letter.constraint], ['Waits for', letter.waits_for],
    ['Message', letter.message], ['Tries', count(letter.attempts)], ['Record', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
    ['When', clock(letter.time)], ['Trace', letter.trace_id ? h('code', {text: `weir trace ${letter.trace_id}`}) : null],
  ]);
}

/** Opens the letter; after is called when something was done with it. */
export async function open_letter(app, id, after) {
  const dialog = open_dialog(`Letter ${id}`);
  const about = h('div', {class: 'section'}, h('p', {class: 'faint', role: 'status', text: 'Looking …'}));
  const record = h('div', {class: 'section'});
  dialog.body.append(about, record);
  const show = (letter) => {
    replace(about, facts(letter));
    show_record(record, letter);
  };
  const done = () => {
    dialog.close();
    after();
  };
  const choose = (verb, text, danger, consequence) => h('button', {type: 'button', class: danger ? '' : 'strong', text, on: {click: () => act(app, {
    action: `dlq.${verb}`, title: `${text} letter ${id}`, verb: text, danger, consequence, body: () => ({filter: {id}}), after: done,
  })}});
  try {
    const letter = await get(`/api/letters/${id}`);
    show(letter);
    const unmask = h('button', {type: 'button', text: 'Unmask', on: {click: () => act(app, {
      action: 'letter.unmask', title: `Unmask letter ${id}`, verb: 'Unmask', body: () => ({id}), show: (answer) => show(answer.record),
      consequence: 'Personal data become visible on this screen.',
    })}});
    const can_act = ['dead', 'parked'].includes(letter.status);
    replace(dialog.end, unmask, can_act ? choose('discard', 'Discard', true, kDiscard) : null, letter.status === 'dead' ? choose('redrive', 'Redrive', false, kRedrive) : null);
  } catch (refusal) {
    replace(about, h('p', {class: 'note bad', role: 'alert', text: refusal.message}));
  }
}

export const kRedrive = 'The owner of the partition takes the letters through the group again, in turn with new records. Nothing is counted twice; a letter that fails again stays, with one more try.';
export const kDiscard = 'Discarded letters are not taken again. They are kept for a while, then removed.';
