// A view that is asked for again while it is shown.
import {h, say} from './dom.js';

export class Polled {
  /** ask() gives what fill() shows; a refusal is shown in its place, and what was shown before stays. */
  constructor(every, ask, fill) {
    this.every = every;
    this.ask = ask;
    this.fill = fill;
    this.fault = h('p', {class: 'note bad', role: 'alert', hidden: true});
    this.turn = 0;
  }

  show() {
    this.stop();
    return this.load();
  }

  stop() {
    clearTimeout(this.timer);
    ++this.turn;
  }

  async load() {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    try {
      const answer = await this.ask();
      if (turn !== this.turn) return;
      this.fault.hidden = true;
      this.fill(answer);
    } catch (refusal) {
      if (turn !== this.turn) return;
      say(this.fault, refusal.message);
      this.fault.hidden = false;
    }
    this.timer = setTimeout(() => this.load(), this.every);
  }
}
