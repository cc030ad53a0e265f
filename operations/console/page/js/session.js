// Who looks. Reading needs no login; an action does, and asks for it when it is needed.
import {get, post} from './api.js';
import {open_dialog} from './dialog.js';
import {h, say} from './dom.js';

export class Session {
  constructor({button, name, announce}) {
    this.button = button;
    this.name = name;
    this.announce = announce;
    this.now = {login: 'off', name: null, topics: [], version: ''};
    this.listeners = [];
    button.addEventListener('click', () => (this.is_done() ? this.leave() : this.enter()));
  }

  is_done() {
    return this.now.login === 'done';
  }

  on_change(listener) {
    this.listeners.push(listener);
  }

  async load() {
    this.show(await get('/api/session'));
  }

  show(session) {
    this.now = session;
    this.button.hidden = session.login === 'off';
    say(this.button, session.login === 'done' ? 'Log out' : 'Log in');
    this.name.classList.toggle('known', session.login === 'done');
    say(this.name, session.login === 'done' ? session.name : 'read only');
    for (const listener of this.listeners) listener(session);
  }

  async leave() {
    this.show(await post('/api/logout'));
    this.announce('Logged out');
  }

  /** Asks for a token. True once somebody is logged in, false where the dialog was closed. */
  enter() {
    return new Promise((resolve) => {
      const dialog = open_dialog('Log in', {on_close: () => resolve(this.is_done())});
      if (this.now.login === 'off') {
        dialog.body.append(h('p', {text: 'This console is read-only: it was started without a tokens file (--tokens-file), so nobody can log in.'}));
        return;
      }
      const fault = h('p', {class: 'note bad', role: 'alert', hidden: true});
      const token = h('input', {id: 'token', type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false'});
      const form = h('form', {class: 'section', on: {submit: (event) => this.submit(event, dialog, token, fault)}},
        h('p', {class: 'faint', text: 'Your token stands in the console\'s tokens file. What you do is recorded under your name.'}),
        h('div', {class: 'field'}, h('label', {for: 'token', text: 'Token'}), token),
        fault,
        h('div', {class: 'dialog-end'}, h('button', {type: 'submit', class: 'strong', text: 'Log in'})));
      dialog.body.append(form);
      token.focus();
    });
  }

  async submit(event, dialog, token, fault) {
    event.preventDefault();
    fault.hidden = true;
    try {
      this.show(await post('/api/login', {token: token.value}));
      this.announce(`Logged in as ${this.now.name}`);
      dialog.close();
    } catch (refusal) {
      say(fault, refusal.message);
      fault.hidden = false;
      token.select();
    }
  }

  /** Runs what needs a login: asks for one first where there is none, and once more where it has ended meanwhile. */
  async run(action) {
    if (!this.is_done() && !(await this.enter())) return null;
    try {
      return await action();
    } catch (refusal) {
      if (refusal.code !== 'login_needed') throw refusal;
      this.show({...this.now, login: 'needed', name: null});
      return (await this.enter()) ? action() : null;
    }
  }
}
