// A mark of state: its form and word say what its colour repeats.
import {attribute, h, say} from './dom.js';

/** state: good, warn, bad, still (paused) or none. Gives {node, update(state, word)}. */
export function mark(state = 'none', word = '') {
  const node = h('span', {class: `state ${state}`, text: word});
  return {
    node,
    update(state_now, word_now) {
      attribute(node, 'class', `state ${state_now}`);
      say(node, word_now);
    },
  };
}
